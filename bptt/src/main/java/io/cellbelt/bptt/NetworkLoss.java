package io.cellbelt.bptt;

import io.cellbelt.bptt.Layout.Block;
import io.cellbelt.cells.Architecture;
import io.cellbelt.cells.Cell;
import io.cellbelt.cells.Layer;
import io.cellbelt.cells.Schedule;
import io.cellbelt.cells.Weights;
import io.cellbelt.cells.engine.Connections;
import io.cellbelt.cells.engine.Noise;
import io.cellbelt.cells.reference.ReferenceNetwork;
import io.cellbelt.kernels.checks.Sizes;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SplittableRandom;

/**
 * Sequences through one network, in float and in double, and the loss of both: a random linear
 * function of all outputs and final states.
 */
final class NetworkLoss {
  static final String X = "x";
  static final String INITIAL = "initial state";

  /** By how much rounding to a float may change a number, relative to it. */
  static final double ROUNDING = Math.ulp(1f);

  /** Passes with other roundings, of which the one that differs most counts. */
  private static final int ROUNDED = 2;

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

  /**
   * A sequence through the reference.
   *
   * @param network whose last pass it is
   * @param y its outputs
   */
  @SuppressWarnings("ArrayRecordComponent") // compared by nobody
  record Pass(ReferenceNetwork network, double[] y) {}

  /** Entries of the initial state that count steps and have no gradient. */
  private final Set<Integer> clocks = new HashSet<>();

  /**
   * What the sequences are fed, {@code [T, B]} or {@code [T, B, I]}.
   *
   * @param tokens null where the input is a vector
   * @param x null where the input is tokens
   */
  @SuppressWarnings("ArrayRecordComponent") // compared by nobody
  record Data(int[] tokens, float[] x) {
    /** The first steps of so many. */
    Data first(int steps, int of) {
      return new Data(
          tokens == null ? null : Arrays.copyOf(tokens, tokens.length / of * steps),
          x == null ? null : Arrays.copyOf(x, x.length / of * steps));
    }
  }

  /**
   * Sequences of given data, all of the same length, or random ones of different lengths.
   *
   * @param data null for random ones
   * @param fresh whether initial states are zero, not random
   */
  NetworkLoss(Weights weights, int steps, int batch, Data data, boolean fresh, long seed) {
    architecture = weights.architecture();
    this.steps = steps;
    this.batch = batch;
    SplittableRandom random = new SplittableRandom(seed);
    int vocabulary = architecture.input().tokens();
    if (data != null) {
      tokens = data.tokens() == null ? null : data.tokens().clone();
      x = data.x() == null ? null : ReferenceNetwork.widened(data.x());
    } else if (vocabulary > 0) {
      tokens = random.ints(Sizes.product("rows", steps, batch), 0, vocabulary).toArray();
      x = null;
    } else {
      tokens = null;
      int size = architecture.input().size();
      x = randoms(random, Sizes.product("floats of x", steps, batch, size));
    }
    stateSize = architecture.stateSize();
    initial = randoms(random, Sizes.product("floats of states", batch, stateSize));
    outputRows = architecture.readout().perSequence() ? 1 : steps;
    int outputs = architecture.outputSize();
    lossWeights = randoms(random, Sizes.product("floats of y", outputRows, batch, outputs));
    finalWeights = randoms(random, batch * stateSize);
    lengths = new int[batch];
    for (int b = 0; b < batch; b++) {
      lengths[b] = b == 0 || data != null ? steps : random.nextInt(steps + 1);
    }
    setClocks(random);
    if (fresh) {
      Arrays.fill(initial, 0);
    }
    parameters = ReferenceNetwork.widened(weights.values());
    noise = new Noise(seed).next();
    references = new ReferenceNetwork[batch];
    Arrays.setAll(references, b -> reference(b, parameters));
  }

  private ReferenceNetwork reference(int b, Map<String, double[]> values) {
    return new ReferenceNetwork(
        architecture, values, new SequenceMasks(architecture, noise, b, lengths[b]));
  }

