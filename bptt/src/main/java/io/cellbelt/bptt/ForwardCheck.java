package io.cellbelt.bptt;

import io.cellbelt.bptt.ForwardComparison.Difference;
import io.cellbelt.bptt.NetworkLoss.Pass;
import io.cellbelt.cells.Architecture;
import io.cellbelt.cells.Layer;
import io.cellbelt.cells.Schedule;
import io.cellbelt.cells.engine.Track;
import io.cellbelt.cells.engine.Unrolled;
import io.cellbelt.cells.reference.Tolerance;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;

/**
 * Compares a forward pass on the tape with that of the reference, in the order of computing: layer
 * by layer from the lowest, within a layer direction by direction and step by step, and of a step
 * the memory before h, which is made of it. So the first difference is where the mistake is, and
 * all others may follow from it.
 *
 * <p>The tolerance is that of {@link Tolerance}, relative to the value or, where that is more, to
 * what rounding can make of it: how far the reference moves when every parameter is rounded another
 * way. So large sums that cancel and chaotic networks are not taken for mistakes.
 */
final class ForwardCheck {
  private final Architecture architecture;
  private final Unrolled tape;
  private final int steps;
  private final int[] lengths;
  private final Tolerance tolerance;

  /** Of each sequence the pass that is compared, then some with other roundings. */
  private final List<List<Pass>> passes;

  private long compared;
  private double worst;

  private ForwardCheck(Unrolled tape, int steps, List<List<Pass>> passes) {
    this.tape = tape;
    this.steps = steps;
    this.passes = passes;
    architecture = tape.architecture();
    lengths = tape.lengths();
    int longestSum =
        architecture.layers().stream()
            .map(Layer::cell)
            .mapToInt(cell -> cell.inputSize() + cell.hiddenSize() + 1)
            .max()
            .orElseThrow();
    tolerance = Tolerance.forward(longestSum, steps * architecture.layers().size());
  }

  /**
   * Compares the last forward pass on a tape.
   *
   * @param passes of each sequence the pass that is compared, then some with other roundings
   */
  static ForwardComparison of(Unrolled tape, int steps, List<List<Pass>> passes) {
    ForwardCheck check = new ForwardCheck(tape, steps, passes);
    Optional<Difference> first = check.first();
    return new ForwardComparison(check.compared, check.worst, first);
  }

  /** A state's name, in a sentence. */
  static String stateName(Schedule schedule, int state) {
    return state == 0 ? "h" : state == schedule.memory() ? "c" : "state " + state;
  }

  /**
   * A vector that every sequence has, and what is known of it.
   *
   * @param place what it is
   * @param layer its layer, -1 for none
   * @param step of each sequence, -1 for none
   * @param kernel that of the kernels
   * @param reference that of a pass of the reference
   * @param right what was compared before it, or empty
   */
  private record Place(
      String place, int layer, Step step, Kernel kernel, Reference reference, String right) {}

  private interface Step {
    int of(int sequence);
  }

  private interface Kernel {
    float[] of(int sequence);
  }

  private interface Reference {
    double[] of(Pass pass, int sequence);
  }

  private Optional<Difference> first() {
    for (int l = 0; l < architecture.layers().size(); l++) {
      for (Track track : tape.tracks(l)) {
        for (int ran = 0; ran < steps; ran++) {
          for (int state : causalOrder(track.schedule())) {
            Optional<Difference> found = compare(state(l, track, ran, state));
            if (found.isPresent()) {
              return found;
            }
          }
        }
      }
      for (int t = 0; t < steps; t++) {
        Optional<Difference> found = compare(layerOutput(l, t));
        if (found.isPresent()) {
          return found;
        }
      }
    }
    for (int t = 0; t < (architecture.readout().perSequence() ? 1 : steps); t++) {
      Optional<Difference> found = compare(output(t));
      if (found.isPresent()) {
        return found;
      }
    }
    return compare(finalState());
  }

  /** The memory first: h is made of it. */
  private static int[] causalOrder(Schedule schedule) {
    int memory = Math.max(0, schedule.memory());
    return IntStream.concat(
            IntStream.of(memory),
            IntStream.range(0, schedule.states().size()).filter(state -> state != memory))
        .toArray();
  }

  /** A state after so many steps of a track and one more. */
  private Place state(int l, Track track, int ran, int state) {
    Schedule schedule = track.schedule();
    int size = schedule.states().get(state);
    Layer layer = architecture.layers().get(l);
    String direction = layer.directions() > 1 ? ", forward direction" : "";
    String place =
        stateName(schedule, state)
            + (" of layer " + l + " (" + layer.cell().kind() + ")")
            + (track.reverse() ? ", reverse direction" : direction);
    Step step = b -> track.reverse() && ran < lengths[b] ? lengths[b] - 1 - ran : ran;
    return new Place(
        place,
        l,
        step,
        b -> {
          long row = b * track.rows().stateRow() + state * track.rows().plane();
          return read(tape.index(track.states(ran + 1) + row), size);
        },
        (pass, b) ->
            ran < lengths[b]
                ? pass.network().state(l, track.direction(), step.of(b), state)
                : new double[size],
        right(schedule, state, ran));
  }

