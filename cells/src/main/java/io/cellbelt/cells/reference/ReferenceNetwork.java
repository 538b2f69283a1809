package io.cellbelt.cells.reference;

import io.cellbelt.cells.Architecture;
import io.cellbelt.cells.Cell;
import io.cellbelt.cells.Input;
import io.cellbelt.cells.Parameter;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * A whole network in double, one sequence at a time, forward and backward, with plain loops over
 * plain arrays: what the SIMD kernels are compared with.
 *
 * <p>Not thread-safe. A forward pass keeps what the backward pass after it needs.
 */
public final class ReferenceNetwork {
  private final Architecture architecture;
  private final Map<String, double[]> parameters;

  private int steps;
  private int[] tokens;

  /** What goes into layer l at step t: {@code inputs[l][t][]}. */
  private double[][][] inputs;

  /** Gates of layer l at step t, as activations: {@code gates[l][t][]}. */
  private double[][][] gates;

  /** States of layer l after t steps: {@code states[l][t][s][]}. */
  private double[][][][] states;

  /**
   * A network that reads the given parameters, row-major by name, at every {@link #forward}; the
   * arrays are not copied, so that finite differences can change them.
   */
  public ReferenceNetwork(Architecture architecture, Map<String, double[]> parameters) {
    this.architecture = architecture;
    this.parameters = parameters;
  }

  /** The same numbers in double. */
  public static Map<String, double[]> widened(Map<String, float[]> values) {
    Map<String, double[]> wide = new LinkedHashMap<>();
    values.forEach((name, floats) -> wide.put(name, widened(floats)));
    return wide;
  }

  /** The same numbers in double. */
  public static double[] widened(float[] values) {
    double[] wide = new double[values.length];
    for (int i = 0; i < values.length; i++) {
      wide[i] = values[i];
    }
    return wide;
  }

  /**
   * Runs a sequence.
   *
   * @param tokens {@code [T]}, or null where the input is a vector
   * @param x {@code [T, I]}, or null where the input is tokens
   * @param steps T
   * @param initial {@code [L][states][H]}, flat
   * @return {@code [T, O]}
   */
  public double[] forward(int[] tokens, double[] x, int steps, double[] initial) {
    this.steps = steps;
    this.tokens = tokens;
    int depth = architecture.layers().size();
    inputs = new double[depth][steps][];
    gates = new double[depth][steps][];
    states = new double[depth][steps + 1][][];
    int at = 0;
    for (int l = 0; l < depth; l++) {
      Cell cell = architecture.layers().get(l);
      states[l][0] = new double[cell.states()][];
      for (int s = 0; s < cell.states(); s++, at += cell.hiddenSize()) {
        states[l][0][s] = Arrays.copyOfRange(initial, at, at + cell.hiddenSize());
      }
    }
    int outputs = architecture.outputSize();
    double[] y = new double[steps * outputs];
    for (int t = 0; t < steps; t++) {
      double[] in = input(tokens, x, t);
      for (int l = 0; l < depth; l++) {
        in = step(l, t, in);
      }
      double[] out = in;
      if (architecture.outputs() > 0) {
        out = parameters.get(Architecture.HEAD_BIAS).clone();
        multiply(parameters.get(Architecture.HEAD), in, out);
      }
      System.arraycopy(out, 0, y, t * outputs, outputs);
    }
    return y;
  }

  private double[] input(int[] tokens, double[] x, int t) {
    int size = architecture.input().size();
    return switch (architecture.input()) {
      case Input.Dense dense -> Arrays.copyOfRange(x, t * size, (t + 1) * size);
      case Input.OneHot oneHot -> {
        double[] one = new double[size];
        one[tokens[t]] = 1;
        yield one;
      }
      case Input.Embedding embedding ->
          Arrays.copyOfRange(
              parameters.get(Architecture.EMBEDDING), tokens[t] * size, (tokens[t] + 1) * size);
    };
  }

