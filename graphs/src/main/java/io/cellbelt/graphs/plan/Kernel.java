package io.cellbelt.graphs.plan;

/** What a node does in a run: no allocation, no threads, the same for every run. */
@FunctionalInterface
public interface Kernel {
  /** Runs on the tensors of a run. */
  void run(Memory memory);
}
