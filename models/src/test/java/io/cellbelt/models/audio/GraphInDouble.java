package io.cellbelt.models.audio;

import io.cellbelt.graphs.Attribute;
import io.cellbelt.graphs.Graph;
import io.cellbelt.graphs.Node;
import io.cellbelt.graphs.Port;
import io.cellbelt.graphs.Tensor;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.DoubleBinaryOperator;
import java.util.function.DoubleUnaryOperator;
import java.util.stream.IntStream;

/** Runs graphs of audio models in double precision, slowly, as ONNX's text describes operators. */
final class GraphInDouble {
  /** An array with a shape. */
  record Value(double[] data, int... shape) {
    static Value of(Tensor tensor) {
      return new Value(tensor.doubles(), tensor.shape());
    }
  }

  private final Graph graph;
  private final Map<String, Value> states = new HashMap<>();
  private Map<String, Value> values;

  /** A graph at its first states, for one stream. */
  GraphInDouble(Graph graph) {
    this.graph = graph;
  }

  /** Runs all steps of a stream, so many at once, and carries states from call to call. */
  static double[] run(Graph graph, double[] input, int channels, int steps) {
    GraphInDouble run = new GraphInDouble(graph);
    int length = input.length / channels;
    double[] all = new double[0];
    for (int from = 0; from < length; from += steps) {
      int to = Math.min(from + steps, length);
      double[] part = Arrays.copyOfRange(input, from * channels, to * channels);
      Value output = run.step(new Value(part, to - from, 1, channels));
      int before = all.length;
      all = Arrays.copyOf(all, before + output.data().length);
      System.arraycopy(output.data(), 0, all, before, output.data().length);
    }
    return all;
  }

  /** One call. */
  Value step(Value input) {
    values = new HashMap<>(states);
    values.put("input", input);
    graph.constants().forEach((name, tensor) -> values.putIfAbsent(name, Value.of(tensor)));
    for (Node node : graph.nodes()) {
      run(node);
    }
    for (Port port : graph.outputs()) {
      if (port.name().endsWith("_next")) {
        String name = port.name().substring(0, port.name().length() - "_next".length());
        states.put(name, values.get(port.name()));
      }
    }
    return values.get("output");
  }

  private void run(Node node) {
    List<Value> in = new ArrayList<>();
    node.inputs().forEach(name -> in.add(name.isEmpty() ? null : values.get(name)));
    switch (node.operator()) {
      case "LSTM", "GRU", "RNN" -> recurrent(node, in);
      default -> values.put(node.outputs().getFirst(), plain(node, in));
    }
  }

  private static Value plain(Node node, List<Value> in) {
    Value x = in.getFirst();
    return switch (node.operator()) {
      case "Identity" -> x;
      case "Tanh" -> unary(x, Math::tanh);
      case "Sigmoid" -> unary(x, GraphInDouble::sigmoid);
      case "Relu" -> unary(x, v -> Math.max(v, 0));
      case "Elu" -> unary(x, v -> v > 0 ? v : Math.expm1(v));
      case "Softsign" -> unary(x, v -> v / (1 + Math.abs(v)));
      case "HardSwish" -> unary(x, v -> v * Math.clamp(v / 6 + 0.5, 0, 1));
      case "LeakyRelu" -> {
        double alpha = ((Attribute.Real) node.attributes().get("alpha")).value();
        yield unary(x, v -> v < 0 ? alpha * v : v);
      }
      case "Clip" -> binary(binary(x, in.get(1), Math::max), in.get(2), Math::min);
      case "Add" -> binary(x, in.get(1), Double::sum);
      case "Sub" -> binary(x, in.get(1), (a, b) -> a - b);
      case "Mul" -> binary(x, in.get(1), (a, b) -> a * b);
      case "Min" -> binary(x, in.get(1), Math::min);
      case "Max" -> binary(x, in.get(1), Math::max);
      case "PRelu" -> binary(x, in.get(1), (v, slope) -> v < 0 ? slope * v : v);
      case "Softmax" -> softmax(x, (int) whole(node, "axis", -1));
      case "MatMul" -> matMul(x, in.get(1));
      case "Transpose" -> transpose(x, wholes(node, "perm"));
      case "Squeeze" -> squeeze(x, (int) in.get(1).data()[0]);
      case "Reshape" -> reshape(x, in.get(1).data());
      case "Concat" -> concat(x, in.get(1), (int) whole(node, "axis", 0));
      case "Slice" -> slice(x, in.get(1).data()[0], in.get(2).data()[0], in.get(3).data()[0]);
      case "Conv" -> conv(node, x, in.get(1), in.size() > 2 ? in.get(2) : null);
      default -> throw new IllegalArgumentException("no operator " + node.describe());
    };
  }

  private static double sigmoid(double x) {
    return 1 / (1 + Math.exp(-x));
  }