  private double[] step(int l, int t, double[] in) {
    Cell cell = architecture.layers().get(l);
    double[] a = parameters.get(architecture.bias(l)).clone();
    multiply(parameters.get(architecture.inputWeight(l)), in, a);
    multiply(parameters.get(architecture.recurrentWeight(l)), states[l][t][0], a);
    double[][] next = new double[cell.states()][cell.hiddenSize()];
    cell.reference().forward(a, states[l][t], next);
    inputs[l][t] = in;
    gates[l][t] = a;
    states[l][t + 1] = next;
    return next[0];
  }

  /**
   * Gradients of a sequence's loss.
   *
   * @param parameters by name, {@code [as the parameters]}
   * @param x {@code [T, I]}; for tokens, of what the first layer saw
   * @param initial {@code [L][states][H]}, flat
   */
  public record Gradients(Map<String, double[]> parameters, double[] x, double[] initial) {}

  /**
   * Goes back through the sequence of the last {@link #forward}.
   *
   * @param dy gradients of the outputs, {@code [T, O]}
   */
  public Gradients backward(double[] dy) {
    Map<String, double[]> d = new LinkedHashMap<>();
    for (Parameter parameter : architecture.parameters()) {
      d.put(parameter.name(), new double[parameter.size()]);
    }
    int depth = architecture.layers().size();
    double[][][] dStates = new double[depth][][];
    int stateSize = 0;
    for (int l = 0; l < depth; l++) {
      Cell cell = architecture.layers().get(l);
      dStates[l] = new double[cell.states()][cell.hiddenSize()];
      stateSize += cell.states() * cell.hiddenSize();
    }
    int size = architecture.input().size();
    int outputs = architecture.outputSize();
    double[] dx = new double[steps * size];
    for (int t = steps - 1; t >= 0; t--) {
      double[] above = Arrays.copyOfRange(dy, t * outputs, (t + 1) * outputs);
      if (architecture.outputs() > 0) {
        above = linearBackward(Architecture.HEAD, states[depth - 1][t + 1][0], above, d);
        add(Arrays.copyOfRange(dy, t * outputs, (t + 1) * outputs), d.get(Architecture.HEAD_BIAS));
      }
      for (int l = depth - 1; l >= 0; l--) {
        above = stepBackward(l, t, above, dStates[l], d);
      }
      if (architecture.input() instanceof Input.Embedding) {
        for (int i = 0; i < size; i++) {
          d.get(Architecture.EMBEDDING)[tokens[t] * size + i] += above[i];
        }
      }
      System.arraycopy(above, 0, dx, t * size, size);
    }
    double[] initial = new double[stateSize];
    int at = 0;
    for (double[][] layer : dStates) {
      for (double[] state : layer) {
        System.arraycopy(state, 0, initial, at, state.length);
        at += state.length;
      }
    }
    return new Gradients(d, dx, initial);
  }

  private double[] stepBackward(
      int l, int t, double[] above, double[][] dStates, Map<String, double[]> d) {
    add(above, dStates[0]);
    double[] da = gates[l][t].clone();
    architecture.layers().get(l).reference().backward(da, states[l][t], states[l][t + 1], dStates);
    add(da, d.get(architecture.bias(l)));
    add(linearBackward(architecture.recurrentWeight(l), states[l][t][0], da, d), dStates[0]);
    return linearBackward(architecture.inputWeight(l), inputs[l][t], da, d);
  }

  /** {@code y += M x}. */
  private static void multiply(double[] matrix, double[] x, double[] y) {
    for (int i = 0; i < y.length; i++) {
      for (int k = 0; k < x.length; k++) {
        y[i] += matrix[i * x.length + k] * x[k];
      }
    }
  }

  /** With {@code y = M x}: adds {@code dy xᵀ} to the gradient of M, and returns {@code Mᵀ dy}. */
  private double[] linearBackward(String name, double[] x, double[] dy, Map<String, double[]> d) {
    double[] matrix = parameters.get(name);
    double[] dMatrix = d.get(name);
    double[] dx = new double[x.length];
    for (int i = 0; i < dy.length; i++) {
      for (int k = 0; k < x.length; k++) {
        dMatrix[i * x.length + k] += dy[i] * x[k];
        dx[k] += matrix[i * x.length + k] * dy[i];
      }
    }
    return dx;
  }

  private static void add(double[] values, double[] sum) {
    for (int i = 0; i < sum.length; i++) {
      sum[i] += values[i];
    }
  }
}
