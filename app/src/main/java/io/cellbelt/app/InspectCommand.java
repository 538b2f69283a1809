package io.cellbelt.app;

import com.google.gson.Gson;
import com.google.gson.GsonBuilder;
import io.cellbelt.models.FileContents;
import io.cellbelt.models.ModelFileException;
import io.cellbelt.models.ModelFiles;
import io.cellbelt.models.Models;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.ExitCode;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code cellbelt inspect}: what a model file holds, and how Java opens it. */
@Command(
    name = "inspect",
    description = {
      "Shows what a model file holds, and the lines of Java that open it.",
      "Of a graph (ONNX, Keras, JSON of real-time audio): inputs, outputs, nodes, what runs of them,"
          + " what a call costs, states, and what would be refused. Of a safetensors file or an"
          + " index: tensors, metadata, and the network that they make."
    },
    sortOptions = false,
    sortSynopsis = false,
    footerHeading = "%nExamples:%n",
    footer = {
      "  cellbelt inspect book.safetensors",
      "  cellbelt inspect silero_vad_v5.onnx --shape input=1,576 --set sr=16000",
      "  cellbelt inspect model.safetensors.index.json --json"
    })
final class InspectCommand implements Callable<Integer> {
  private static final Gson GSON =
      new GsonBuilder().setPrettyPrinting().disableHtmlEscaping().create();

  @Spec private CommandSpec spec;

  @Parameters(index = "0", paramLabel = "FILE", description = "A model of any format.")
  private Path file;

  @Mixin private SetupOptions setups;

  @Option(names = "--json", description = "Prints it as JSON, names and metadata as they are.")
  private boolean json;

  @Override
  public Integer call() throws ModelFileException {
    Report report =
        Models.isSafetensors(file) ? tensors() : GraphReport.of(file, Models.inspect(file), setups);
    Console console = Console.of(spec);
    if (json) {
      console.println(Printable.json(GSON.toJson(report.json())));
    } else {
      report.lines(console).forEach(console::println);
    }
    return ExitCode.OK;
  }

  private Report tensors() throws ModelFileException {
    FileContents contents = ModelFiles.inspect(file);
    NetworkFigures network =
        contents.architecture().isPresent()
            ? NetworkFigures.of(ModelFiles.read(file).weights())
            : null;
    return new TensorsReport(file, contents, network);
  }
}
