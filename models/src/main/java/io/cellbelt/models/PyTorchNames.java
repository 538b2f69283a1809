package io.cellbelt.models;

import static io.cellbelt.models.ModelFileException.quote;

import io.cellbelt.cells.Architecture;
import io.cellbelt.cells.Cell;
import io.cellbelt.cells.Gru;
import io.cellbelt.cells.Input;
import io.cellbelt.cells.Layer;
import io.cellbelt.cells.Lstm;
import io.cellbelt.cells.Readout;
import io.cellbelt.cells.Rnn;
import io.cellbelt.cells.Schedule;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** What PyTorch calls its tensors, and what those names and shapes tell. */
final class PyTorchNames {
  private static final Pattern FIRST_LAYER = Pattern.compile("(\\w+)\\.weight_ih_l0");
  private static final String REVERSE = "_reverse";

  private PyTorchNames() {}

  /**
   * A bias that PyTorch stores as two, of which it adds one to {@code W x} and one to {@code U h'}.
   *
   * @param input name of the first
   * @param recurrent name of the second
   * @param length of each
   * @param summed how many of the first rows are summed up; of the others, this library keeps both
   */
  record TwoBiases(String input, String recurrent, int length, int summed) {
    /** The library's bias. */
    float[] join(float[] ofInput, float[] ofRecurrent) {
      float[] bias = new float[2 * length - summed];
      for (int i = 0; i < length; i++) {
        bias[i] = i < summed ? ofInput[i] + ofRecurrent[i] : ofInput[i];
      }
      System.arraycopy(ofRecurrent, summed, bias, length, length - summed);
      return bias;
    }

    /** PyTorch's two; the second is zero where they are summed up. */
    List<float[]> split(float[] bias) {
      float[] ofInput = new float[length];
      float[] ofRecurrent = new float[length];
      System.arraycopy(bias, 0, ofInput, 0, length);
      System.arraycopy(bias, length, ofRecurrent, summed, length - summed);
      return List.of(ofInput, ofRecurrent);
    }
  }

  /** The biases, by the names that this library gives them, of the cells that PyTorch has. */
  static Map<String, TwoBiases> biases(Architecture architecture) {
    Map<String, TwoBiases> biases = new LinkedHashMap<>();
    for (int l = 0; l < architecture.layers().size(); l++) {
      Layer layer = architecture.layers().get(l);
      for (int d = 0; d < layer.directions() && isOfPyTorch(layer.cell()); d++) {
        int hidden = layer.cell().hiddenSize();
        boolean gru = layer.cell() instanceof Gru;
        String gates = layer.cell().schedule().biasedGates();
        int length = Math.multiplyExact(gru ? 3 : gates.length(), hidden);
        biases.put(
            architecture.name(l, d, Schedule.BIAS),
            new TwoBiases(
                architecture.name(l, d, "bias_ih"),
                architecture.name(l, d, "bias_hh"),
                length,
                gru ? 2 * hidden : length));
      }
    }
    return biases;
  }

  /** Whether PyTorch has the kind, whatever its options. */
  private static boolean isOfPyTorch(Cell cell) {
    return switch (cell) {
      case Rnn rnn -> true;
      case Lstm lstm -> true;
      case Gru gru -> gru.reset() == Gru.Reset.AFTER;
      default -> false;
    };
  }

  /**
   * The architecture of a file that does not tell it.
   *
   * @throws IllegalArgumentException if the tensors do not tell it either
   */
  static Architecture architecture(SafetensorsFile content) {
    try {
      return architecture(content, kind(content));
    } catch (IllegalArgumentException e) {
      throw new IllegalArgumentException(
          "it has no metadata entry '"
              + ModelFiles.ARCHITECTURE
              + "', and the names and shapes of its tensors do not tell the architecture. "
              + e.getMessage(),
          e);
    }
  }

  private static String kind(SafetensorsFile content) {
    return content.tensors().stream()
        .map(tensor -> FIRST_LAYER.matcher(tensor.name()))
        .filter(Matcher::matches)
        .map(name -> name.group(1))
        .findFirst()
        .orElseThrow(
            () ->
                new IllegalArgumentException(
                    "There is no tensor such as 'lstm.weight_ih_l0'. Save a model with Cellbelt, or"
                        + " a PyTorch module whose members are named lstm, gru or rnn, embedding"
                        + " and head."));
  }

  private static Architecture architecture(SafetensorsFile content, String kind) {
    Optional<Tensor> w = content.find(kind + ".weight_ih_l0");
    Optional<Tensor> embedding = content.find(Architecture.EMBEDDING);
    Input input =
        embedding.isPresent()
            ? new Input.Embedding(size(embedding, 0), size(w, 1))
            : new Input.Dense(size(w, 1));
    List<Layer> layers = new ArrayList<>();
    while (w.isPresent()) {
      String layer = "_l" + layers.size();
      Layer forward = Layer.of(cell(content, kind, layer, size(w, 1)));
      boolean both = content.find(kind + ".weight_ih" + layer + REVERSE).isPresent();
      layers.add(both ? forward.with(Layer.Direction.BIDIRECTIONAL) : forward);
      w = content.find(kind + ".weight_ih_l" + layers.size());
    }
    int outputs = size(content.find(Architecture.HEAD), 0);
    return new Architecture(input, layers, Readout.linear(outputs));
  }

  private static Cell cell(SafetensorsFile content, String kind, String layer, int inputSize) {
    int h = size(content.find(kind + ".weight_hh" + layer), 1);
    return switch (kind) {
      case "rnn" -> new Rnn(inputSize, h);
      case "gru" -> new Gru(inputSize, h, Gru.Reset.AFTER);
      case "lstm" -> {
        Optional<Tensor> projection = content.find(kind + ".weight_hr" + layer);
        yield projection.isEmpty()
            ? new Lstm(inputSize, h)
            : new Lstm(inputSize, size(projection, 1), Lstm.Options.DEFAULT.withProjection(h));
      }
      default ->
          throw new IllegalArgumentException(
              "PyTorch has the kinds lstm, gru and rnn, but the tensors are of the kind "
                  + quote(kind)
                  + ".");
    };
  }

  /** A size of a matrix; 0, which no layer takes, if there is none. */
  private static int size(Optional<Tensor> matrix, int dimension) {
    return matrix
        .map(Tensor::shape)
        .filter(shape -> shape.size() == 2)
        .map(shape -> shape.get(dimension))
        .orElse(0);
  }
}
