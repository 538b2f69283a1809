package io.cellbelt.graphs;

import io.cellbelt.graphs.plan.Copying;
import io.cellbelt.graphs.plan.Elements;
import io.cellbelt.graphs.plan.Kernel;
import io.cellbelt.graphs.plan.Layout;
import io.cellbelt.graphs.plan.Memory;
import io.cellbelt.graphs.plan.Operand;
import io.cellbelt.graphs.plan.Plan;
import java.util.Objects;

/**
 * One state of a stream: where it lies as an input, and how it gets there.
 *
 * @param input the input
 * @param start what it is at first
 * @param kernel copies it from the output
 */
record StateCopy(Operand input, float[] start, Kernel kernel) {
  static StateCopy of(Graph graph, Plan plan, Carry carry) {
    Operand input = plan.inputs().get(carry.input());
    Operand output = plan.outputs().get(carry.output());
    if (carry.axis() >= 0) {
      output =
          output.view(
              output.layout().sliced(carry.axis(), carry.from(), input.size(carry.axis()), 1));
    }
    return new StateCopy(
        input, start(graph.constants().get(carry.input()), input), Copying.of(output, input));
  }

  /** What the graph says, repeated for each stream of a batch; zeros where it says nothing. */
  private static float[] start(Tensor first, Operand input) {
    if (first == null) {
      return new float[input.size()];
    }
    int[] shape = first.shape();
    for (int d = 0; d < shape.length; d++) {
      if (shape.length != input.rank() || shape[d] != 1 && shape[d] != input.size(d)) {
        throw new IllegalArgumentException(
            "The state starts as " + first + ", which cannot be repeated to " + input + ".");
      }
    }
    int[] indices = Layout.dense(shape).broadcast(input.shape()).indices();
    float[] values = first.floats();
    float[] start = new float[indices.length];
    for (int i = 0; i < start.length; i++) {
      start[i] = values[indices[i]];
    }
    return start;
  }

  /** Checks that an array holds as many floats as all states of a stream. */
  static void checkLength(float[] state, int size) {
    Objects.requireNonNull(state, "The state of a stream is an array, but got null.");
    if (state.length != size) {
      throw new IllegalArgumentException(
          "The state of a stream has "
              + size
              + " floats, but got an array of "
              + state.length
              + ".");
    }
  }

  int size() {
    return start.length;
  }

  void reset(Memory memory) {
    Elements.write(input, memory, start);
  }

  void carry(Memory memory) {
    kernel.run(memory);
  }

  int save(Memory memory, float[] state, int at) {
    Elements.read(input, memory, state, at);
    return at + start.length;
  }

  int restore(Memory memory, float[] state, int at) {
    Elements.write(input, memory, state, at);
    return at + start.length;
  }
}
