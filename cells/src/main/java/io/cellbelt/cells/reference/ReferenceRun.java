package io.cellbelt.cells.reference;

import io.cellbelt.cells.Architecture;
import io.cellbelt.cells.Cell;
import io.cellbelt.cells.Input;
import io.cellbelt.cells.Layer;
import io.cellbelt.cells.Readout;
import io.cellbelt.cells.Schedule;
import io.cellbelt.cells.reference.ReferenceNetwork.Noise;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** One sequence through a network, layer by layer. */
final class ReferenceRun {
  private final Architecture architecture;
  private final Tensors tensors;
  private final Noise noise;
  private final int steps;
  private final double[] initial;
  private final List<Vec> inputs = new ArrayList<>();
  private final List<Vec> initials = new ArrayList<>();
  private final List<Vec> finals = new ArrayList<>();
  private final List<Vec> outputs = new ArrayList<>();

  /** {@code [L][directions][T][states]}. */
  private final Vec[][][][] states;

  /** {@code [L][T]}. */
  private final Vec[][] layerOutputs;

  /** How far {@link #initial} has been read. */
  private int at;

  /** Runs it; the parameters are those of {@link ReferenceNetwork#forward}. */
  ReferenceRun(
      Architecture architecture,
      Tensors tensors,
      Noise noise,
      int[] tokens,
      double[] x,
      int steps,
      double[] initial) {
    this.architecture = architecture;
    this.tensors = tensors;
    this.noise = noise;
    this.steps = steps;
    this.initial = initial;
    int depth = architecture.layers().size();
    states = new Vec[depth][2][steps][];
    layerOutputs = new Vec[depth][];
    for (int t = 0; t < steps; t++) {
      inputs.add(input(tokens, x, t));
    }
    Signal signal = new Signal(inputs.toArray(Vec[]::new), new Vec[steps]);
    for (int l = 0; l < depth; l++) {
      signal = layer(l, signal);
      layerOutputs[l] = signal.h;
    }
    readOut(signal.h);
  }

  /** What the first layer sees at each step. */
  List<Vec> inputs() {
    return inputs;
  }

  /** The initial state, in its parts. */
  List<Vec> initials() {
    return initials;
  }

  /** The final state, in its parts. */
  List<Vec> finals() {
    return finals;
  }

  /** One output for each step, or one alone. */
  List<Vec> outputs() {
    return outputs;
  }

  /** A state that a direction of a layer left at a step. */
  Vec state(int layer, int direction, int step, int state) {
    return states[layer][direction][step][state];
  }

  /** What a layer hands up at a step, merged and dropped out. */
  Vec layerOutput(int layer, int step) {
    return layerOutputs[layer][step];
  }

  /** What goes from one layer to the next at each step: outputs and, if there is one, a memory. */
  private record Signal(Vec[] h, Vec[] memory) {}

  private Vec input(int[] tokens, double[] x, int t) {
    int size = architecture.input().size();
    return switch (architecture.input()) {
      case Input.Dense dense -> variable(Arrays.copyOfRange(x, t * size, (t + 1) * size));
      case Input.OneHot oneHot -> {
        double[] one = new double[size];
        one[tokens[t]] = 1;
        yield variable(one);
      }
      case Input.Embedding embedding ->
          tensors.vector(Architecture.EMBEDDING, tokens[t] * size, size);
    };
  }

  private Vec variable(double[] values) {
    return tensors.recorder() == null ? Vec.constant(values) : tensors.recorder().variable(values);
  }

  private Signal layer(int l, Signal below) {
    Layer layer = architecture.layers().get(l);
    Signal signal =
        switch (layer.direction()) {
          case FORWARD -> direction(l, 0, false, below);
          case REVERSE -> direction(l, 0, true, below);
          case BIDIRECTIONAL -> {
            Signal forward = direction(l, 0, false, below);
            Signal reverse = direction(l, 1, true, below);
            Vec[] merged = new Vec[steps];
            Arrays.setAll(merged, t -> merge(layer.merge(), forward.h[t], reverse.h[t]));
            yield new Signal(merged, new Vec[steps]);
          }
        };
    if (noise != null && layer.dropout() > 0) {
      for (int t = 0; t < steps; t++) {
        Vec h = signal.h[t];
        signal.h[t] = h.times(Vec.constant(noise.dropout(l, t, h.length())));
      }
    }
    return signal;
  }

