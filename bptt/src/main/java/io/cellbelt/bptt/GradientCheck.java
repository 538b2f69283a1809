package io.cellbelt.bptt;

import io.cellbelt.cells.Architecture;
import io.cellbelt.cells.Weights;
import io.cellbelt.cells.reference.ReferenceNetwork;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;

/**
 * Are the gradients right? Two links of one chain: finite differences, in double, check the
 * gradients of the reference, and those check the gradients of the SIMD kernels.
 *
 * <p>The loss is a random linear function of all outputs of random sequences from random initial
 * states, so every path through the network counts. Errors are relative: the difference over the
 * larger of the two gradients, but no less than a hundredth of the largest gradient of the tensor,
 * because below that a difference says nothing.
 */
public final class GradientCheck {
  /** The most a kernel's gradient may differ from the reference's. */
  public static final double KERNEL_LIMIT = 1e-4;

  /** The most the reference's gradient may differ from finite differences. */
  public static final double REFERENCE_LIMIT = 1e-7;

  /** Entries of a tensor that finite differences are taken of, evenly spread. */
  private static final int ENTRIES = 200;

  /** h of the differences: the error of the formula, O(h⁴), meets that of rounding, O(1/h). */
  private static final double STEP = 1e-3;

  /**
   * Where the gradient is small and bends strongly, in the lowest of several layers, the error of
   * the formula is more than 1e-7 of it: then a step whose error is 256 times as small decides. A
   * wrong gradient disagrees with both.
   */
  private static final double SMALLER_STEP = STEP / 4;

  private GradientCheck() {}

  /**
   * What was found for one tensor.
   *
   * @param parameter its name; {@code x} and {@code initial state} are tensors too
   * @param index the entry where one of the errors is the largest
   * @param kernel gradient of that entry by the SIMD kernels
   * @param analytic gradient by the reference
   * @param numeric gradient by finite differences
   * @param kernelError largest relative error of the kernels against the reference
   * @param referenceError largest relative error of the reference against finite differences
   */
  public record Row(
      String parameter,
      int index,
      double kernel,
      double analytic,
      double numeric,
      double kernelError,
      double referenceError) {
    /** Whether both errors are within their limits; NaN is not. */
    public boolean passed() {
      return kernelError < KERNEL_LIMIT && referenceError < REFERENCE_LIMIT;
    }
  }

  /** What was found for all tensors. */
  public record Report(List<Row> rows) {
    /** Whether every tensor passed. */
    public boolean passed() {
      return rows.stream().allMatch(Row::passed);
    }

    /** The largest relative error of the kernels against the reference. */
    public double worstKernelError() {
      return rows.stream().mapToDouble(Row::kernelError).max().orElse(0);
    }

    /** The largest relative error of the reference against finite differences. */
    public double worstReferenceError() {
      return rows.stream().mapToDouble(Row::referenceError).max().orElse(0);
    }
  }

  /**
   * Checks the gradients of a network.
   *
   * @param steps T, 1 or more
   * @param batch B, 1 or more
   * @param seed of the random sequences, states and loss
   */
  public static Report run(Weights weights, int steps, int batch, long seed) {
    if (steps < 1 || batch < 1) {
      throw new IllegalArgumentException(
          "A check needs 1 step and 1 sequence or more, but got " + steps + " and " + batch + ".");
    }
    Experiment experiment = new Experiment(weights, steps, batch, seed);
    Map<String, double[]> kernel = experiment.kernelGradients(weights);
    Map<String, double[]> analytic = experiment.referenceGradients();
    List<Row> rows = new ArrayList<>();
    for (var entry : experiment.variables().entrySet()) {
      String name = entry.getKey();
      rows.add(compare(experiment, name, entry.getValue(), kernel.get(name), analytic.get(name)));
    }
    return new Report(List.copyOf(rows));
  }

  private static Row compare(
      Experiment experiment, String name, double[] variable, double[] kernel, double[] analytic) {
    double largest = 0;
    for (double value : analytic) {
      largest = Math.max(largest, Math.abs(value));
    }
    double floor = Math.max(largest / 100, Double.MIN_NORMAL);
    double kernelError = 0;
    double referenceError = 0;
    int worst = 0;
    double worstNumeric = Double.NaN;
    double worstShare = -1;
    int stride = Math.max(1, variable.length / ENTRIES);
    for (int i = 0; i < variable.length; i++) {
      double ofKernel = relative(kernel[i], analytic[i], floor);
      kernelError = Math.max(kernelError, ofKernel);
      double share = ofKernel / KERNEL_LIMIT;
      double numeric = Double.NaN;
      if (i % stride == 0) {
        numeric = experiment.difference(variable, i, STEP);
        double ofReference = relative(analytic[i], numeric, floor);
        if (!(ofReference < REFERENCE_LIMIT)) {
          numeric = experiment.difference(variable, i, SMALLER_STEP);
          ofReference = relative(analytic[i], numeric, floor);
        }
        referenceError = Math.max(referenceError, ofReference);
        share = Math.max(share, ofReference / REFERENCE_LIMIT);
      }
      if (share > worstShare || (Double.isNaN(share) && !Double.isNaN(worstShare))) {
        worst = i;
        worstShare = share;
        worstNumeric = numeric;
      }
    }
    if (Double.isNaN(worstNumeric)) {
      worstNumeric = experiment.difference(variable, worst, STEP);
    }
    return new Row(
        name, worst, kernel[worst], analytic[worst], worstNumeric, kernelError, referenceError);
  }

  private static double relative(double a, double b, double floor) {
    return Math.abs(a - b) / Math.max(floor, Math.max(Math.abs(a), Math.abs(b)));
  }

