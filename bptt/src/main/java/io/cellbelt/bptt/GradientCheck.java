package io.cellbelt.bptt;

import io.cellbelt.cells.Architecture;
import io.cellbelt.cells.Layer;
import io.cellbelt.cells.Schedule;
import io.cellbelt.cells.Weights;
import io.cellbelt.cells.engine.Connections;
import io.cellbelt.cells.engine.Noise;
import io.cellbelt.cells.engine.Track;
import io.cellbelt.cells.engine.Unrolled;
import io.cellbelt.cells.reference.ReferenceNetwork;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SplittableRandom;

/**
 * Are the gradients right? Two links of one chain: finite differences, in double, check the
 * gradients of the reference, and those check the gradients of the SIMD kernels.
 *
 * <p>The loss is a random linear function of all outputs and final states of random sequences, of
 * different lengths and from random initial states, with the masks of training where the network
 * has any, so every path through it counts. Errors are relative: the difference over the larger of
 * the two gradients, but no less than a hundredth of the largest gradient of the tensor and a
 * ten-thousandth of the largest of all, because below that a difference says nothing.
 *
 * <p>Besides, both ends are held against each other, all entries at once, by the adjoint identity
 * {@code <J v, u> = <v, Jᵀ u>}: J is the Jacobian of all outputs and final states with respect to
 * all parameters, inputs and initial states, v a random direction, J v a central difference in
 * double, u the loss, and Jᵀ u the gradient of the kernels.
 */
public final class GradientCheck {
  /** The most a kernel's gradient may differ from the reference's. */
  public static final double KERNEL_LIMIT = 1e-4;

  /** The most the reference's gradient may differ from finite differences. */
  public static final double REFERENCE_LIMIT = 1e-7;

  /** The most that the two sides of the adjoint identity may differ, relative to the larger. */
  public static final double ADJOINT_LIMIT = 1e-5;

  /** Entries of a tensor that finite differences are taken of, evenly spread. */
  private static final int ENTRIES = 200;

  /** h of the differences: the error of the formula, O(h⁴), meets that of rounding, O(1/h). */
  private static final double STEP = 1e-3;

  /**
   * Where the gradient is small and bends strongly, in the lowest of several layers, the error of
   * the formula is more than 1e-7 of it, and where an activation, or its slope, has a kink nearby
   * the differences reach over it: then smaller steps decide. A wrong gradient disagrees with all.
   */
  private static final double[] STEPS = {
    STEP, STEP / 4, STEP / 16, STEP / 64, STEP / 256, STEP / 1024
  };

  /** One-sided differences that differ by this share have a kink between them. */
  private static final double KINK = 1e-3;

  /** Share of the largest gradient of all under which rounding of floats decides. */
  private static final double NOTHING = 1e-4;

  /** Random directions v of the adjoint identity: one alone may happen to be at right angles. */
  private static final int DIRECTIONS = 4;

  /** h of the differences along them, small ones where there are kinks. */
  private static final double[] ADJOINT_STEPS = {1e-4, 1e-5, 1e-6, 1e-7};

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
   * @param kinks entries at a kink of an activation, where there is no gradient to compare with
   */
  public record Row(
      String parameter,
      int index,
      double kernel,
      double analytic,
      double numeric,
      double kernelError,
      double referenceError,
      int kinks) {
    /** Whether both errors are within their limits; NaN is not. */
    public boolean passed() {
      return kernelError < KERNEL_LIMIT && referenceError < REFERENCE_LIMIT;
    }
  }

  /**
   * What was found for all tensors.
   *
   * @param rows one for each tensor
   * @param adjointError largest difference of the two sides of the adjoint identity over a few
   *     random directions, relative to the largest of their values
   */
  public record Report(List<Row> rows, double adjointError) {
    /** Copies the list. */
    public Report {
      rows = List.copyOf(rows);
    }

    /** Whether every tensor passed, and the adjoint identity holds. */
    public boolean passed() {
      return rows.stream().allMatch(Row::passed) && adjointError < ADJOINT_LIMIT;
    }

