package io.cellbelt.models;

import io.cellbelt.cells.Network;
import io.cellbelt.cells.Weights;
import io.cellbelt.graphs.Graph;
import io.cellbelt.graphs.GraphNetwork;
import io.cellbelt.models.OpenModel.About;
import io.cellbelt.models.audio.AudioJsonReader;
import io.cellbelt.models.audio.AudioModel;
import io.cellbelt.models.keras.KerasReader;
import io.cellbelt.models.onnx.OnnxModel;
import io.cellbelt.models.onnx.OnnxReader;
import io.cellbelt.models.stacks.Reading;
import io.cellbelt.models.stacks.Stack;
import io.cellbelt.models.stacks.StackReader;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.TreeMap;

/**
 * Opens trained models, whatever wrote them: safetensors of this library and of PyTorch, ONNX,
 * Keras, and the JSON of real-time audio. What a file is, its content tells, not its ending.
 *
 * <p>Thread-safe.
 */
public final class Models {
  private Models() {}

  /**
   * Opens a model: as a network, where it is a stack of recurrent layers, and otherwise as a graph,
   * with a remark that says why it is no network.
   *
   * @param path a file, or a folder with a Keras model's config and weights
   * @return what the caller closes
   * @throws ModelFileException if it cannot be read, is no model, or uses what this library does
   *     not support: then the message names all of that at once, and what to do
   * @throws IllegalStateException if this JVM would run the kernels slowly
   */
  public static OpenModel open(Path path) throws ModelFileException {
    Objects.requireNonNull(path, "A model is opened from a file, but got null.");
    ModelFormat format = ModelFormat.of(path);
    if (format == ModelFormat.SAFETENSORS) {
      Model model = ModelFiles.read(path);
      return new OpenModel.Recurrent(
          new Network(model.weights()),
          new About(format.title(), model.metadata(), model.remarks()));
    }
    Described read = read(path, format);
    About about = read.about();
    List<String> remarks = new ArrayList<>(about.remarks());
    return switch (StackReader.read(read.graph())) {
      case Stack(Weights weights, List<String> more) -> {
        remarks.addAll(more);
        yield new OpenModel.Recurrent(new Network(weights), about.with(remarks));
      }
      case Reading.NoStack(String reason) -> {
        remarks.add("It is a graph and no Network: " + reason);
        yield graph(path, new Described(read.graph(), about.with(remarks)));
      }
    };
  }

  /**
   * Opens a model as a graph with the file's own inputs and outputs, also where {@link #open} gives
   * a network.
   *
   * @param path a file, or a folder with a Keras model's config and weights
   * @return what the caller closes
   * @throws ModelFileException as {@link #open}; also for safetensors, which hold no graph
   * @throws IllegalStateException if this JVM would run the kernels slowly
   */
  public static OpenModel.AnyGraph openGraph(Path path) throws ModelFileException {
    Objects.requireNonNull(path, "A model is opened from a file, but got null.");
    return graph(path, read(path, ModelFormat.of(path)));
  }

  private static OpenModel.AnyGraph graph(Path path, Described read) throws ModelFileException {
    try {
      return new OpenModel.AnyGraph(new GraphNetwork(read.graph()), read.about());
    } catch (IllegalArgumentException e) {
      throw ModelFileException.unreadable(path, e.getMessage(), e);
    }
  }

  /**
   * Reads the graph of a model without making it ready to run: to look at it, or to change it.
   *
   * @throws ModelFileException if the file cannot be read, or holds no graph
   */
  public static Graph readGraph(Path path) throws ModelFileException {
    Objects.requireNonNull(path, "A model is read from a file, but got null.");
    return read(path, ModelFormat.of(path)).graph();
  }

  /**
   * Reads the graph of a model, as {@link #readGraph}, and what else its file says.
   *
   * @throws ModelFileException if the file cannot be read, or holds no graph
   */
  public static Described inspect(Path path) throws ModelFileException {
    Objects.requireNonNull(path, "A model is read from a file, but got null.");
    return read(path, ModelFormat.of(path));
  }

  /**
   * Whether a file holds tensors by name, which {@link ModelFiles#inspect} shows, and no graph,
   * which {@link #inspect} reads.
   *
   * @throws ModelFileException if it is certainly no model, or cannot be read
   */
  public static boolean isSafetensors(Path path) throws ModelFileException {
    Objects.requireNonNull(path, "A model is read from a file, but got null.");
    return ModelFormat.of(path) == ModelFormat.SAFETENSORS;
  }

  /**
   * A graph, and what its file says besides. Immutable, thread-safe.
   *
   * @param graph may use what this library does not support
   * @param about the file
   */
  public record Described(Graph graph, About about) {
    /** Checks that both are there. */
    public Described {
      Objects.requireNonNull(graph, "A file of a graph holds one, but got null.");
      Objects.requireNonNull(about, "A graph comes with what its file says, but got null.");
    }

    /** The weights of the network that {@link #open} gives; empty where it gives a graph. */
    public Optional<Weights> stack() {
      return StackReader.read(graph) instanceof Stack stack
          ? Optional.of(stack.weights())
          : Optional.empty();
    }

    /**
     * Why {@link #open} gives a graph and no network: the first reason that was found, a sentence;
     * empty where it gives a network.
     */
    public Optional<String> whyNoStack() {
      return StackReader.read(graph) instanceof Reading.NoStack none
          ? Optional.of(none.reason())
          : Optional.empty();
    }
  }

  private static Described read(Path path, ModelFormat format) throws ModelFileException {
    return switch (format) {
      case ONNX -> {
        OnnxModel model = OnnxReader.read(path);
        Map<String, String> metadata = new TreeMap<>(model.metadata());
        metadata.put("onnx.ir_version", Long.toString(model.irVersion()));
        metadata.put("onnx.opsets", model.opsets().toString());
        if (!model.producer().isEmpty()) {
          metadata.put("onnx.producer", model.producer());
        }
        yield new Described(model.graph(), new About(format.title(), metadata, List.of()));
      }
      case AUDIO_JSON -> {
        AudioModel model = AudioJsonReader.read(path);
        yield new Described(
            model.graph(), new About(format.title(), model.metadata(), model.remarks()));
      }
      case KERAS ->
          new Described(KerasReader.read(path), new About(format.title(), Map.of(), List.of()));
      case SAFETENSORS ->
          throw ModelFileException.unreadable(
              path, "a safetensors file holds tensors and no graph; open it with Models.open.");
    };
  }
}
