package io.cellbelt.graphs;

import io.cellbelt.cells.Activation;
import io.cellbelt.cells.Architecture;
import io.cellbelt.cells.Cell;
import io.cellbelt.cells.Gru;
import io.cellbelt.cells.Layer;
import io.cellbelt.cells.Layer.Direction;
import io.cellbelt.cells.Lstm;
import io.cellbelt.cells.Rnn;
import io.cellbelt.kernels.checks.Sizes;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/**
 * One of ONNX's operators RNN, GRU and LSTM as a layer of this library: its cell, its weights as
 * parameters, and gradients of these the way back.
 *
 * <p>ONNX orders the gates of an LSTM {@code i o f g} and those of a GRU {@code z r n}, and has two
 * biases. Here their sum counts, but for the n of a GRU that resets after the product. With {@code
 * input_forget} the rows of f are not used; their gradient is 0.
 *
 * <p>What happens around a layer is the caller's: {@link #batchFirst}, and that ONNX Runtime's
 * final states of an empty sequence are zeros. Immutable, thread-safe.
 */
public final class OnnxRecurrent {
  private final String op;
  private final Direction direction;
  private final boolean batchFirst;

  /** Of each direction. */
  private final List<Cell> cells;

  private final Tensor w;
  private final Tensor r;

  /** Null where there is none. */
  private final Tensor b;

  private final Tensor p;

  private OnnxRecurrent(
      String op,
      Direction direction,
      boolean batchFirst,
      List<Cell> cells,
      Tensor w,
      Tensor r,
      Tensor b,
      Tensor p) {
    this.op = op;
    this.direction = direction;
    this.batchFirst = batchFirst;
    this.cells = List.copyOf(cells);
    this.w = w;
    this.r = r;
    this.b = b;
    this.p = p;
  }

  /**
   * Reads a node.
   *
   * @param op RNN, GRU or LSTM
   * @param attributes numbers, strings, and lists of them
   * @param inputs W and R, and B and P where the node has them, by these names
   * @throws IllegalArgumentException if an attribute or a shape is not as ONNX says
   */
  public static OnnxRecurrent of(String op, Map<String, ?> attributes, Map<String, Tensor> inputs) {
    Objects.requireNonNull(op, "A recurrent operator has a name, but got null.");
    Objects.requireNonNull(
        attributes, "A recurrent operator has attributes, or an empty map, but got null.");
    Objects.requireNonNull(inputs, "A recurrent operator has inputs, but got null.");
    OnnxAttributes read = new OnnxAttributes(attributes);
    List<Activation> functions = functions(op);
    Direction direction = read.direction();
    int directions = direction == Direction.BIDIRECTIONAL ? 2 : 1;
    Tensor w = weights("W", inputs);
    Tensor r = weights("R", inputs);
    int inputSize = last(w);
    int hiddenSize = last(r);
    if (read.number("hidden_size", hiddenSize) != hiddenSize) {
      throw new IllegalArgumentException(
          "The attribute hidden_size is "
              + (long) read.number("hidden_size", 0)
              + ", but R has the shape "
              + text(r)
              + ".");
    }
    int rows = Sizes.product("rows of W", order(op).length(), hiddenSize);
    check("W", w, directions, rows, inputSize);
    check("R", r, directions, rows, hiddenSize);
    Tensor b = inputs.get("B");
    check("B", b, directions, Sizes.product("biases", 2, rows));
    Tensor p = op.equals("LSTM") ? inputs.get("P") : null;
    check(
        "P",
        p,
        directions,
        Sizes.product("peepholes", OnnxBlocks.PEEPHOLE_ORDER.length(), hiddenSize));
    List<Activation> defaults = new ArrayList<>(functions);
    if (directions == 2) {
      defaults.addAll(functions);
    }
    List<Activation> activations = read.activations(defaults);
    List<Cell> cells = new ArrayList<>();
    for (int d = 0; d < directions; d++) {
      List<Activation> own = activations.subList(d * functions.size(), (d + 1) * functions.size());
      cells.add(cell(op, read, own, inputSize, hiddenSize, p != null));
    }
    return new OnnxRecurrent(op, direction, read.flag("layout"), cells, w, r, b, p);
  }