    /** Entries at a kink of an activation, where there is no gradient to compare with. */
    public int kinks() {
      return rows.stream().mapToInt(Row::kinks).sum();
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
    Map<String, double[]> kernel = experiment.kernelGradients(weights, seed);
    Map<String, double[]> analytic = experiment.referenceGradients();
    double largest = 0;
    for (double[] gradient : analytic.values()) {
      largest = Math.max(largest, largest(gradient));
    }
    List<Row> rows = new ArrayList<>();
    for (var entry : experiment.variables().entrySet()) {
      String name = entry.getKey();
      double floor = Math.max(largest(analytic.get(name)) / 100, NOTHING * largest);
      rows.add(
          compare(
              experiment,
              name,
              entry.getValue(),
              kernel.get(name),
              analytic.get(name),
              Math.max(floor, Double.MIN_NORMAL)));
    }
    return new Report(rows, experiment.adjointError(kernel, seed));
  }

  private static double largest(double[] values) {
    double largest = 0;
    for (double value : values) {
      largest = Math.max(largest, Math.abs(value));
    }
    return largest;
  }

  private static Row compare(
      Experiment experiment,
      String name,
      double[] variable,
      double[] kernel,
      double[] analytic,
      double floor) {
    double kernelError = 0;
    double referenceError = 0;
    int kinks = 0;
    int worst = 0;
    double worstNumeric = Double.NaN;
    double worstShare = -1;
    int stride = Math.max(1, variable.length / ENTRIES);
    for (int i = 0; i < variable.length; i++) {
      double ofKernel = relative(kernel[i], analytic[i], floor);
      kernelError = Math.max(kernelError, ofKernel);
      double share = ofKernel / KERNEL_LIMIT;
      double numeric = Double.NaN;
      if (i % stride == 0 && !experiment.isFixed(name, i)) {
        numeric = numeric(experiment, variable, i, analytic[i], floor);
        double ofReference = relative(analytic[i], numeric, floor);
        if (!(ofReference < REFERENCE_LIMIT)
            && experiment.isKink(variable, i, analytic[i], floor)) {
          kinks++;
        } else {
          referenceError = Math.max(referenceError, ofReference);
          share = Math.max(share, ofReference / REFERENCE_LIMIT);
        }
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
        name,
        worst,
        kernel[worst],
        analytic[worst],
        worstNumeric,
        kernelError,
        referenceError,
        kinks);
  }

  /** The difference of the largest step that agrees, or that of the smallest. */
  private static double numeric(
      Experiment experiment, double[] variable, int index, double analytic, double floor) {
    double numeric = Double.NaN;
    for (double step : STEPS) {
      numeric = experiment.difference(variable, index, step);
      if (relative(analytic, numeric, floor) < REFERENCE_LIMIT) {
        break;
      }
    }
    return numeric;
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
    private final int outputRows;
    private final int stateSize;
    private final int[] lengths;
    private final int[] tokens;
    private final double[] x;
    private final double[] initial;
    private final double[] lossWeights;
    private final double[] finalWeights;
    private final Map<String, double[]> parameters;
    private final Noise noise;
    private final ReferenceNetwork[] references;

    /** Entries of the initial state that count steps and have no gradient. */
    private final Set<Integer> clocks = new HashSet<>();

    Experiment(Weights weights, int steps, int batch, long seed) {
      architecture = weights.architecture();
      this.steps = steps;
      this.batch = batch;
      SplittableRandom random = new SplittableRandom(seed);
      int vocabulary = architecture.input().tokens();
      tokens = vocabulary == 0 ? null : random.ints((long) steps * batch, 0, vocabulary).toArray();
      x = vocabulary > 0 ? null : randoms(random, steps * batch * architecture.input().size());
      stateSize = Unrolled.stateSize(architecture);
      initial = randoms(random, batch * stateSize);
      outputRows = architecture.readout().perSequence() ? 1 : steps;
      lossWeights = randoms(random, outputRows * batch * architecture.outputSize());
      finalWeights = randoms(random, batch * stateSize);
      lengths = new int[batch];
      for (int b = 0; b < batch; b++) {
        lengths[b] = b == 0 ? steps : random.nextInt(steps + 1);
      }
      setClocks(random);
      parameters = ReferenceNetwork.widened(weights.values());
      noise = new Noise(seed).next();
      references = new ReferenceNetwork[batch];
      for (int b = 0; b < batch; b++) {
        references[b] = new ReferenceNetwork(architecture, parameters, new Masks(b));
      }
    }

    private void setClocks(SplittableRandom random) {
      for (int b = 0; b < batch; b++) {
        int at = b * stateSize;
        for (Layer layer : architecture.layers()) {
          Schedule schedule = layer.cell().schedule();
          for (int d = 0; d < layer.directions(); d++) {
            for (int s = 0; s < schedule.carried(); s++) {
              at += schedule.states().get(s);
            }
            if (layer.cell().clock() > 0) {
              initial[at] = random.nextInt(layer.cell().clock());
              finalWeights[at] = 0;
              clocks.add(at++);
            }
          }
        }
      }
    }

    /** The masks that the kernels draw for one sequence. */
    private final class Masks implements ReferenceNetwork.Noise {
      private final int sequence;

      Masks(int sequence) {
        this.sequence = sequence;
      }

      @Override
      public double[] dropout(int layer, int step, int size) {
        float share = architecture.layers().get(layer).dropout();
        return mask(layer, 0, Noise.Use.DROPOUT, step, 0, size, share, 0, 1 / (1 - share));
      }

      @Override
      public double[] recurrent(int layer, int direction, int size) {
        float share = architecture.layers().get(layer).recurrentDropout();
        return mask(layer, direction, Noise.Use.RECURRENT, 0, 0, size, share, 0, 1 / (1 - share));
      }

      @Override
      public double[] zoneout(int layer, int direction, int step, int state, int size) {
        Layer place = architecture.layers().get(layer);
        boolean reverse = direction == 1 || place.direction() == Layer.Direction.REVERSE;
        int own = reverse ? lengths[sequence] - 1 - step : step;
        int from = state * Track.planeFloats(place.cell().schedule());
        return mask(layer, direction, Noise.Use.ZONEOUT, own, from, size, place.zoneout(), 1, 0);
      }

      private double[] mask(
          int layer,
          int direction,
          Noise.Use use,
          int step,
          int from,
          int size,
          float share,
          float hit,
          float miss) {
        double[] mask = new double[size];
        for (int unit = 0; unit < size; unit++) {
          boolean hits = noise.hits(layer, direction, use, step, sequence, from + unit, share);
          mask[unit] = hits ? hit : miss;
        }
        return mask;
      }
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

    /** Whether an entry counts something, or must be 0, so that nothing may be added to it. */
    boolean isFixed(String name, int index) {
      return name.equals(INITIAL)
          ? clocks.contains(index)
          : Connections.isAbsent(architecture, name, index);
    }

    Map<String, double[]> kernelGradients(Weights weights, long seed) {
      try (Bptt bptt = new Bptt(weights, steps, batch, seed)) {
        for (int b = 0; b < batch; b++) {
          bptt.initialState(b, narrowed(sequence(initial, b, 1)));
        }
        float[] y = new float[lossWeights.length];
        if (tokens != null) {
          bptt.forward(tokens, steps, lengths, y);
        } else {
          bptt.forward(narrowed(x), steps, lengths, y);
        }
        bptt.backward(narrowed(lossWeights), narrowed(finalWeights));
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
        var gradients = references[b].backward(lossWeights(b), sequence(finalWeights, b, 1));
        gradients
            .parameters()
            .forEach(
                (name, values) -> {
                  double[] total = sum.get(name);
                  for (int i = 0; i < values.length; i++) {
                    total[i] += isFixed(name, i) ? 0 : values[i];
                  }
                });
        if (x != null) {
          putSequence(gradients.x(), sum.get(X), b, steps);
        }
        putSequence(gradients.initial(), sum.get(INITIAL), b, 1);
      }
      return sum;
    }

    /** What the outputs of a sequence are multiplied by, up to its end. */
    private double[] lossWeights(int b) {
      double[] all = sequence(lossWeights, b, outputRows);
      return architecture.readout().perSequence()
          ? all
          : Arrays.copyOf(all, lengths[b] * architecture.outputSize());
    }

    private double[] forward(int b) {
      int[] tokensOf = null;
      if (tokens != null) {
        tokensOf = new int[lengths[b]];
        for (int t = 0; t < lengths[b]; t++) {
          tokensOf[t] = tokens[t * batch + b];
        }
      }
      double[] xOf = null;
      if (x != null) {
        int floats = lengths[b] * architecture.input().size();
        xOf = Arrays.copyOf(sequence(x, b, steps), floats);
      }
      return references[b].forward(tokensOf, xOf, lengths[b], sequence(initial, b, 1));
    }

    private double loss() {
      double loss = 0;
      for (int b = 0; b < batch; b++) {
        loss += dot(forward(b), lossWeights(b));
        loss += dot(references[b].finalState(), sequence(finalWeights, b, 1));
      }
      return loss;
    }

    private static double dot(double[] a, double[] b) {
      double sum = 0;
      for (int i = 0; i < a.length; i++) {
        sum += a[i] * b[i];
      }
      return sum;
    }

    /** Central difference of fourth order: {@code (8 (f(h) - f(-h)) - (f(2h) - f(-2h))) / 12h}. */
    double difference(double[] variable, int index, double h) {
      double value = variable[index];
      double near = lossAt(variable, index, value + h) - lossAt(variable, index, value - h);
      double far = lossAt(variable, index, value + 2 * h) - lossAt(variable, index, value - 2 * h);
      variable[index] = value;
      return (8 * near - far) / (12 * h);
    }

    /** Whether the one-sided differences differ, and the gradient is one of them or between. */
    boolean isKink(double[] variable, int index, double analytic, double floor) {
      double value = variable[index];
      double h = STEPS[STEPS.length - 1];
      double here = lossAt(variable, index, value);
      double right = (lossAt(variable, index, value + h) - here) / h;
      double left = (here - lossAt(variable, index, value - h)) / h;
      variable[index] = value;
      double slack = KINK * Math.max(floor, Math.max(Math.abs(left), Math.abs(right)));
      return relative(left, right, floor) > KINK
          && analytic > Math.min(left, right) - slack
          && analytic < Math.max(left, right) + slack;
    }

    private double lossAt(double[] variable, int index, double value) {
      variable[index] = value;
      return loss();
    }

    /** How far the two sides of the adjoint identity are apart. */
    double adjointError(Map<String, double[]> kernel, long seed) {
      SplittableRandom random = new SplittableRandom(~seed);
      List<Map<String, double[]>> directions = new ArrayList<>();
      double[] adjoint = new double[DIRECTIONS];
      double largest = Double.MIN_NORMAL;
      for (int k = 0; k < DIRECTIONS; k++) {
        Map<String, double[]> direction = direction(random);
        directions.add(direction);
        for (var part : direction.entrySet()) {
          adjoint[k] += dot(part.getValue(), kernel.get(part.getKey()));
        }
        largest = Math.max(largest, Math.abs(adjoint[k]));
      }
      double error = 0;
      for (int k = 0; k < DIRECTIONS; k++) {
        double closest = Double.NaN;
        for (double step : ADJOINT_STEPS) {
          double difference = difference(directions.get(k), step);
          double distance = Math.abs(difference - adjoint[k]) / largest;
          closest = distance >= closest ? closest : distance;
          if (closest < ADJOINT_LIMIT / 10) {
            break;
          }
        }
        error = Math.max(error, closest);
      }
      return error;
    }

    /** A random unit vector over all variables that are not fixed. */
    private Map<String, double[]> direction(SplittableRandom random) {
      Map<String, double[]> direction = new LinkedHashMap<>();
      double squares = 0;
      for (var variable : variables().entrySet()) {
        double[] part = new double[variable.getValue().length];
        for (int i = 0; i < part.length; i++) {
          part[i] = isFixed(variable.getKey(), i) ? 0 : random.nextDouble(-1, 1);
        }
        squares += dot(part, part);
        direction.put(variable.getKey(), part);
      }
      double scale = 1 / Math.sqrt(squares);
      direction.values().forEach(part -> Arrays.setAll(part, i -> scale * part[i]));
      return direction;
    }

    /** Central difference of the loss along a direction. */
    private double difference(Map<String, double[]> direction, double h) {
      Map<String, double[]> all = variables();
      Map<String, double[]> before = new LinkedHashMap<>();
      all.forEach((name, values) -> before.put(name, values.clone()));
      double[] losses = new double[2];
      for (int side = 0; side < 2; side++) {
        double step = side == 0 ? h : -h;
        all.forEach(
            (name, values) ->
                Arrays.setAll(values, i -> before.get(name)[i] + step * direction.get(name)[i]));
        losses[side] = loss();
      }
      all.forEach(
          (name, values) -> System.arraycopy(before.get(name), 0, values, 0, values.length));
      return (losses[0] - losses[1]) / (2 * h);
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

    /** Puts rows of one sequence in; it may have fewer than the others. */
    private void putSequence(double[] one, double[] all, int b, int rows) {
      int size = all.length / batch / rows;
      for (int row = 0; row < one.length / size; row++) {
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
