package io.cellbelt.kernels.simd;

import io.cellbelt.kernels.Slab;
import java.lang.foreign.MemorySegment;

/**
 * Every slab, as only this library's own code sees it: its memory as a whole, and the count of its
 * users. One release too many would let memory be closed under a running kernel, so none of this is
 * for everyone.
 */
public final class LibrarySlab extends Slab {
  /** A slab as {@link Slab#allocate} gives it. */
  public LibrarySlab(long floats) {
    super(floats);
  }

  @Override
  public MemorySegment segment() {
    return super.segment();
  }

  @Override
  public void acquire() {
    super.acquire();
  }

  @Override
  public void release() {
    super.release();
  }

  /** The memory of the live slab that owns a raw address; only where {@link Lanes#CHECKED}. */
  public static MemorySegment owner(long address) {
    return Slab.owner(address);
  }

  /** The bytes at a raw address, as a slice of the live slab that owns them all. */
  static MemorySegment owning(long address, long bytes) {
    MemorySegment owner = owner(address);
    if (bytes < 0 || bytes > owner.byteSize() - (address - owner.address())) {
      throw new IndexOutOfBoundsException(
          "The slab of the address " + address + " does not hold " + bytes + " bytes there.");
    }
    return owner.asSlice(address - owner.address(), bytes);
  }
}
