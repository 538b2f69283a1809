package io.cellbelt.models.audio;

import io.cellbelt.graphs.Attribute;
import io.cellbelt.graphs.Attribute.Whole;
import io.cellbelt.graphs.Attribute.Wholes;
import io.cellbelt.graphs.ElementType;
import io.cellbelt.graphs.Graph;
import io.cellbelt.graphs.Node;
import io.cellbelt.graphs.Port;
import io.cellbelt.graphs.Port.Dimension;
import io.cellbelt.graphs.Tensor;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** A graph of audio that grows node by node: {@link AudioModel} says what it takes and gives. */
final class AudioGraph {
  /** Values of what the model remembers; a few numbers in a file could ask for any memory. */
  static final long MOST_REMEMBERED = 1 << 22;

  /** Values of a sample. */
  static final int MOST_CHANNELS = 1 << 16;

  private static final String INPUT = "input";
  private static final String OUTPUT = "output";
  private static final String NEXT = "_next";
  private static final Dimension TIME = Dimension.open("time");
  private static final Dimension BATCH = Dimension.open("batch");

  private final List<Port> inputs = new ArrayList<>();
  private final List<Port> nexts = new ArrayList<>();
  private final Map<String, Tensor> constants = new LinkedHashMap<>();
  private final List<Node> nodes = new ArrayList<>();
  private int layers;
  private long remembered;
  private long past;

  /**
   * Channels over time.
   *
   * @param value name in the graph
   * @param channels of a sample
   * @param timeFirst whether it is [time, batch, channels], or else [batch, channels, time]
   */
  record Signal(String value, int channels, boolean timeFirst) {}

  /** What is fed. */
  Signal input(int channels) {
    if (channels > MOST_CHANNELS) {
      throw new IllegalArgumentException(
          "A sample may have " + MOST_CHANNELS + " inputs, but there are " + channels + ".");
    }
    inputs.add(new Port(INPUT, ElementType.F32, List.of(TIME, BATCH, Dimension.of(channels))));
    return new Signal(INPUT, channels, true);
  }

  /** The graph that gives a signal. */
  Graph finish(Signal signal, String name) {
    Signal result = timeFirst(signal);
    node("Identity", List.of(result.value()), OUTPUT, Map.of());
    List<Port> outputs = new ArrayList<>();
    Dimension channels = Dimension.of(result.channels());
    outputs.add(new Port(OUTPUT, ElementType.F32, List.of(TIME, BATCH, channels)));
    outputs.addAll(nexts);
    return new Graph(name, inputs, outputs, constants, nodes);
  }

  Signal timeFirst(Signal signal) {
    return signal.timeFirst() ? signal : transposed(signal, 2, 0, 1);
  }

  Signal channelsFirst(Signal signal) {
    return signal.timeFirst() ? transposed(signal, 1, 2, 0) : signal;
  }

  private Signal transposed(Signal signal, long... order) {
    String value =
        node("Transpose", List.of(signal.value()), Map.of("perm", new Wholes(list(order))));
    return new Signal(value, signal.channels(), !signal.timeFirst());
  }

  /** A product with [inputs, outputs] weights and a sum with a bias, or none where it is null. */
  Signal dense(Signal signal, int outputs, float[] weights, float[] bias) {
    Signal in = timeFirst(signal);
    require(in, weights.length / outputs, "dense layer");
    String product =
        node(
            "MatMul",
            List.of(in.value(), constant("weights", weights, in.channels(), outputs)),
            Map.of());
    Signal result = new Signal(product, outputs, true);
    return bias == null ? result : withChannels("Add", result, bias);
  }

