package io.cellbelt.propertytests.conformance;

import java.util.Arrays;
import java.util.Optional;
import java.util.function.Supplier;
import java.util.stream.IntStream;

/**
 * The operands of a recurrent operator, checked, with time first and zeros for what was left out.
 *
 * @param x [time][batch][input], {@code h0} and {@code c0} [direction][batch][hidden]
 * @param lengths the steps of each sequence
 */
record Recurrence(
    OnnxCase operator,
    int steps,
    int batch,
    int inputs,
    int hidden,
    double[] x,
    double[] w,
    double[] r,
    double[] b,
    double[] p,
    double[] h0,
    double[] c0,
    int[] lengths) {

  static Recurrence of(OnnxCase operator) {
    Attributes attributes = operator.attributes();
    require(
        attributes.direction().matches("forward|reverse|bidirectional"),
        () -> "The direction " + attributes.direction() + " is unknown.");
    attributes.activations().forEach(function -> function.of(0));
    int directions = attributes.directions();
    int gates = attributes.gates();
    NamedTensor x = matrices(operator.required("X"));
    x = attributes.batchFirst() ? x.firstTwoSwapped() : x;
    NamedTensor r = matrices(operator.required("R"));
    int hidden = attributes.hiddenSize().orElse(r.size(2));
    int steps = x.size(0);
    int batch = x.size(1);
    Optional<NamedTensor> lens = operator.input("sequence_lens");
    if (lens.isPresent()) {
      require(
          lens.get().hasShape(batch),
          () ->
              "sequence_lens must have the shape [%d], but has %s."
                  .formatted(batch, lens.get().dimensions()));
    }
    int[] lengths =
        lens.map(NamedTensor::ints).orElse(IntStream.generate(() -> steps).limit(batch).toArray());
    require(
        IntStream.of(lengths).allMatch(length -> length >= 0 && length <= steps),
        () ->
            "sequence_lens must be from 0 to %d, but are %s."
                .formatted(steps, Arrays.toString(lengths)));
    int rows = gates * hidden;
    return new Recurrence(
        operator,
        steps,
        batch,
        x.size(2),
        hidden,
        x.values(),
        checked(operator.input("W"), "W", false, directions, rows, x.size(2)),
        checked(operator.input("R"), "R", false, directions, rows, hidden),
        checked(operator.input("B"), "B", true, directions, 2 * rows),
        checked(operator.input("P"), "P", true, directions, 3 * hidden),
        state(operator, "initial_h", directions, batch, hidden),
        state(operator, "initial_c", directions, batch, hidden),
        lengths);
  }

  private static NamedTensor matrices(NamedTensor tensor) {
    require(
        tensor.rank() == 3,
        () ->
            "%s must have 3 dimensions, but has the shape %s."
                .formatted(tensor.name(), tensor.dimensions()));
    return tensor;
  }

  private static double[] state(OnnxCase operator, String name, int... shape) {
    Optional<NamedTensor> state = operator.input(name);
    if (operator.attributes().batchFirst() && state.isPresent() && state.get().rank() == 3) {
      state = Optional.of(state.get().firstTwoSwapped());
    }
    return checked(state, name, true, shape);
  }

  private static double[] checked(
      Optional<NamedTensor> tensor, String name, boolean optional, int... shape) {
    if (tensor.isEmpty()) {
      require(optional, () -> "The input " + name + " is missing.");
      return new double[NamedTensor.count(shape)];
    }
    require(
        tensor.get().hasShape(shape),
        () ->
            "%s must have the shape %s, but has %s."
                .formatted(name, Arrays.toString(shape), tensor.get().dimensions()));
    return tensor.get().values();
  }

  private static void require(boolean condition, Supplier<String> message) {
    if (!condition) {
      throw new IllegalArgumentException(message.get());
    }
  }

  int directions() {
    return operator.attributes().directions();
  }

  /** Returns the steps that a sequence takes in one direction, in their order. */
  int[] order(int direction, int sequence) {
    int length = lengths[sequence];
    boolean reverse = operator.attributes().reverse(direction);
    return IntStream.range(0, length)
        .map(t -> reverse ? length - 1 - t : t)
        .filter(t -> counts(t, sequence))
        .toArray();
  }

  /** Whether a step counts; the others have no effect but on the output. */
  boolean counts(int t, int sequence) {
    return t < lengths[sequence] && (operator.mask() == null || operator.mask().get(sequence)[t]);
  }
}
