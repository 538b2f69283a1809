package io.cellbelt.graphs.plan;

import java.util.List;
import java.util.Map;
import java.util.function.Supplier;

/**
 * A graph made ready for sizes: its kernels in order, and where everything lies. Immutable, so any
 * number of threads may run it, each in a {@link Memory} of its own. The constants must outlive it.
 */
public final class Plan {
  private final Kernel[] kernels;
  private final List<Step> steps;
  private final long bytes;
  private final long multiplyAdds;
  private final List<Supplier<? extends AutoCloseable>> tools;
  private final Map<String, Operand> inputs;
  private final Map<String, Operand> outputs;

  Plan(
      List<Step> steps,
      long bytes,
      long multiplyAdds,
      List<Supplier<? extends AutoCloseable>> tools,
      Map<String, Operand> inputs,
      Map<String, Operand> outputs) {
    this.steps = List.copyOf(steps);
    kernels = steps.stream().map(Step::kernel).toArray(Kernel[]::new);
    this.bytes = bytes;
    this.multiplyAdds = multiplyAdds;
    this.tools = List.copyOf(tools);
    this.inputs = inputs;
    this.outputs = outputs;
  }

  /** Memory to run it in, zeroed. */
  public Memory memory() {
    Memory memory = new Memory(bytes);
    try {
      tools.forEach(tool -> memory.add(tool.get()));
      return memory;
    } catch (Throwable e) {
      memory.close();
      throw e;
    }
  }

  /** Runs all kernels on the inputs that the memory holds. */
  public void run(Memory memory) {
    for (Kernel kernel : kernels) {
      kernel.run(memory);
    }
  }

  /** What is fed, by name; without those that were given as constants. */
  public Map<String, Operand> inputs() {
    return inputs;
  }

  /** What comes out, by name; constants where it is known already. */
  public Map<String, Operand> outputs() {
    return outputs;
  }

  /** Bytes of a memory, without what recurrent nodes work in. */
  public long bytes() {
    return bytes;
  }

  /** Numbers that a run multiplies and adds up in products, convolutions and recurrent nodes. */
  public long multiplyAdds() {
    return multiplyAdds;
  }

  /** The nodes that kernels run for, in order: a node may have several, or none. */
  public List<String> nodes() {
    return steps.stream().map(step -> step.node().describe()).toList();
  }
}
