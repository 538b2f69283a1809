package io.cellbelt.graphs.plan;

/**
 * A stretch of memory that some tensors of a plan lie in: of the constants, which all runs share,
 * or of a run's own memory. Where it starts is known when the plan is complete.
 */
public final class Place {
  private final long bytes;
  private final boolean shared;
  private long start;

  /** First and last step that touch it; see {@link MemoryPlan}. */
  private int from = Integer.MAX_VALUE;

  private int to = -1;

  private Place(long bytes, boolean shared, long start) {
    this.bytes = bytes;
    this.shared = shared;
    this.start = start;
  }

  /** A stretch of a run's own memory, to be placed. */
  static Place own(long bytes) {
    return new Place(bytes, false, 0);
  }

  /** A stretch of the constants. */
  static Place shared(long bytes, long address) {
    return new Place(bytes, true, address);
  }

  /** Bytes that its tensors have. */
  long bytes() {
    return bytes;
  }

  /** Raw address of its first byte during a run. */
  public long at(Memory memory) {
    return shared ? start : memory.base() + start;
  }

  boolean isShared() {
    return shared;
  }

  void touch(int step) {
    from = Math.min(from, step);
    to = Math.max(to, step);
  }

  int from() {
    return from;
  }

  int to() {
    return to;
  }

  long start() {
    return start;
  }

  void start(long offset) {
    start = offset;
  }
}
