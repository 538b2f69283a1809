package io.cellbelt.graphs;

import io.cellbelt.graphs.plan.Constants;
import io.cellbelt.graphs.plan.Elements;
import io.cellbelt.graphs.plan.Memory;
import io.cellbelt.graphs.plan.Operand;
import io.cellbelt.graphs.plan.Plan;
import io.cellbelt.kernels.ExclusiveUse;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Collectors;

/**
 * Calls of a graph one after the other, with its states from one to the next. A graph without
 * states is simply called.
 *
 * <p>Inputs are {@linkplain #put put}, the graph is {@linkplain #run() run}, outputs are
 * {@linkplain #get got}; {@link #step} does all three where there is one input and one output. An
 * input that is not put again is the one of the last run. Nothing is allocated but what {@link
 * #get(String)} gives. When a call throws, no state has changed.
 *
 * <p>Thread safety: may move between threads, but has one user at a time; concurrent use is
 * detected and refused. Ownership: closed by whoever opened it, before the network.
 */
public final class GraphStream implements AutoCloseable {
  private final GraphNetwork network;
  private final Plan plan;
  private final Constants.Hold hold;
  private final Memory memory;
  private final ExclusiveUse use = new ExclusiveUse("stream");
  private final List<StateCopy> states;
  private final int stateSize;

  /** The one input that is fed and the one output that is read; null where there are others. */
  private final Map.Entry<String, Operand> onlyInput;

  private final Map.Entry<String, Operand> onlyOutput;

  GraphStream(GraphNetwork network, Plan plan, List<Carry> carries, Constants.Hold hold) {
    this.network = network;
    this.plan = plan;
    this.hold = hold;
    states = carries.stream().map(carry -> StateCopy.of(network.graph(), plan, carry)).toList();
    stateSize = states.stream().mapToInt(StateCopy::size).sum();
    onlyInput = only(plan.inputs(), carries, Carry::input);
    onlyOutput = only(plan.outputs(), carries, Carry::output);
    memory = plan.memory();
    states.forEach(state -> state.reset(memory));
  }

  private static Map.Entry<String, Operand> only(
      Map<String, Operand> all, List<Carry> carries, Function<Carry, String> end) {
    Set<String> carried = carries.stream().map(end).collect(Collectors.toSet());
    List<Map.Entry<String, Operand>> others =
        all.entrySet().stream().filter(one -> !carried.contains(one.getKey())).toList();
    return others.size() == 1 ? Map.Entry.copyOf(others.getFirst()) : null;
  }

  /**
   * One step of a graph with one input of floats and one output of floats besides its states.
   *
   * @param x the input, row-major; of exactly its size
   * @param y the output, row-major; of exactly its size; written
   */
  public void step(float[] x, float[] y) {
    use.enter();
    try {
      if (onlyInput == null || onlyOutput == null) {
        throw new IllegalStateException(
            "A step has one input and one output, but this graph has the inputs "
                + plan.inputs().keySet()
                + " and the outputs "
                + plan.outputs().keySet()
                + "; use put, run and get.");
      }
      Operand in = onlyInput.getValue();
      Operand out = onlyOutput.getValue();
      checkLength("input", onlyInput.getKey(), x, in);
      checkLength("output", onlyOutput.getKey(), y, out);
      Elements.write(in, memory, x);
      advance();
      Elements.read(out, memory, y);
    } finally {
      use.exit();
    }
  }

  /** An array of another length is most often meant for another input, or another size. */
  private static void checkLength(String what, String name, float[] values, Operand operand) {
    Objects.requireNonNull(values, "Floats are copied from or to an array, but got null.");
    boolean floats = operand.storage() == ElementType.Storage.FLOAT;
    if (!floats || values.length != operand.size()) {
      throw new IllegalArgumentException(
          "The "
              + what
              + " '"
              + name
              + "' is "
              + operand
              + (floats ? ", an array of length " + operand.size() : ", which only a Tensor holds")
              + ", but got an array of floats of length "
              + values.length
              + ".");
    }
  }

  /**
   * Sets an input of floats.
   *
   * @param values row-major; as many as the input has
   */
  public void put(String input, float[] values) {
    use.enter();
    try {
      Operand operand = input(input);
      checkLength("input", input, values, operand);
      Elements.write(operand, memory, values);
    } finally {
      use.exit();
    }
  }

  /** Sets an input. */
  public void put(String input, Tensor value) {
    use.enter();
    try {
      Operand operand = input(input);
      Objects.requireNonNull(value, "An input is a tensor, but got null.");
      if (value.type() != operand.type() || !value.hasShape(operand.shape())) {
        throw new IllegalArgumentException(
            "The input '" + input + "' is " + operand + ", but got " + value + ".");
      }
      Elements.write(operand, memory, value);
    } finally {
      use.exit();
    }
  }

  private Operand input(String name) {
    Operand operand = plan.inputs().get(name);
    if (operand == null) {
      throw new IllegalArgumentException(
          "There is no input '" + name + "' to be fed; there are " + plan.inputs().keySet() + ".");
    }
    return operand;
  }

  private Operand output(String name) {
    Operand operand = plan.outputs().get(name);
    if (operand == null) {
      throw new IllegalArgumentException(
          "There is no output '" + name + "'; there are " + plan.outputs().keySet() + ".");
    }
    return operand;
  }

  /** Runs the graph on the inputs that were put. */
  public void run() {
    use.enter();
    try {
      advance();
    } finally {
      use.exit();
    }
  }

  private void advance() {
    plan.run(memory);
    for (int i = 0; i < states.size(); i++) {
      states.get(i).carry(memory);
    }
  }

  /**
   * Copies an output of floats out.
   *
   * @param values row-major; as many as the output has; written
   */
  public void get(String output, float[] values) {
    use.enter();
    try {
      Operand operand = output(output);
      checkLength("output", output, values, operand);
      Elements.read(operand, memory, values);
    } finally {
      use.exit();
    }
  }

  /** A copy of an output, which is allocated. */
  public Tensor get(String output) {
    use.enter();
    try {
      Operand operand = output(output);
      return operand.isConstant() ? operand.value() : Elements.read(operand, memory);
    } finally {
      use.exit();
    }
  }

  /** Sets all states to their start: what the graph says, or zeros. */
  public void reset() {
    use.enter();
    try {
      states.forEach(state -> state.reset(memory));
    } finally {
      use.exit();
    }
  }

  /** Floats of all states together. */
  public int stateSize() {
    return stateSize;
  }

  /**
   * Copies the states out, in the order of {@link ReadyGraph#states}.
   *
   * @param state {@link #stateSize} floats; written
   */
  public void saveState(float[] state) {
    use.enter();
    try {
      StateCopy.checkLength(state, stateSize);
      int at = 0;
      for (StateCopy one : states) {
        at = one.save(memory, state, at);
      }
    } finally {
      use.exit();
    }
  }

  /**
   * Sets the states to what {@link #saveState} gave.
   *
   * @param state {@link #stateSize} floats
   */
  public void restoreState(float[] state) {
    use.enter();
    try {
      StateCopy.checkLength(state, stateSize);
      int at = 0;
      for (StateCopy one : states) {
        at = one.restore(memory, state, at);
      }
    } finally {
      use.exit();
    }
  }

  /**
   * Gives the memory back. Closing again does nothing.
   *
   * @throws IllegalStateException if another thread is using the stream
   */
  @Override
  public void close() {
    if (use.close()) {
      memory.close();
      network.release(hold);
    }
  }
}
