package io.cellbelt.bptt;

import io.cellbelt.bptt.Layout.Block;
import io.cellbelt.cells.Architecture;
import io.cellbelt.cells.Cell;
import io.cellbelt.cells.Layer;
import io.cellbelt.cells.Schedule;
import io.cellbelt.cells.Weights;
import io.cellbelt.cells.engine.Connections;
import io.cellbelt.cells.engine.Noise;
import io.cellbelt.cells.engine.Track;
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
          addStates(blocks, layer.cell(), " of layer " + l + (d == 0 ? "" : ", reverse"));
        }
      }
    }
    all.put(INITIAL, new Layout(initial.length, 1, Layout.Kind.STATES, blocks, false));
    return all;
  }

  private static void addStates(List<Block> blocks, Cell cell, String where) {
    Schedule schedule = cell.schedule();
    for (int s = 0; s < schedule.carried(); s++) {
      String name = s == 0 ? "h" : s == schedule.memory() ? "c" : "state " + s;
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

  double loss() {
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