  private static long whole(Node node, String name, long otherwise) {
    return node.attributes().get(name) instanceof Attribute.Whole whole ? whole.value() : otherwise;
  }

  private static int[] wholes(Node node, String name) {
    return node.attributes().get(name) instanceof Attribute.Wholes wholes
        ? wholes.values().stream().mapToInt(Long::intValue).toArray()
        : null;
  }

  private static Value unary(Value x, DoubleUnaryOperator f) {
    return new Value(Arrays.stream(x.data()).map(f).toArray(), x.shape());
  }

  private static int size(int... shape) {
    return Arrays.stream(shape).reduce(1, (a, b) -> a * b);
  }

  /** With the shape of the first, to which the second is stretched. */
  private static Value binary(Value x, Value y, DoubleBinaryOperator f) {
    double[] result = new double[x.data().length];
    int rank = x.shape().length;
    int offset = rank - y.shape().length;
    for (int i = 0; i < result.length; i++) {
      int rest = i;
      int index = 0;
      int stride = 1;
      for (int d = rank - 1; d >= offset; d--) {
        int length = y.shape()[d - offset];
        index += (length == 1 ? 0 : rest % x.shape()[d]) * stride;
        stride *= length;
        rest /= x.shape()[d];
      }
      result[i] = f.applyAsDouble(x.data()[i], y.data()[index]);
    }
    return new Value(result, x.shape());
  }

  private static Value softmax(Value x, int axis) {
    int inner = size(Arrays.copyOfRange(x.shape(), axis + 1, x.shape().length));
    int length = x.shape()[axis];
    double[] result = x.data().clone();
    for (int outer = 0; outer < result.length / inner / length; outer++) {
      for (int i = 0; i < inner; i++) {
        int first = outer * length * inner + i;
        int[] all = IntStream.range(0, length).map(k -> first + k * inner).toArray();
        double sum = Arrays.stream(all).mapToDouble(k -> Math.exp(x.data()[k])).sum();
        Arrays.stream(all).forEach(k -> result[k] = Math.exp(x.data()[k]) / sum);
      }
    }
    return new Value(result, x.shape());
  }

  private static Value matMul(Value x, Value w) {
    int inner = w.shape()[0];
    int columns = w.shape()[1];
    int rows = x.data().length / inner;
    double[] result = new double[rows * columns];
    for (int r = 0; r < rows; r++) {
      for (int c = 0; c < columns; c++) {
        for (int k = 0; k < inner; k++) {
          result[r * columns + c] += x.data()[r * inner + k] * w.data()[k * columns + c];
        }
      }
    }
    int[] shape = x.shape().clone();
    shape[shape.length - 1] = columns;
    return new Value(result, shape);
  }

  private static Value transpose(Value x, int... order) {
    int[] shape = Arrays.stream(order).map(d -> x.shape()[d]).toArray();
    double[] result = new double[x.data().length];
    for (int to = 0; to < result.length; to++) {
      int rest = to;
      int[] position = new int[order.length];
      for (int d = order.length - 1; d >= 0; d--) {
        position[order[d]] = rest % shape[d];
        rest /= shape[d];
      }
      int from = 0;
      for (int d = 0; d < order.length; d++) {
        from = from * x.shape()[d] + position[d];
      }
      result[to] = x.data()[from];
    }
    return new Value(result, shape);
  }

  private static Value squeeze(Value x, int axis) {
    int[] shape =
        IntStream.range(0, x.shape().length)
            .filter(d -> d != axis)
            .map(d -> x.shape()[d])
            .toArray();
    return new Value(x.data(), shape);
  }

  private static Value reshape(Value x, double... wanted) {
    int[] shape = new int[wanted.length];
    for (int d = 0; d < shape.length; d++) {
      shape[d] = wanted[d] == 0 ? x.shape()[d] : (int) wanted[d];
    }
    return new Value(x.data(), shape);
  }

  private static Value concat(Value x, Value y, int axis) {
    int outer = size(Arrays.copyOf(x.shape(), axis));
    int ofX = x.data().length / outer;
    int ofY = y.data().length / outer;
    double[] result = new double[x.data().length + y.data().length];
    for (int i = 0; i < outer; i++) {
      System.arraycopy(x.data(), i * ofX, result, i * (ofX + ofY), ofX);
      System.arraycopy(y.data(), i * ofY, result, i * (ofX + ofY) + ofX, ofY);
    }
    int[] shape = x.shape().clone();
    shape[axis] += y.shape()[axis];
    return new Value(result, shape);
  }