  /**
   * The attributes of a node as {@link #of} takes them: numbers, texts, and lists of them.
   *
   * @return a map that the caller may change
   * @throws IllegalArgumentException if one is a tensor or a graph
   */
  public static Map<String, Object> attributes(Node node) {
    Objects.requireNonNull(node, "Attributes are those of a node, but got null.");
    return OnnxAttributes.of(node);
  }

  private static List<Activation> functions(String op) {
    return switch (op) {
      case "RNN" -> List.of(Activation.TANH);
      case "GRU" -> List.of(Activation.SIGMOID, Activation.TANH);
      case "LSTM" -> List.of(Activation.SIGMOID, Activation.TANH, Activation.TANH);
      default ->
          throw new IllegalArgumentException(
              "The recurrent operators are RNN, GRU and LSTM, but got '" + op + "'.");
    };
  }

  /** ONNX's order of the gates, in this library's letters. */
  private static String order(String op) {
    return switch (op) {
      case "LSTM" -> "iofg";
      case "GRU" -> "zrn";
      default -> "h";
    };
  }

  private static Cell cell(
      String op,
      OnnxAttributes attributes,
      List<Activation> activations,
      int inputSize,
      int hiddenSize,
      boolean peepholes) {
    float clip = attributes.clip();
    return switch (op) {
      case "LSTM" -> {
        Lstm.Options options =
            Lstm.Options.DEFAULT
                .withActivations(activations.get(0), activations.get(1), activations.get(2))
                .withClip(clip);
        options = peepholes ? options.withPeepholes() : options;
        yield new Lstm(
            inputSize,
            hiddenSize,
            attributes.flag("input_forget")
                ? options.with(Lstm.Coupling.FORGET_FROM_INPUT)
                : options);
      }
      case "GRU" ->
          new Gru(
              inputSize,
              hiddenSize,
              attributes.flag("linear_before_reset") ? Gru.Reset.AFTER : Gru.Reset.BEFORE,
              activations.get(0),
              activations.get(1),
              clip);
      default -> new Rnn(inputSize, hiddenSize, activations.get(0), clip);
    };
  }

  private static int last(Tensor tensor) {
    return tensor.shape()[tensor.rank() - 1];
  }

  private static List<Integer> shape(Tensor tensor) {
    return Arrays.stream(tensor.shape()).boxed().toList();
  }

  private static String text(Tensor tensor) {
    return shape(tensor).toString();
  }

  private static Tensor weights(String name, Map<String, Tensor> inputs) {
    Tensor tensor = inputs.get(name);
    if (tensor == null) {
      throw new IllegalArgumentException("The input " + name + " is missing.");
    }
    if (tensor.rank() != 3) {
      throw new IllegalArgumentException(
          name + " has 3 dimensions, but got the shape " + text(tensor) + ".");
    }
    return tensor;
  }

  private static void check(String name, Tensor tensor, Integer... shape) {
    if (tensor != null && !shape(tensor).equals(List.of(shape))) {
      throw new IllegalArgumentException(
          name + " has the shape " + List.of(shape) + ", but got " + text(tensor) + ".");
    }
  }

  /** I, the length of x at a step. */
  public int inputSize() {
    return cells.getFirst().inputSize();
  }

  /** H, the number of units in each direction. */
  public int hiddenSize() {
    return cells.getFirst().hiddenSize();
  }

  /** Whether it runs forward, in reverse, or both ways. */
  public Direction direction() {
    return direction;
  }

  /** Directions, 1 or 2. */
  public int directions() {
    return cells.size();
  }

  /** Whether its X, Y and states have the batch first. */
  public boolean batchFirst() {
    return batchFirst;
  }

  /** Whether it is one layer: in a layer of this library both directions have equal cells. */
  public boolean isOneLayer() {
    return cells.size() == 1 || cells.getFirst().equals(cells.getLast());
  }

  /**
   * The layer that it is, its directions concatenated.
   *
   * @throws IllegalArgumentException if it is not one layer
   */
  public Layer layer() {
    if (!isOneLayer()) {
      throw new IllegalArgumentException(
          "The two directions of a layer have the same activations, but got "
              + cells
              + "; take each direction by itself.");
    }
    return Layer.of(cells.getFirst()).with(direction);
  }

