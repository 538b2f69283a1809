package io.cellbelt.models.keras;

import io.cellbelt.graphs.Graph;
import io.cellbelt.graphs.Port.Dimension;
import io.cellbelt.models.ModelFileException;
import io.cellbelt.models.keras.ModelConfig.Entry;
import io.cellbelt.models.keras.ModelConfig.Reference;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/**
 * Reads models of Keras 1 to 3, trained and saved, as graphs. Thread-safe.
 *
 * <p>Inputs are called like the model's input layers, or {@code input} where it has none, and
 * outputs like the layers that give them. The size of the batch is open, under the symbol {@code
 * batch}, unless a layer is stateful. Open steps have the symbol {@code time}, or with several such
 * inputs {@code NAME.time} each. A stateful layer adds inputs {@code LAYER.h} and, for an LSTM,
 * {@code LAYER.c}, [batch, units], which are zero where they are not fed, and outputs {@code
 * LAYER.h.next} and {@code LAYER.c.next}; in a bidirectional one they are called {@code
 * LAYER/forward.h} and so on.
 */
public final class KerasReader {
  private static final String BATCH = "batch";
  private static final String TIME = "time";

  private KerasReader() {}

  /**
   * Reads a model.
   *
   * <p>Memory of at most eight times the file's size is taken, or of an archive's unpacked content,
   * which may be 100 times as large as the archive; and a hundred times the config's, of at most 4
   * MiB.
   *
   * @param path a file of Keras 1 or 2 (.h5); an archive of Keras 2.12 or later (.keras); the
   *     config of a model as JSON, with a file of weights beside it, or that file with the config
   *     beside it; or a folder with both
   * @return the model as a graph of ONNX's operators, and of this library's masked ones
   * @throws ModelFileException if it is no model, is damaged, or holds something that cannot be
   *     read exactly; the message names all such things
   */
  public static Graph read(Path path) throws ModelFileException {
    Objects.requireNonNull(path, "A model is read from a file or folder, but got null.");
    try {
      KerasFiles files = KerasFiles.open(path);
      Problems problems = new Problems();
      ModelConfig model = new ConfigReader(files.version(), problems, 0).model(files.config());
      check(problems);
      Graph graph = graph(model, ModelWeights.of(files.weights()), problems);
      check(problems);
      return graph;
    } catch (Misfit e) {
      throw new ModelFileException("Cannot read " + path + ": " + e.getMessage(), e);
    } catch (ArithmeticException e) {
      throw new ModelFileException(
          "Cannot read "
              + path
              + ": its config asks for sizes beyond all that can be. Save the model again in"
              + " Keras.",
          e);
    } catch (IOException e) {
      throw ModelFileException.unreadable(path, e);
    }
  }

  private static void check(Problems problems) {
    if (!problems.isEmpty()) {
      throw Misfit.of(
          "%d of its layers cannot be run here exactly as in Keras:%s",
          problems.size(), problems.lines());
    }
  }

  private static Graph graph(ModelConfig model, ModelWeights weights, Problems problems) {
    GraphWriter graph = new GraphWriter();
    model.inputs().forEach(input -> graph.free(input.layer()));
    List<String> names =
        model.outputs().stream()
            .map(one -> one.output() == 0 ? one.layer() : one.layer() + "." + one.output())
            .map(graph::free)
            .toList();
    Map<String, InputLayer> inputs = inputs(model, weights);
    List<Value> values = new ArrayList<>();
    boolean several = inputs.values().stream().filter(KerasReader::isOpenInTime).count() > 1;
    inputs.forEach(
        (name, input) ->
            values.add(
                graph.input(name, input.type(), shape(name, input, model.isStateful(), several))));
    Scope scope = new Scope(graph, "");
    List<Value> outputs;
    try {
      outputs = new ModelWriter(model, problems).write(scope, weights, values);
    } catch (Misfit e) {
      check(problems);
      throw e;
    }
    for (int i = 0; i < outputs.size(); i++) {
      graph.output(outputs.get(i), names.get(i));
    }
    graph.addKept();
    return graph.graph("");
  }

  /** The model's inputs by name, with shapes. */
  private static Map<String, InputLayer> inputs(ModelConfig model, ModelWeights weights) {
    Map<String, InputLayer> inputs = new LinkedHashMap<>();
    for (Reference reference : model.inputs()) {
      Entry entry =
          model.layers().stream()
              .filter(one -> one.name().equals(reference.layer()))
              .findFirst()
              .orElseThrow();
      if (!(entry.layer() instanceof InputLayer input)) {
        throw Misfit.of(
            "its input %s is no input layer. Save the model again in Keras.",
            Texts.quoted(reference.layer()));
      }
      inputs.put(
          entry.name(),
          input.shape() == null ? new InputLayer(input.type(), guessed(model, weights)) : input);
    }
    return inputs;
  }

  /** The shape of a sequential model's input, by its first layer. */
  private static int[] guessed(ModelConfig model, ModelWeights weights) {
    if (model.layers().size() > 1) {
      Entry first = model.layers().get(1);
      if (first.layer() instanceof NestedModel nested
          && nested.model().layers().getFirst().layer() instanceof InputLayer input
          && input.shape() != null) {
        return input.shape();
      }
      LayerWeights own =
          weights.assign(model.layers()).getOrDefault(first.name(), LayerWeights::none).get();
      int[] shape = first.layer().inputShape(own);
      if (shape != null) {
        return shape;
      }
    }
    throw new Misfit(
        "it does not say the shape of its input. Begin the model with an Input layer, and save it"
            + " again.");
  }

  private static boolean isOpenInTime(InputLayer input) {
    return input.shape().length > 1 && input.shape()[1] < 0;
  }

  private static List<Dimension> shape(
      String name, InputLayer input, boolean keepsBatch, boolean several) {
    List<Dimension> shape = new ArrayList<>();
    for (int i = 0; i < input.shape().length; i++) {
      int size = input.shape()[i];
      String symbol =
          switch (i) {
            case 0 -> BATCH;
            case 1 -> several ? name + "." + TIME : TIME;
            default -> name + "." + i;
          };
      boolean isOpen = size < 0 || (i == 0 && !keepsBatch);
      shape.add(isOpen ? Dimension.open(symbol) : Dimension.of(size));
    }
    return shape;
  }
}
