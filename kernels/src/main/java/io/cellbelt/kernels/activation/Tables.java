package io.cellbelt.kernels.activation;

import io.cellbelt.kernels.simd.Lanes;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;

/** Tables of eight floats that are looked up inside registers: one instruction from 256 bits on. */
final class Tables {
  /** Largest index. */
  static final int LAST = 7;

  private static final int ENTRIES = LAST + 1;

  /** Vectors of four lanes, of which a table takes two. */
  private static final boolean NARROW = Lanes.COUNT < ENTRIES;

  private Tables() {}

  /** Returns a table of eight floats, once for each half of the widest vector. */
  static int[] bits(float... entries) {
    int[] bits = new int[2 * ENTRIES];
    for (int i = 0; i < bits.length; i++) {
      bits[i] = Float.floatToRawIntBits(entries[i % ENTRIES]);
    }
    return bits;
  }

  /** Returns the entries whose indices are the last three bits of the lanes. */
  static FloatVector select(IntVector indices, int[] table) {
    IntVector first = IntVector.fromArray(Lanes.INTS, table, 0);
    IntVector entries =
        NARROW
            ? indices.selectFrom(first, IntVector.fromArray(Lanes.INTS, table, Lanes.COUNT))
            : indices.selectFrom(first);
    return entries.reinterpretAsFloats();
  }
}