  private static String right(Schedule schedule, int state, int ran) {
    List<String> right = new ArrayList<>();
    if (schedule.memory() > 0 && state != schedule.memory()) {
      right.add(stateName(schedule, schedule.memory()) + " of this step is right");
    }
    if (ran > 0) {
      right.add(
          (ran == 1 ? "the step before is" : "the " + ran + " steps before are")
              + " right, so look at what a step takes from the one before and at what changes with"
              + " time");
    }
    return String.join("; ", right);
  }

  private Place layerOutput(int l, int t) {
    int size = architecture.layers().get(l).outputSize();
    return new Place(
        "output of layer " + l,
        l,
        b -> t,
        b -> {
          long row = (t * tape.batch() + b) * tape.layerOutputRow(l);
          return read(tape.index(tape.layerOutput(l) + row), size);
        },
        (pass, b) -> t < lengths[b] ? pass.network().layerOutput(l, t) : new double[size],
        "its states are right, so look at how directions are merged and outputs dropped");
  }

  private Place output(int t) {
    int size = tape.outputSize();
    boolean whole = architecture.readout().perSequence();
    return new Place(
        "output of the network",
        -1,
        b -> whole ? -1 : t,
        b -> read(tape.outputIndex(t * tape.batch() + b), size),
        (pass, b) ->
            whole || t < lengths[b]
                ? Arrays.copyOfRange(pass.y(), t * size, (t + 1) * size)
                : new double[size],
        "all layers are right, so look at the readout");
  }

  private Place finalState() {
    return new Place(
        "final state",
        -1,
        b -> -1,
        b -> {
          float[] state = new float[tape.states().size()];
          tape.states().save(b, steps, state);
          return state;
        },
        (pass, b) -> pass.network().finalState(),
        "the states of all steps are right");
  }

  private float[] read(long index, int size) {
    float[] values = new float[size];
    tape.slab().get(index, values, 0, size);
    return values;
  }

  private record Wrong(int sequence, int unit, double kernel, double reference, double tolerance) {}

  private Optional<Difference> compare(Place place) {
    List<Wrong> all = new ArrayList<>();
    int size = 0;
    for (int b = 0; b < tape.batch(); b++) {
      float[] kernel = place.kernel().of(b);
      double[] reference = place.reference().of(passes.get(b).getFirst(), b);
      double moved = moved(place.reference(), b, reference);
      size = reference.length;
      for (int unit = 0; unit < size; unit++) {
        double most = tolerance.at(Math.max(Math.abs(reference[unit]), moved));
        double share = Math.abs(kernel[unit] - reference[unit]) / most;
        worst = Math.max(worst, share);
        if (!(share <= 1)) {
          all.add(new Wrong(b, unit, kernel[unit], reference[unit], most));
        }
      }
      compared += size;
    }
    if (all.isEmpty()) {
      return Optional.empty();
    }
    Wrong one = all.getFirst();
    return Optional.of(
        new Difference(
            place.place(),
            place.layer(),
            place.step().of(one.sequence()),
            one.sequence(),
            one.unit(),
            one.kernel(),
            one.reference(),
            one.tolerance(),
            pattern(all, size, place)));
  }

  /** How far other roundings of the parameters move a vector, in epsilons. */
  private double moved(Reference vector, int sequence, double[] reference) {
    double most = 0;
    for (Pass pass : passes.get(sequence).subList(1, passes.get(sequence).size())) {
      double[] other = vector.of(pass, sequence);
      for (int unit = 0; unit < reference.length; unit++) {
        most = Math.max(most, Math.abs(other[unit] - reference[unit]) / NetworkLoss.ROUNDING);
      }
    }
    return most;
  }

  private String pattern(List<Wrong> all, int size, Place place) {
    Wrong one = all.getFirst();
    int[] units = all.stream().mapToInt(Wrong::unit).distinct().sorted().toArray();
    int[] sequences = all.stream().mapToInt(Wrong::sequence).distinct().toArray();
    int batch = tape.batch();
    String wrong =
        units.length == size && size > 1
            ? "all " + size + " units are wrong"
            : (units.length == 1 ? "unit " : "units ")
                + Enumeration.of(units)
                + (units.length == 1 ? " is" : " are")
                + " wrong, of "
                + size;
    if (batch > 1) {
      wrong +=
          sequences.length == batch
              ? ", in all " + batch + " sequences"
              : ", only in sequence"
                  + (sequences.length == 1 ? " " : "s ")
                  + Enumeration.of(sequences)
                  + " of 0 to "
                  + (batch - 1);
    }
    List<String> parts = new ArrayList<>(List.of(wrong));
    if (!Double.isFinite(one.reference())) {
      parts.add("the reference is NaN or infinite");
    } else if (!Double.isFinite(one.kernel())) {
      parts.add(
          "the kernel's value is NaN or infinite: look for 0 / 0 and for memory that is read"
              + " before it is written");
    } else if (place.step().of(one.sequence()) >= lengths[one.sequence()]) {
      parts.add("that is behind the end of the sequence, where all is 0");
    }
    if (batch > 1 && sequences[0] > 0) {
      parts.add("sequence 0 is right, so look at how the kernel gets from one row to the next");
    }
    if (!place.right().isEmpty()) {
      parts.add(place.right());
    }
    return String.join("; ", parts);
  }
}
