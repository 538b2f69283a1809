package io.cellbelt.graphs;

import java.util.Objects;

/**
 * A state of a graph: an output, or a part of one, that is the input of the next call.
 *
 * @param input name of the input
 * @param output name of the output
 * @param axis dimension of the output that states of several inputs lie side by side in; {@link
 *     #WHOLE} where the whole output is the state
 * @param from where in that dimension this state starts
 */
public record Carry(String input, String output, int axis, int from) {
  /** The axis of a state that is all of its output. */
  public static final int WHOLE = -1;

  /** Checks the names. */
  public Carry {
    Objects.requireNonNull(input, "A state is the input of the next call, but got null.");
    Objects.requireNonNull(output, "A state is an output, but got null.");
  }

  /** A state that is all of an output. */
  public Carry(String input, String output) {
    this(input, output, WHOLE, 0);
  }

  @Override
  public String toString() {
    return output + (axis < 0 ? "" : " from " + from + " in axis " + axis) + " -> " + input;
  }
}