  private void setClocks(SplittableRandom random) {
    for (int b = 0; b < batch; b++) {
      int at = b * stateSize;
      for (Layer layer : architecture.layers()) {
        Schedule schedule = layer.checkedCell().schedule();
        for (int d = 0; d < layer.directions(); d++) {
          for (int s = 0; s < schedule.carried(); s++) {
            at += schedule.states().get(s);
          }
          if (layer.checkedCell().clock() > 0) {
            initial[at] = random.nextInt(layer.checkedCell().clock());
            finalWeights[at] = 0;
            clocks.add(at++);
          }
        }
      }
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

  /** What the entries of the variables are. */
  Map<String, Layout> layouts() {
    Map<String, Layout> all = Layout.of(architecture);
    if (x != null) {
      List<Block> blocks = new ArrayList<>();
      for (int t = 0; t < steps; t++) {
        blocks.add(new Block(Integer.toString(t), batch));
      }
      int size = architecture.input().size();
      all.put(X, new Layout(steps * batch, size, Layout.Kind.STEPS, blocks, false));
    }
    List<Block> blocks = new ArrayList<>();
    for (int b = 0; b < batch; b++) {
      for (int l = 0; l < architecture.layers().size(); l++) {
        Layer layer = architecture.layers().get(l);
        for (int d = 0; d < layer.directions(); d++) {
          addStates(blocks, layer.checkedCell(), " of layer " + l + (d == 0 ? "" : ", reverse"));
        }
      }
    }
    all.put(INITIAL, new Layout(initial.length, 1, Layout.Kind.STATES, blocks, false));
    return all;
  }

  private static void addStates(List<Block> blocks, Cell cell, String where) {
    Schedule schedule = cell.schedule();
    for (int s = 0; s < schedule.carried(); s++) {
      String name = ForwardCheck.stateName(schedule, s);
      blocks.add(new Block(name + where, schedule.states().get(s)));
    }
    if (cell.clock() > 0) {
      blocks.add(new Block("the clock" + where, 1));
    }
  }

  /** Whether an entry counts something, or must be 0, so that nothing may be added to it. */
  boolean isFixed(String name, int index) {
    return name.equals(INITIAL)
        ? clocks.contains(index)
        : Connections.isAbsent(architecture, name, index);
  }

  /** The forward pass of the kernels, on a tape that is the caller's to close. */
  Bptt kernels(Weights weights, long seed) {
    Bptt bptt = new Bptt(weights, steps, batch, seed);
    try {
      for (int b = 0; b < batch; b++) {
        bptt.initialState(b, narrowed(sequence(initial, b, 1)));
      }
      float[] y = new float[lossWeights.length];
      if (tokens != null) {
        bptt.forward(tokens, steps, lengths, y);
      } else {
        bptt.forward(narrowed(x), steps, lengths, y);
      }
      return bptt;
    } catch (RuntimeException e) {
      bptt.close();
      throw CustomCells.failed(architecture, "forward", e);
    }
  }

  /** How that forward pass compares with that of the reference. */
  ForwardComparison compare(Bptt bptt) {
    List<List<Pass>> passes = new ArrayList<>();
    for (int b = 0; b < batch; b++) {
      List<Pass> ofSequence = new ArrayList<>();
      ofSequence.add(pass(references[b], b));
      SplittableRandom random = new SplittableRandom(b);
      for (int k = 0; k < ROUNDED; k++) {
        ofSequence.add(pass(reference(b, rounded(random)), b));
      }
      passes.add(ofSequence);
    }
    return ForwardCheck.of(bptt.tape(), steps, passes);
  }

  /** The parameters, each a rounding up or down. */
  private Map<String, double[]> rounded(SplittableRandom random) {
    Map<String, double[]> all = new LinkedHashMap<>();
    parameters.forEach(
        (name, values) ->
            all.put(
                name,
                Arrays.stream(values)
                    .map(value -> value * (1 + (random.nextBoolean() ? ROUNDING : -ROUNDING)))
                    .toArray()));
    return all;
  }

  /** The gradients of a forward pass of the kernels, which is gone back through. */
  Map<String, double[]> kernelGradients(Bptt bptt) {
    try {
      bptt.backward(narrowed(lossWeights), narrowed(finalWeights));
    } catch (RuntimeException e) {
      throw CustomCells.failed(architecture, "backward", e);
    }
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

  Map<String, double[]> referenceGradients() {
    Map<String, double[]> sum = new LinkedHashMap<>();
    variables().forEach((name, values) -> sum.put(name, new double[values.length]));
    for (int b = 0; b < batch; b++) {
      pass(references[b], b);
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

  private Pass pass(ReferenceNetwork reference, int b) {
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
    double[] y = reference.forward(tokensOf, xOf, lengths[b], sequence(initial, b, 1));
    return new Pass(reference, y);
  }

  double loss() {
    double loss = 0;
    for (int b = 0; b < batch; b++) {
      loss += dot(pass(references[b], b).y(), lossWeights(b));
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