  private static Value slice(Value x, double start, double end, double along) {
    int axis = (int) along;
    int length = x.shape()[axis];
    int from = (int) Math.clamp(start < 0 ? start + length : start, 0, length);
    int to = (int) Math.clamp(end < 0 ? end + length : end, 0, length);
    int inner = size(Arrays.copyOfRange(x.shape(), axis + 1, x.shape().length));
    int outer = x.data().length / inner / length;
    double[] result = new double[outer * (to - from) * inner];
    for (int i = 0; i < outer; i++) {
      int count = (to - from) * inner;
      System.arraycopy(x.data(), (i * length + from) * inner, result, i * count, count);
    }
    int[] shape = x.shape().clone();
    shape[axis] = to - from;
    return new Value(result, shape);
  }

  /** Of one dimension as of two, of which the second is 1. */
  private static Value conv(Node node, Value x, Value w, Value bias) {
    int[] dilations = wholes(node, "dilations");
    int[] strides = wholes(node, "strides");
    int[] pads = wholes(node, "pads");
    boolean isFlat = x.shape().length == 3;
    int group = (int) whole(node, "group", 1);
    int height = x.shape()[2];
    int width = isFlat ? 1 : x.shape()[3];
    int kernel = w.shape()[2];
    int kernelWidth = isFlat ? 1 : w.shape()[3];
    int stride = isFlat ? 1 : strides[1];
    int pad = isFlat ? 0 : pads[1];
    int padded = width + (isFlat ? 0 : pads[1] + pads[3]);
    int rows = height - (kernel - 1) * dilations[0];
    int columns = (padded - kernelWidth) / stride + 1;
    int outputs = w.shape()[0];
    int depth = w.shape()[1];
    double[] result = new double[outputs * rows * columns];
    for (int o = 0; o < outputs; o++) {
      for (int r = 0; r < rows; r++) {
        for (int c = 0; c < columns; c++) {
          double sum = bias == null ? 0 : bias.data()[o];
          for (int i = 0; i < depth * kernel * kernelWidth; i++) {
            int channel = o / (outputs / group) * depth + i / (kernel * kernelWidth);
            int row = r + i / kernelWidth % kernel * dilations[0];
            int column = c * stride + i % kernelWidth - pad;
            if (column >= 0 && column < width) {
              sum +=
                  w.data()[o * depth * kernel * kernelWidth + i]
                      * x.data()[(channel * height + row) * width + column];
            }
          }
          result[(o * rows + r) * columns + c] = sum;
        }
      }
    }
    return isFlat
        ? new Value(result, 1, outputs, rows)
        : new Value(result, 1, outputs, rows, columns);
  }

  private void recurrent(Node node, List<Value> in) {
    Value x = in.getFirst();
    int steps = x.shape()[0];
    int inputs = x.shape()[2];
    int hidden = (int) whole(node, "hidden_size", 0);
    double[] h = in.get(5).data().clone();
    double[] c = node.operator().equals("LSTM") ? in.get(6).data().clone() : null;
    double[] y = new double[steps * hidden];
    for (int step = 0; step < steps; step++) {
      double[] now = Arrays.copyOfRange(x.data(), step * inputs, (step + 1) * inputs);
      double[] fromX = product(in.get(1).data(), now, in.get(3).data(), 0);
      double[] fromH = product(in.get(2).data(), h, in.get(3).data(), fromX.length);
      double[] before = h.clone();
      for (int j = 0; j < hidden; j++) {
        double[] a = gates(fromX, j, hidden);
        double[] b = gates(fromH, j, hidden);
        switch (node.operator()) {
          case "LSTM" -> {
            double i = sigmoid(a[0] + b[0]);
            double o = sigmoid(a[1] + b[1]);
            double f = sigmoid(a[2] + b[2]);
            c[j] = f * c[j] + i * Math.tanh(a[3] + b[3]);
            h[j] = o * Math.tanh(c[j]);
          }
          case "GRU" -> {
            double z = sigmoid(a[0] + b[0]);
            double r = sigmoid(a[1] + b[1]);
            h[j] = (1 - z) * Math.tanh(a[2] + r * b[2]) + z * before[j];
          }
          default -> h[j] = Math.tanh(a[0] + b[0]);
        }
      }
      System.arraycopy(h, 0, y, step * hidden, hidden);
    }
    values.put(node.outputs().get(0), new Value(y, steps, 1, 1, hidden));
    values.put(node.outputs().get(1), new Value(h, 1, 1, hidden));
    if (c != null) {
      values.put(node.outputs().get(2), new Value(c, 1, 1, hidden));
    }
  }

  private static double[] gates(double[] rows, int unit, int hidden) {
    return IntStream.range(0, rows.length / hidden)
        .mapToDouble(gate -> rows[gate * hidden + unit])
        .toArray();
  }

  private static double[] product(double[] rows, double[] x, double[] bias, int from) {
    double[] result = new double[rows.length / x.length];
    for (int r = 0; r < result.length; r++) {
      result[r] = bias[from + r];
      for (int i = 0; i < x.length; i++) {
        result[r] += rows[r * x.length + i] * x[i];
      }
    }
    return result;
  }
}
