package io.cellbelt.kernels.simd;

import io.cellbelt.kernels.Slab;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.VectorShape;
import jdk.incubator.vector.VectorSpecies;

/**
 * The vector width of this JVM, and the only way kernels touch memory.
 *
 * <p>Kernels work on raw addresses: they call {@link #base} once per method and then load and store
 * at small offsets from it. Addresses must lie inside a live {@link Slab}; nothing here checks that
 * (unless {@link #CHECKED}), a wrong address ends the JVM. The checked entry points are in {@code
 * io.cellbelt.kernels}.
 *
 * <p>Properties ({@link Settings}): {@code cellbelt.vectorBits} = 128, 256 or 512 forces the width
 * (default: what the JVM prefers); {@code cellbelt.checkedSegments} = true looks every address up
 * in the slab that owns it, so that a wrong offset is an exception. That is slow and meant for
 * tests.
 */
public final class Lanes {
  /** Whether every access goes through the bounds-checked segment that owns the address. */
  public static final boolean CHECKED = Settings.checkedSegments();

  /** The one float species. */
  public static final VectorSpecies<Float> SPECIES = species();

  /** The int species of the same shape. */
  public static final VectorSpecies<Integer> INTS =
      VectorSpecies.of(int.class, SPECIES.vectorShape());

  /** Floats in a vector. */
  public static final int COUNT = SPECIES.length();

  /** Bytes in a vector. */
  public static final int BYTES = Float.BYTES * COUNT;

  /** The byte order of all memory. */
  public static final ByteOrder ORDER = ByteOrder.nativeOrder();

  /** A float's bits; C2 makes one instruction of loading and broadcasting an int, not a float. */
  public static final ValueLayout.OfInt INT = ValueLayout.JAVA_INT_UNALIGNED;

  private static final ValueLayout.OfFloat FLOAT = ValueLayout.JAVA_FLOAT_UNALIGNED;

  /** All of memory: one constant segment, so that no access loads a base or checks liveness. */
  @SuppressWarnings("restricted")
  private static final MemorySegment ALL = MemorySegment.NULL.reinterpret(Long.MAX_VALUE);

  /** User addresses have 47 bits; knowing that, C2 drops the range check of every access. */
  public static final long ADDRESS_MASK = (1L << 47) - 1;

  /** Strides stay under 2^31 bytes; knowing that, C2 also drops it for address + 3 * stride. */
  public static final long STRIDE_MASK = (1L << 31) - 1;

  private static final float NOTHING = 1e-30f;

  private Lanes() {}

  private static VectorSpecies<Float> species() {
    int bits = Settings.vectorBits();
    return bits == 0
        ? FloatVector.SPECIES_PREFERRED
        : VectorSpecies.of(float.class, VectorShape.forBitSize(bits));
  }

  /** The address, with the range C2 needs to drop range checks. */
  public static long base(long address) {
    return address & ADDRESS_MASK;
  }

  /** The stride in bytes, non-negative, with the range C2 needs to drop range checks. */
  public static long stride(long bytes) {
    return bytes & STRIDE_MASK;
  }

  /**
   * The segment through which a kernel reaches the address and its surroundings: all of memory, or
   * the slab that owns the address where {@link #CHECKED}. Kernels too large for this class's
   * helpers to be inlined (docs/decisions/2-kernels-called-through-handles.md) take it once, and
   * then access it at {@link #offset} and on.
   */
  public static MemorySegment memory(long address) {
    return CHECKED ? LibrarySlab.owner(address) : ALL;
  }

  /** Where the address lies in its {@link #memory}. */
  public static long offset(long address) {
    return base(CHECKED ? address - LibrarySlab.owner(address).address() : address);
  }

  // What follows has at most 35 bytecodes each (MaxInlineSize), so that C2 inlines it where calls
  // are
  // rare, too: the loop of a kernel that is nearly always called for less than a vector.

  /** The vector at the address. */
  public static FloatVector load(long address) {
    return CHECKED
        ? loadChecked(address)
        : FloatVector.fromMemorySegment(SPECIES, ALL, address, ORDER);
  }

  private static FloatVector loadChecked(long address) {
    return FloatVector.fromMemorySegment(SPECIES, LibrarySlab.owning(address, BYTES), 0, ORDER);
  }

  /** The vector at the address, with another value in all lanes but the first ones. */
  public static FloatVector loadFirst(long address, int count, float other) {
    return load(address).blend(other, SPECIES.indexInRange(0, count).not());
  }

  /** The int vector at the address. */
  public static IntVector loadInts(long address) {
    return CHECKED
        ? loadIntsChecked(address)
        : IntVector.fromMemorySegment(INTS, ALL, address, ORDER);
  }

  private static IntVector loadIntsChecked(long address) {
    return IntVector.fromMemorySegment(INTS, LibrarySlab.owning(address, BYTES), 0, ORDER);
  }

  /** The float at the address. */
  public static float get(long address) {
    return CHECKED ? getChecked(address) : ALL.get(FLOAT, address);
  }

  private static float getChecked(long address) {
    return LibrarySlab.owning(address, Float.BYTES).get(FLOAT, 0);
  }

  /** Writes one float. */
  public static void set(long address, float value) {
    if (CHECKED) {
      setChecked(address, value);
    } else {
      ALL.set(FLOAT, address, value);
    }
  }

  private static void setChecked(long address, float value) {
    LibrarySlab.owning(address, Float.BYTES).set(FLOAT, 0, value);
  }

  /**
   * The vector with all that is nearly nothing, under 1e-30, set to zero. A state that decays would
   * otherwise end in denormals, which cost over a hundred cycles each and which Java cannot switch
   * off. NaN stays.
   */
  public static FloatVector flushed(FloatVector vector) {
    return vector.blend(0f, vector.abs().lt(NOTHING));
  }

  /** The number, zero where it is nearly nothing, as {@link #flushed(FloatVector)}. */
  public static float flushed(float value) {
    return Math.abs(value) < NOTHING ? 0 : value;
  }

  /** Writes the vector. */
  public static void store(FloatVector vector, long address) {
    if (CHECKED) {
      storeChecked(vector, address);
    } else {
      vector.intoMemorySegment(ALL, address, ORDER);
    }
  }

  /** Writes the first lanes of the vector. */
  public static void storeFirst(FloatVector vector, long address, int count) {
    vector.intoMemorySegment(
        memory(address), offset(address), ORDER, SPECIES.indexInRange(0, count));
  }

  private static void storeChecked(FloatVector vector, long address) {
    vector.intoMemorySegment(LibrarySlab.owning(address, BYTES), 0, ORDER);
  }
}