  private static Vec merge(Layer.Merge merge, Vec forward, Vec reverse) {
    return switch (merge) {
      case CONCAT -> Vec.concat(forward, reverse);
      case SUM -> forward.plus(reverse);
      case MEAN -> forward.plus(reverse).times(0.5);
      case PRODUCT -> forward.times(reverse);
    };
  }

  private Signal direction(int l, int d, boolean reverse, Signal below) {
    Layer layer = architecture.layers().get(l);
    Cell cell = layer.checkedCell();
    Schedule schedule = cell.schedule();
    ReferenceCell equations = CheckedReference.of(cell);
    boolean hides = noise != null && layer.recurrentDropout() > 0;
    double[] mask = hides ? noise.recurrent(l, d, schedule.states().getFirst()) : null;
    var p = new ReferenceParameters(architecture, l, d, tensors, mask);
    List<Vec> carried = new ArrayList<>();
    for (int s = 0; s < schedule.carried(); s++) {
      carried.add(initial(schedule.states().get(s)));
    }
    int period = cell.clock();
    Vec storedClock = period > 0 ? initial(1) : null;
    int clock = period > 0 ? Math.floorMod(Math.round(storedClock.get(0)), period) : 0;
    Signal signal = new Signal(new Vec[steps], new Vec[steps]);
    for (int n = 0; n < steps; n++) {
      int t = reverse ? steps - 1 - n : n;
      boolean hasMemory = cell.readsMemoryBelow() && below.memory[t] != null;
      Vec memory = hasMemory ? below.memory[t] : Vec.filled(cell.hiddenSize(), 0);
      List<Vec> next = new ArrayList<>(equations.step(p, below.h[t], carried, memory, clock));
      for (int s = 0; s < schedule.carried() && layer.zoneout() > 0; s++) {
        Vec share = zoneout(l, d, t, s, next.get(s).length());
        next.set(s, share.times(carried.get(s)).plus(share.oneMinus().times(next.get(s))));
      }
      signal.h[t] = next.get(schedule.output());
      signal.memory[t] = schedule.memory() < 0 ? null : next.get(schedule.memory());
      states[l][d][t] = next.toArray(Vec[]::new);
      carried = next.subList(0, schedule.carried());
      clock = period > 0 ? (clock + 1) % period : 0;
    }
    finals.addAll(carried);
    if (period > 0) {
      finals.add(Vec.filled(1, clock));
    }
    return signal;
  }

  private Vec initial(int length) {
    Vec state = variable(Arrays.copyOfRange(initial, at, at + length));
    at += length;
    initials.add(state);
    return state;
  }

  /** How much of a state stays; without training, what is to be expected. */
  private Vec zoneout(int l, int d, int t, int state, int size) {
    return noise == null
        ? Vec.filled(size, architecture.layers().get(l).zoneout())
        : Vec.constant(noise.zoneout(l, d, t, state, size));
  }

  private void readOut(Vec[] top) {
    Readout readout = architecture.readout();
    for (Vec h : readout.perSequence() ? new Vec[] {attend(top)} : top) {
      outputs.add(
          readout.outputs() == 0
              ? h
              : tensors
                  .product(Architecture.HEAD, 0, readout.outputs(), h)
                  .plus(tensors.vector(Architecture.HEAD_BIAS, 0, readout.outputs())));
    }
  }

  /** {@code [sum a(t) h(t), q]}, and zeros where there is no step. */
  private Vec attend(Vec[] h) {
    int size = architecture.layers().getLast().outputSize();
    if (h.length == 0) {
      return Vec.filled(2 * size, 0);
    }
    Vec q = h[h.length - 1];
    Vec weights =
        Vec.concat(Arrays.stream(h).map(key -> score(key, q)).toArray(Vec[]::new)).softmax();
    Vec context = Vec.filled(size, 0);
    for (int t = 0; t < h.length; t++) {
      context = context.plus(weights.slice(t, 1).repeat(size).times(h[t]));
    }
    return Vec.concat(context, q);
  }

  private Vec score(Vec h, Vec q) {
    int size = h.length();
    return switch (architecture.readout().attention()) {
      case DOT -> h.dot(q).times(1 / Math.sqrt(size));
      case ADDITIVE ->
          Vec.sum(
                  tensors.product(Readout.KEYS, 0, size, h),
                  tensors.product(Readout.QUERY, 0, size, q),
                  tensors.vector(Readout.BIAS, 0, size))
              .tanh()
              .dot(tensors.vector(Readout.SCORE, 0, size));
      case NONE -> throw new IllegalStateException("Without attention there are no scores.");
    };
  }
}
