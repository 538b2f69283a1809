package io.cellbelt.app;

import io.cellbelt.graphs.Graph;
import io.cellbelt.graphs.Node;
import io.cellbelt.models.Model;
import io.cellbelt.models.ModelFileException;
import io.cellbelt.models.ModelFiles;
import io.cellbelt.models.Models;
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
      "Models: .onnx for graphs, .safetensors for stacks of recurrent layers. Tensors: .npy, .npz,"
          + " .csv, .safetensors and .wav."
    },
    sortOptions = false,
    sortSynopsis = false,
    footerHeading = "%nExamples:%n",
    footer = {
      "  cellbelt convert wear.keras wear.onnx",
      "  cellbelt convert pytorch.safetensors model.safetensors",
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
      toOnnx(console);
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

  private void toOnnx(Console console) throws ModelFileException {
    if (Models.isSafetensors(in)) {
      throw new Failure(
          "A stack of recurrent layers is not written as ONNX yet; name a .safetensors.");
    }
    Graph graph = Models.readGraph(in);
    Models.writeOnnx(out, graph);
    List<String> own =
        graph.nodes().stream()
            .filter(node -> node.domain().equals(Node.OWN))
            .map(Node::operator)
            .distinct()
            .sorted()
            .toList();
    if (!own.isEmpty()) {
      console.println(
          "Note: it has operators of Cellbelt, which other engines do not know: "
              + String.join(", ", own)
              + ".");
    }
  }

  private void toSafetensors() throws ModelFileException {
    if (!Models.isSafetensors(in)) {
      throw new Failure(
          in + " is a graph, which safetensors cannot hold; name an .onnx as the output.");
    }
    Model model = ModelFiles.read(in);
    ModelFiles.write(out, model.weights(), model.metadata());
  }
}