  /** Random sequences through one network, in float and in double, and the loss of both. */
  private static final class Experiment {
    private static final String X = "x";
    private static final String INITIAL = "initial state";

    private final Architecture architecture;
    private final int steps;
    private final int batch;
    private final int[] tokens;
    private final double[] x;
    private final double[] initial;
    private final double[] lossWeights;
    private final Map<String, double[]> parameters;
    private final ReferenceNetwork reference;

    Experiment(Weights weights, int steps, int batch, long seed) {
      architecture = weights.architecture();
      this.steps = steps;
      this.batch = batch;
      SplittableRandom random = new SplittableRandom(seed);
      int vocabulary = architecture.input().tokens();
      tokens = vocabulary == 0 ? null : random.ints((long) steps * batch, 0, vocabulary).toArray();
      x = vocabulary > 0 ? null : randoms(random, steps * batch * architecture.input().size());
      int stateSize =
          architecture.layers().stream().mapToInt(c -> c.states() * c.hiddenSize()).sum();
      initial = randoms(random, batch * stateSize);
      lossWeights = randoms(random, steps * batch * architecture.outputSize());
      parameters = ReferenceNetwork.widened(weights.values());
      reference = new ReferenceNetwork(architecture, parameters);
    }

    /** Numbers that a float holds exactly, so that both sides compute from the same. */
    private static double[] randoms(SplittableRandom random, int count) {
      double[] values = new double[count];
      for (int i = 0; i < count; i++) {
        values[i] = (float) random.nextDouble(-1, 1);
      }
      return values;
    }

    /** All that the loss depends on, by name. */
    Map<String, double[]> variables() {
      Map<String, double[]> all = new LinkedHashMap<>(parameters);
      if (x != null) {
        all.put(X, x);
      }
      all.put(INITIAL, initial);
      return all;
    }

    Map<String, double[]> kernelGradients(Weights weights) {
      try (Bptt bptt = new Bptt(weights, steps, batch)) {
        for (int b = 0; b < batch; b++) {
          bptt.initialState(b, narrowed(sequence(initial, b, 1)));
        }
        float[] y = new float[lossWeights.length];
        if (tokens != null) {
          bptt.forward(tokens, steps, y);
        } else {
          bptt.forward(narrowed(x), steps, y);
        }
        bptt.backward(narrowed(lossWeights));
        Map<String, double[]> gradients = ReferenceNetwork.widened(bptt.gradients());
        if (x != null) {
          gradients.put(X, ReferenceNetwork.widened(bptt.inputGradient()));
        }
        double[] dInitial = new double[initial.length];
        for (int b = 0; b < batch; b++) {
          putSequence(ReferenceNetwork.widened(bptt.initialStateGradient(b)), dInitial, b, 1);
        }
        gradients.put(INITIAL, dInitial);
        return gradients;
      }
    }

    Map<String, double[]> referenceGradients() {
      Map<String, double[]> sum = new LinkedHashMap<>();
      variables().forEach((name, values) -> sum.put(name, new double[values.length]));
      for (int b = 0; b < batch; b++) {
        forward(b);
        var gradients = reference.backward(sequence(lossWeights, b, steps));
        gradients
            .parameters()
            .forEach(
                (name, values) -> {
                  double[] total = sum.get(name);
                  for (int i = 0; i < values.length; i++) {
                    total[i] += values[i];
                  }
                });
        if (x != null) {
          putSequence(gradients.x(), sum.get(X), b, steps);
        }
        putSequence(gradients.initial(), sum.get(INITIAL), b, 1);
      }
      return sum;
    }

    private double[] forward(int b) {
      int[] tokensOf = null;
      if (tokens != null) {
        tokensOf = new int[steps];
        for (int t = 0; t < steps; t++) {
          tokensOf[t] = tokens[t * batch + b];
        }
      }
      double[] xOf = x == null ? null : sequence(x, b, steps);
      return reference.forward(tokensOf, xOf, steps, sequence(initial, b, 1));
    }

    private double loss() {
      double loss = 0;
      for (int b = 0; b < batch; b++) {
        double[] y = forward(b);
        double[] weightsOf = sequence(lossWeights, b, steps);
        for (int i = 0; i < y.length; i++) {
          loss += weightsOf[i] * y[i];
        }
      }
      return loss;
    }

    /** Central difference of fourth order: {@code (8 (f(h) - f(-h)) - (f(2h) - f(-2h))) / 12h}. */
    double difference(double[] variable, int index, double h) {
      double value = variable[index];
      double near = lossAt(variable, index, value + h) - lossAt(variable, index, value - h);
      double far = lossAt(variable, index, value + 2 * h) - lossAt(variable, index, value - 2 * h);
      variable[index] = value;
      return (8 * near - far) / (12 * h);
    }

    private double lossAt(double[] variable, int index, double value) {
      variable[index] = value;
      return loss();
    }

    /** The rows of one sequence out of {@code [rows, B, size]}. */
    private double[] sequence(double[] all, int b, int rows) {
      int size = all.length / batch / rows;
      double[] one = new double[rows * size];
      for (int row = 0; row < rows; row++) {
        System.arraycopy(all, (row * batch + b) * size, one, row * size, size);
      }
      return one;
    }

    private void putSequence(double[] one, double[] all, int b, int rows) {
      int size = one.length / rows;
      for (int row = 0; row < rows; row++) {
        System.arraycopy(one, row * size, all, (row * batch + b) * size, size);
      }
    }

    private static float[] narrowed(double[] values) {
      float[] narrow = new float[values.length];
      for (int i = 0; i < values.length; i++) {
        narrow[i] = (float) values[i];
      }
      return narrow;
    }
  }
}
