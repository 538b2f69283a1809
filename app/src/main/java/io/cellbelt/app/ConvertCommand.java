package io.cellbelt.app;

import io.cellbelt.cells.Weights;
import io.cellbelt.models.Model;
import io.cellbelt.models.ModelFileException;
import io.cellbelt.models.ModelFiles;
import io.cellbelt.models.Models;
import io.cellbelt.models.OnnxExport;
import io.cellbelt.models.data.ValueFiles;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.ExitCode;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code cellbelt convert}: a model, or tensors, in another format. */
@Command(
    name = "convert",
    description = {
      "Writes a model, or tensors, in the format that the ending of a file asks for.",
      "Models: .onnx, or .safetensors for stacks of recurrent layers. Tensors: .npy, .npz, .csv,"
          + " .safetensors and .wav."
    },
    sortOptions = false,
    sortSynopsis = false,
    footerHeading = "%nExamples:%n",
    footer = {
      "  cellbelt convert wear.keras wear.onnx",
      "  cellbelt convert book.safetensors book.onnx",
      "  cellbelt convert outputs.npz outputs.safetensors"
    })
final class ConvertCommand implements Callable<Integer> {
  /** Endings of files that hold tensors and never a model. */
  private static final List<String> DATA = List.of(".npy", ".npz", ".csv", ".tsv", ".wav", ".pb");

  @Spec private CommandSpec spec;

  @Parameters(index = "0", paramLabel = "IN", description = "A model of any format, or tensors.")
  private Path in;

  @Parameters(index = "1", paramLabel = "OUT", description = "The file to write.")
  private Path out;

  @Override
  public Integer call() throws ModelFileException {
    Targets.require(out);
    Map<String, Path> files = new LinkedHashMap<>();
    files.put("the file to read", in);
    files.put("the file to write", out);
    Targets.requireDifferent(files);
    Console console = Console.of(spec);
    if (isData(in) || isData(out)) {
      ValueFiles.write(out, ValueFiles.read(in));
    } else if (ending(out, ".onnx")) {
      toOnnx();
    } else if (ending(out, ".safetensors")) {
      toSafetensors();
    } else {
      throw new Failure(
          "Models are written as .onnx or .safetensors, and tensors as .npy, .npz, .csv,"
              + " .safetensors or .wav, but got "
              + out
              + "; name a file with such an ending.");
    }
    console.println("Wrote " + out + ".");
    return ExitCode.OK;
  }

  private static boolean isData(Path file) {
    return DATA.stream().anyMatch(ending -> ending(file, ending));
  }

  private static boolean ending(Path file, String ending) {
    return file.toString().toLowerCase(Locale.ROOT).endsWith(ending);
  }

  private void toOnnx() throws ModelFileException {
    try {
      if (Models.isSafetensors(in)) {
        OnnxExport.write(out, ModelFiles.read(in).weights());
      } else {
        OnnxExport.write(out, Models.readGraph(in));
      }
    } catch (IllegalArgumentException e) {
      throw new Failure("Cannot convert " + in + ": " + e.getMessage(), e);
    }
  }

  private void toSafetensors() throws ModelFileException {
    if (Models.isSafetensors(in)) {
      Model model = ModelFiles.read(in);
      ModelFiles.write(out, model.weights(), model.metadata());
      return;
    }
    Models.Described read = Models.inspect(in);
    Weights weights =
        read.stack()
            .orElseThrow(
                () ->
                    new Failure(
                        in
                            + " is no stack of recurrent layers, and safetensors hold nothing else;"
                            + " name an .onnx as the output. "
                            + read.whyNoStack().orElseThrow()));
    ModelFiles.write(out, weights, read.about().metadata());
  }
}