  /** A recurrent layer; its states are inputs and outputs of the graph. */
  Signal recurrent(Signal signal, Recurrence layer) {
    Signal in = timeFirst(signal);
    require(in, layer.inputs(), layer.kind().name());
    int hidden = layer.hidden();
    int rows = layer.kind().gates() * hidden;
    List<String> takes = new ArrayList<>();
    takes.add(in.value());
    takes.add(constant("W", layer.w(), 1, rows, layer.inputs()));
    takes.add(constant("R", layer.r(), 1, rows, hidden));
    takes.add(constant("B", layer.b(), 1, 2 * rows));
    takes.add("");
    Dimension one = Dimension.of(1);
    List<Dimension> shape = List.of(one, BATCH, Dimension.of(hidden));
    String sequence = fresh("Y");
    List<String> gives = new ArrayList<>(List.of(sequence));
    String name = "layer" + layers++;
    takes.add(state(name + ".h", shape, layer.h()));
    gives.add(name + ".h" + NEXT);
    if (layer.kind() == Recurrence.Kind.LSTM) {
      takes.add(state(name + ".c", shape, layer.c()));
      gives.add(name + ".c" + NEXT);
    }
    Map<String, Attribute> attributes = new LinkedHashMap<>();
    attributes.put("hidden_size", new Whole(hidden));
    if (layer.kind() == Recurrence.Kind.GRU) {
      attributes.put("linear_before_reset", new Whole(1));
    }
    nodes.add(Node.of(layer.kind().name(), takes, gives, attributes));
    String squeezed = node("Squeeze", List.of(sequence, wholes(1)), Map.of());
    return new Signal(squeezed, hidden, true);
  }

  /** A convolution; the samples before are an input and an output of the graph. */
  Signal convolution(Signal signal, Convolution layer) {
    Signal in = channelsFirst(signal);
    require(in, layer.inputs(), "convolution");
    past += layer.past();
    String extended = in.value();
    if (layer.past() > 0) {
      List<Dimension> shape = List.of(BATCH, Dimension.of(in.channels()), past(layer.past()));
      extended = withHistory(extended, shape, in.channels());
    }
    List<String> takes = new ArrayList<>();
    takes.add(extended);
    int depth = layer.inputs() / layer.groups();
    takes.add(constant("kernel", layer.weights(), layer.outputs(), depth, layer.size()));
    if (layer.bias() != null) {
      takes.add(constant("bias", layer.bias(), layer.outputs()));
    }
    Map<String, Attribute> attributes = new LinkedHashMap<>();
    attributes.put("kernel_shape", new Wholes(list(layer.size())));
    attributes.put("dilations", new Wholes(list(layer.dilation())));
    attributes.put("group", new Whole(layer.groups()));
    return new Signal(node("Conv", takes, attributes), layer.outputs(), false);
  }

  /** How many samples before the newest all convolutions, one after the other, look back. */
  long past() {
    return past;
  }

  /** Size of a dimension of samples that are remembered, if they are not too many. */
  private static Dimension past(long samples) {
    if (samples > MOST_REMEMBERED) {
      throw tooMuch(samples);
    }
    return Dimension.of((int) samples);
  }

  private static IllegalArgumentException tooMuch(long values) {
    return new IllegalArgumentException(
        String.format(
            Locale.ROOT,
            "A model may remember %d values from call to call, but a kernel and its dilation make"
                + " this one remember %d.",
            MOST_REMEMBERED,
            values));
  }

  /**
   * What was before and what is new, along the third dimension.
   *
   * @param shape of what was before
   * @param width values of a sample
   */
  private String withHistory(String value, List<Dimension> shape, long width) {
    int samples = shape.get(2).size();
    remembered += width * samples;
    if (remembered > MOST_REMEMBERED) {
      throw tooMuch(remembered);
    }
    String name = "layer" + layers++ + ".history";
    String before = state(name, shape, new float[(int) width * samples]);
    String all = node("Concat", List.of(before, value), Map.of("axis", new Whole(2)));
    List<String> last = List.of(all, wholes(-samples), wholes(Long.MAX_VALUE), wholes(2));
    node("Slice", last, name + NEXT, Map.of());
    return all;
  }

  /** A convolution over time and features, of channels that are [features, filters]. */
  Signal convolution(Signal signal, Convolution2d layer) {
    Signal in = timeFirst(signal);
    require(in, layer.features() * layer.filtersIn(), "two-dimensional convolution");
    String apart =
        node(
            "Reshape",
            List.of(in.value(), wholes(0, 0, layer.features(), layer.filtersIn())),
            Map.of());
    String value = node("Transpose", List.of(apart), Map.of("perm", new Wholes(list(1, 3, 0, 2))));
    if (layer.past() > 0) {
      List<Dimension> shape =
          List.of(
              BATCH,
              Dimension.of(layer.filtersIn()),
              past(layer.past()),
              Dimension.of(layer.features()));
      value = withHistory(value, shape, in.channels());
    }
    Map<String, Attribute> attributes = new LinkedHashMap<>();
    attributes.put("kernel_shape", new Wholes(list(layer.time(), layer.width())));
    attributes.put("dilations", new Wholes(list(layer.dilation(), 1)));
    attributes.put("strides", new Wholes(list(1, layer.stride())));
    attributes.put("pads", new Wholes(list(0, layer.padBefore(), 0, layer.padAfter())));
    String kernel =
        constant(
            "kernel",
            layer.weights(),
            layer.filtersOut(),
            layer.filtersIn(),
            layer.time(),
            layer.width());
    String bias = constant("bias", layer.bias(), layer.filtersOut());
    String filtered = node("Conv", List.of(value, kernel, bias), attributes);
    String back =
        node("Transpose", List.of(filtered), Map.of("perm", new Wholes(list(2, 0, 3, 1))));
    int channels = layer.outputs();
    String together = node("Reshape", List.of(back, wholes(0, 0, channels)), Map.of());
    return new Signal(together, channels, true);
  }