  /** One of its directions by itself. */
  public OnnxRecurrent only(int index) {
    if (index < 0 || index >= directions()) {
      throw new IllegalArgumentException(
          "There are directions 0 to " + (directions() - 1) + ", but got " + index + ".");
    }
    if (directions() == 1) {
      return this;
    }
    return new OnnxRecurrent(
        op,
        index == 0 ? Direction.FORWARD : Direction.REVERSE,
        batchFirst,
        List.of(cells.get(index)),
        part(w, index),
        part(r, index),
        part(b, index),
        part(p, index));
  }

  private static Tensor part(Tensor both, int index) {
    if (both == null) {
      return null;
    }
    int half = both.size() / 2;
    float[] values = new float[half];
    System.arraycopy(both.floats(), index * half, values, 0, half);
    int[] shape = both.shape();
    shape[0] = 1;
    return Tensor.wrap(ElementType.F32, values, shape);
  }

  /**
   * Its weights as a layer's parameters, by their full names.
   *
   * @param layer the index of {@link #layer} in the architecture
   * @throws IllegalArgumentException if another layer is there
   */
  public Map<String, float[]> parameters(Architecture architecture, int layer) {
    Map<String, float[]> values = new LinkedHashMap<>();
    blocks(architecture, layer)
        .forEach(
            architecture,
            layer,
            cells,
            (name, size, at, block, onnx, from) -> {
              float[] parameter = values.computeIfAbsent(name, key -> new float[size]);
              if (onnx != null) {
                for (int i = 0; i < block; i++) {
                  parameter[at + i] += (float) onnx.doubleAt(from + i);
                }
              }
            });
    return values;
  }

  /**
   * Gradients of a layer's parameters as gradients of W and R, and of B and P where the node has
   * them.
   *
   * @param layer the index of {@link #layer} in the architecture
   * @param gradients by the full names of parameters
   * @throws IllegalArgumentException if another layer is there, or one of its gradients missing
   */
  public Map<String, Tensor> gradients(
      Architecture architecture, int layer, Map<String, float[]> gradients) {
    Objects.requireNonNull(gradients, "Gradients are arrays by name, but got null.");
    Map<Tensor, float[]> sums = new LinkedHashMap<>();
    Map<String, Tensor> results = new LinkedHashMap<>();
    inputs()
        .forEach(
            (name, tensor) -> {
              float[] values = new float[tensor.size()];
              sums.put(tensor, values);
              results.put(name, Tensor.wrap(ElementType.F32, values, tensor.shape()));
            });
    blocks(architecture, layer)
        .forEach(
            architecture,
            layer,
            cells,
            (name, size, at, block, onnx, to) -> {
              float[] gradient = gradients.get(name);
              if (gradient == null || gradient.length != size) {
                throw new IllegalArgumentException(
                    "The gradient of '"
                        + name
                        + "' has "
                        + size
                        + " floats, but there is none such.");
              }
              if (onnx != null) {
                System.arraycopy(gradient, at, sums.get(onnx), to, block);
              }
            });
    return results;
  }

  /** Its weights by ONNX's names. */
  private Map<String, Tensor> inputs() {
    Map<String, Tensor> inputs = new LinkedHashMap<>();
    inputs.put("W", w);
    inputs.put("R", r);
    if (b != null) {
      inputs.put("B", b);
    }
    if (p != null) {
      inputs.put("P", p);
    }
    return Collections.unmodifiableMap(inputs);
  }

  private OnnxBlocks blocks(Architecture architecture, int layer) {
    Objects.requireNonNull(architecture, "A layer is one of an architecture, but got null.");
    int layers = architecture.layers().size();
    if (layer < 0 || layer >= layers) {
      throw new IllegalArgumentException(
          "There are layers 0 to " + (layers - 1) + ", but got " + layer + ".");
    }
    Layer there = architecture.layers().get(layer);
    Layer own = layer();
    if (!there.cell().equals(own.cell()) || there.direction() != own.direction()) {
      throw new IllegalArgumentException(
          "Layer " + layer + " must be like " + own + ", but is " + there + ".");
    }
    return new OnnxBlocks(order(op), hiddenSize(), w, r, b, p);
  }

  @Override
  public String toString() {
    return "OnnxRecurrent[op=" + op + ", direction=" + direction + ", cells=" + cells + "]";
  }
}
