package io.cellbelt.models;

import io.cellbelt.cells.Activation;
import io.cellbelt.cells.Architecture;
import io.cellbelt.cells.Cell;
import io.cellbelt.cells.Gru;
import io.cellbelt.cells.Layer;
import io.cellbelt.cells.Lstm;
import io.cellbelt.cells.Lstm.Coupling;
import io.cellbelt.cells.Rnn;
import io.cellbelt.graphs.Attribute;
import io.cellbelt.graphs.ElementType;
import io.cellbelt.graphs.Node;
import io.cellbelt.graphs.OnnxRecurrent;
import io.cellbelt.graphs.Tensor;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * A layer as one of ONNX's recurrent operators.
 *
 * @param attributes those that are not as ONNX has them by default, and the size
 * @param weights by ONNX's names W, R, B, P
 */
record ExportedLayer(
    String operator, Map<String, Attribute> attributes, Map<String, Tensor> weights) {
  /** ONNX's names of the inputs, in their order. */
  static final List<String> INPUTS =
      List.of("X", "W", "R", "B", "sequence_lens", "initial_h", "initial_c", "P");

  /**
   * A layer of an architecture.
   *
   * @param values all parameters by their full names
   * @throws IllegalArgumentException if ONNX has no operator for it
   */
  static ExportedLayer of(Architecture architecture, int l, Map<String, float[]> values) {
    Layer layer = architecture.layers().get(l);
    if (layer.zoneout() > 0) {
      throw refused(l, "zoneout");
    }
    Cell cell = layer.cell();
    Map<String, Attribute> attributes = new LinkedHashMap<>();
    attributes.put("hidden_size", new Attribute.Whole(cell.hiddenSize()));
    attributes.put(
        "direction", new Attribute.Text(layer.direction().name().toLowerCase(Locale.ROOT)));
    int directions = layer.directions();
    String operator =
        switch (cell) {
          case Lstm lstm -> {
            lstm(l, lstm.options(), directions, attributes);
            yield "LSTM";
          }
          case Gru gru -> {
            List<Activation> usual = List.of(Activation.SIGMOID, Activation.TANH);
            functions(List.of(gru.gate(), gru.candidate()), usual, directions, attributes);
            clip(gru.clip(), attributes);
            long after = gru.reset() == Gru.Reset.AFTER ? 1 : 0;
            attributes.put("linear_before_reset", new Attribute.Whole(after));
            yield "GRU";
          }
          case Rnn rnn -> {
            functions(List.of(rnn.activation()), List.of(Activation.TANH), directions, attributes);
            clip(rnn.clip(), attributes);
            yield "RNN";
          }
          default -> throw refused(l, "the cell '" + cell.kind() + "'");
        };
    boolean peepholes = cell instanceof Lstm lstm && lstm.options().peepholes();
    return new ExportedLayer(
        operator, attributes, weights(architecture, l, operator, attributes, peepholes, values));
  }

  private static IllegalArgumentException refused(int layer, String what) {
    return new IllegalArgumentException(
        String.format(
            Locale.ROOT,
            "Layer %d has %s, which ONNX has no operator for; save it as safetensors.",
            layer,
            what));
  }

  private static void lstm(
      int l, Lstm.Options options, int directions, Map<String, Attribute> attributes) {
    if (options.projection() > 0) {
      throw refused(l, "a projection");
    }
    if (options.gateRecurrence()) {
      throw refused(l, "gate recurrence");
    }
    if (!options.without().isEmpty()) {
      throw refused(l, "no gates '" + options.without() + "'");
    }
    if (options.coupling() == Coupling.INPUT_FROM_FORGET) {
      throw refused(l, "an input gate that follows from the forget gate");
    }
    if (options.coupling() == Coupling.FORGET_FROM_INPUT) {
      attributes.put("input_forget", new Attribute.Whole(1));
    }
    functions(
        List.of(options.gate(), options.candidate(), options.output()),
        List.of(Activation.SIGMOID, Activation.TANH, Activation.TANH),
        directions,
        attributes);
    clip(options.clip(), attributes);
  }

  private static void clip(float clip, Map<String, Attribute> attributes) {
    if (clip != Cell.NO_CLIP) {
      attributes.put("clip", new Attribute.Real(clip));
    }
  }

  private static void functions(
      List<Activation> own,
      List<Activation> usual,
      int directions,
      Map<String, Attribute> attributes) {
    if (own.equals(usual)) {
      return;
    }
    List<String> names = new ArrayList<>();
    List<Float> alphas = new ArrayList<>();
    List<Float> betas = new ArrayList<>();
    for (int d = 0; d < directions; d++) {
      for (Activation activation : own) {
        names.add(name(activation.function()));
        if (activation.function().hasAlpha()) {
          alphas.add(activation.alpha());
        }
        if (activation.function().hasBeta()) {
          betas.add(activation.beta());
        }
      }
    }
    attributes.put("activations", new Attribute.Texts(names));
    if (!alphas.isEmpty()) {
      attributes.put("activation_alpha", new Attribute.Reals(alphas));
    }
    if (!betas.isEmpty()) {
      attributes.put("activation_beta", new Attribute.Reals(betas));
    }
  }

  /** ONNX's name of a function, such as HardSigmoid. */
  private static String name(Activation.Function function) {
    StringBuilder name = new StringBuilder();
    for (String word : function.name().split("_", -1)) {
      name.append(word.charAt(0)).append(word.substring(1).toLowerCase(Locale.ROOT));
    }
    return name.toString();
  }

  private static Map<String, Tensor> weights(
      Architecture architecture,
      int l,
      String operator,
      Map<String, Attribute> attributes,
      boolean peepholes,
      Map<String, float[]> values) {
    Layer layer = architecture.layers().get(l);
    int directions = layer.directions();
    int hidden = layer.cell().hiddenSize();
    int gates =
        switch (operator) {
          case "LSTM" -> 4;
          case "GRU" -> 3;
          default -> 1;
        };
    int rows = gates * hidden;
    Map<String, Tensor> zeros = new LinkedHashMap<>();
    zeros.put("W", zeros(directions, rows, layer.cell().inputSize()));
    zeros.put("R", zeros(directions, rows, hidden));
    zeros.put("B", zeros(directions, 2 * rows));
    if (peepholes) {
      zeros.put("P", zeros(directions, 3 * hidden));
    }
    Map<String, Object> plain =
        OnnxRecurrent.attributes(Node.of(operator, List.of(), List.of("Y"), attributes));
    // A gradient goes to where its parameter comes from, and so do values.
    Map<String, Tensor> weights =
        new LinkedHashMap<>(
            OnnxRecurrent.of(operator, plain, zeros).gradients(architecture, l, values));
    weights.computeIfPresent("B", (name, both) -> once(both, directions, rows, kept(layer, rows)));
    return weights;
  }

  private static Tensor zeros(int... shape) {
    int size = Arrays.stream(shape).reduce(1, Math::multiplyExact);
    return Tensor.wrap(ElementType.F32, new float[size], shape);
  }

  /** From which row on ONNX's second bias is one of its own: a GRU's n that is reset after. */
  private static int kept(Layer layer, int rows) {
    boolean own = layer.cell() instanceof Gru gru && gru.reset() == Gru.Reset.AFTER;
    return own ? rows / 3 * 2 : rows;
  }

  /** The sum of ONNX's two biases counts, so that the second is zero, but for its own rows. */
  private static Tensor once(Tensor both, int directions, int rows, int kept) {
    float[] biases = both.floats();
    for (int d = 0; d < directions; d++) {
      int second = (2 * d + 1) * rows;
      Arrays.fill(biases, second, second + kept, 0);
    }
    return Tensor.wrap(ElementType.F32, biases, both.shape());
  }
}