  private static void require(Signal in, int wanted, String layer) {
    if (in.channels() != wanted) {
      throw new IllegalArgumentException(
          String.format(
              Locale.ROOT,
              "The %s takes %d values a sample, but %d come in.",
              layer,
              wanted,
              in.channels()));
    }
  }

  /** An operator of one signal that changes no shape. */
  Signal unary(String operator, Signal signal, Map<String, Attribute> attributes) {
    return of(node(operator, List.of(signal.value()), attributes), signal);
  }

  /** An operator of two signals of the same channels. */
  Signal binary(String operator, Signal left, Signal right) {
    Signal other = left.timeFirst() ? timeFirst(right) : channelsFirst(right);
    return of(node(operator, List.of(left.value(), other.value()), Map.of()), left);
  }

  /** An operator of a signal and a number for each channel. */
  Signal withChannels(String operator, Signal signal, float[] values) {
    int[] shape = signal.timeFirst() ? new int[] {values.length} : new int[] {values.length, 1};
    String constant = constant("values", values, shape);
    return of(node(operator, List.of(signal.value(), constant), Map.of()), signal);
  }

  /** An operator of a signal and scalars after it. */
  Signal withScalars(String operator, Signal signal, float... scalars) {
    List<String> takes = new ArrayList<>(List.of(signal.value()));
    for (float scalar : scalars) {
      takes.add(constant("scalar", new float[] {scalar}));
    }
    return of(node(operator, takes, Map.of()), signal);
  }

  /** The channels from one on up to another. */
  Signal channels(Signal signal, int from, int to) {
    if (from == 0 && to == signal.channels()) {
      return signal;
    }
    int axis = signal.timeFirst() ? 2 : 1;
    String value =
        node("Slice", List.of(signal.value(), wholes(from), wholes(to), wholes(axis)), Map.of());
    return new Signal(value, to - from, signal.timeFirst());
  }

  private static Signal of(String value, Signal like) {
    return new Signal(value, like.channels(), like.timeFirst());
  }

  private String node(String operator, List<String> takes, Map<String, Attribute> attributes) {
    return node(operator, takes, fresh(operator), attributes);
  }

  private String node(
      String operator, List<String> takes, String gives, Map<String, Attribute> attributes) {
    nodes.add(Node.of(operator, takes, List.of(gives), attributes));
    return gives;
  }

  /** A name of a value that no other has. */
  private String fresh(String stem) {
    return stem.toLowerCase(Locale.ROOT) + "." + (nodes.size() + constants.size());
  }

  private String state(String name, List<Dimension> shape, float[] first) {
    int[] alone = shape.stream().mapToInt(d -> d.isOpen() ? 1 : d.size()).toArray();
    inputs.add(new Port(name, ElementType.F32, shape));
    nexts.add(new Port(name + NEXT, ElementType.F32, shape));
    constants.put(name, Tensor.wrap(ElementType.F32, first, alone));
    return name;
  }

  private String constant(String stem, float[] values, int... shape) {
    String name = fresh(stem);
    constants.put(name, Tensor.wrap(ElementType.F32, values, shape));
    return name;
  }

  /** A vector of whole numbers, the same one for the same numbers. */
  private String wholes(long... values) {
    String name = "wholes" + Arrays.toString(values);
    constants.putIfAbsent(name, Tensor.wrap(ElementType.I64, values, values.length));
    return name;
  }

  private static List<Long> list(long... values) {
    return Arrays.stream(values).boxed().toList();
  }
}
