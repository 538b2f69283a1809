package io.cellbelt.graphs.plan;

import io.cellbelt.kernels.simd.LibrarySlab;
import java.util.ArrayList;
import java.util.List;

/**
 * What one run of a plan writes to: its tensors, and what its recurrent nodes work in. One user at
 * a time.
 */
public final class Memory implements AutoCloseable {
  private final LibrarySlab slab;
  private final long base;
  private final List<AutoCloseable> tools = new ArrayList<>();

  Memory(long bytes) {
    slab = new LibrarySlab(Math.ceilDiv(bytes, Float.BYTES));
    base = slab.address();
  }

  /** Raw address of the first byte. */
  public long base() {
    return base;
  }

  LibrarySlab slab() {
    return slab;
  }

  void add(AutoCloseable tool) {
    tools.add(tool);
  }

  /** What a kernel works in: see {@link Site#tool}. */
  public Object tool(int index) {
    return tools.get(index);
  }

  @Override
  public void close() {
    slab.close();
    for (AutoCloseable tool : tools) {
      try {
        tool.close();
      } catch (RuntimeException e) {
        throw e;
      } catch (Exception e) {
        throw new IllegalStateException(e.getMessage(), e);
      }
    }
  }
}
