package io.cellbelt.kernels;

import io.cellbelt.kernels.simd.Lanes;
import io.cellbelt.kernels.simd.LibrarySlab;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Objects;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * One owned block of zeroed off-heap floats, aligned to a cache line.
 *
 * <p>A model or a stream has a slab, carved into regions once, at construction; every region starts
 * on a cache line and is padded to one. Ownership: whoever allocated the slab closes it; that is
 * refused while a kernel or a stream uses it, so that no kernel can run on memory that was given
 * back. Thread safety: the memory may be used from any thread, without synchronisation.
 *
 * <p>What is protected here is for the library's own code alone, through its {@code LibrarySlab}.
 */
public abstract sealed class Slab implements AutoCloseable permits LibrarySlab {
  /** Bytes in a cache line: the alignment of every region. */
  public static final int ALIGNMENT = 64;

  /** Floats in a cache line: sizes are padded to a multiple of it. */
  public static final int LINE = ALIGNMENT / Float.BYTES;

  /** As many as addresses of 47 bits reach. */
  private static final long MAX_FLOATS = 1L << 44;

  /** Leaves room under 2^31 for a row's padding. */
  private static final int MAX_ROW = Integer.MAX_VALUE - 2 * LINE;

  /** Keeps strides under the 2^31 bytes that kernels allow. */
  private static final int MAX_STRIDE = (1 << 29) - 2 * LINE;

  /** Where {@link Lanes#CHECKED} finds the segment that owns an address; otherwise empty. */
  private static final ConcurrentSkipListMap<Long, MemorySegment> LIVE =
      new ConcurrentSkipListMap<>();

  private static final int CLOSED = -1;

  private final Arena arena;
  private final MemorySegment segment;

  /** Users that are open, or {@link #CLOSED}. */
  private final AtomicInteger users = new AtomicInteger();

  /** A slab as {@link #allocate} gives it. */
  protected Slab(long floats) {
    SimdEnvironment.require();
    long bytes = bytes(floats);
    Room.take(bytes);
    // Shared, because a stream may move between threads; closing one costs a handshake of all
    // threads (about 20 us), so slabs are closed with their model or stream, never per step.
    arena = Arena.ofShared();
    try {
      segment = arena.allocate(bytes, ALIGNMENT);
    } catch (OutOfMemoryError e) {
      arena.close();
      Room.give(bytes);
      throw Room.none(bytes, e);
    }
    if (Lanes.CHECKED) {
      LIVE.put(segment.address(), segment);
    }
  }

  /**
   * A zeroed slab of at least the given number of floats.
   *
   * @throws IllegalArgumentException if floats is negative or more than any machine has
   * @throws IllegalStateException if this JVM would run the kernels slowly or not at all
   * @throws OutOfMemoryError if the memory is not there, or more than -XX:MaxDirectMemorySize
   *     allows
   */
  public static Slab allocate(long floats) {
    return new LibrarySlab(floats);
  }

  private static void checkSize(long floats) {
    if (floats < 0 || floats > MAX_FLOATS) {
      throw new IllegalArgumentException(
          "A slab holds 0 to " + MAX_FLOATS + " floats, but got " + floats + ".");
    }
  }

  /**
   * Bytes that a slab of at least the given number of floats holds.
   *
   * @throws IllegalArgumentException if floats is negative or more than any machine has
   */
  public static long bytes(long floats) {
    checkSize(floats);
    return pad(Math.max(1, floats)) * Float.BYTES;
  }

  /** Bytes of all slabs of this process that are open. */
  public static long allocated() {
    return Room.taken();
  }

  /** How many slabs of this process are open. */
  public static long open() {
    return Room.open();
  }

  /** The size rounded up to whole cache lines, in floats. */
  public static long pad(long floats) {
    checkSize(floats);
    return (floats + LINE - 1) / LINE * LINE;
  }

  /**
   * The size rounded up to whole cache lines, in floats.
   *
   * @throws IllegalArgumentException if it is negative, or 2^31 or more with what is added
   */
  public static int pad(int floats) {
    if (floats < 0 || floats > MAX_ROW) {
      throw new IllegalArgumentException(
          "A row holds 0 to " + MAX_ROW + " floats, but got " + floats + ".");
    }
    return (int) pad((long) floats);
  }

  /**
   * Floats from one row to the next in a block of rows: whole cache lines, and an odd number of
   * them, so that the rows of a tile do not all fall into the same set of the cache.
   *
   * @throws IllegalArgumentException if it is negative, or more than kernels allow for a stride
   */
  public static int rowStride(long floats) {
    if (floats < 0 || floats > MAX_STRIDE) {
      throw new IllegalArgumentException(
          "A row of a block holds 0 to " + MAX_STRIDE + " floats, but got " + floats + ".");
    }
    return (int) ((pad(Math.max(1, floats)) / LINE | 1) * LINE);
  }

  /** Raw address of the first float. */
  public long address() {
    return segment.address();
  }

  /** Raw address of the float at the index. */
  public long address(long index) {
    return segment.address() + Float.BYTES * index;
  }

  /** The memory, bounds- and liveness-checked by the JDK. */
  protected MemorySegment segment() {
    return segment;
  }

  /** Size in bytes, with the padding to whole cache lines. */
  public long byteSize() {
    return segment.byteSize();
  }

  /**
   * The float at the index.
   *
   * @throws IndexOutOfBoundsException if there is none
   * @throws IllegalStateException if the slab is closed
   */
  public float get(long index) {
    check(index, 1);
    try {
      return segment.getAtIndex(ValueLayout.JAVA_FLOAT, index);
    } catch (IllegalStateException e) {
      throw closedMeanwhile(e);
    }
  }

  /** Writes the float at the index. */
  public void set(long index, float value) {
    check(index, 1);
    try {
      segment.setAtIndex(ValueLayout.JAVA_FLOAT, index, value);
    } catch (IllegalStateException e) {
      throw closedMeanwhile(e);
    }
  }

  /** Copies floats in, from the array to the float at the index. */
  public void put(long index, float[] source, int offset, int count) {
    check(index, count);
    checkArray(source, offset, count);
    try {
      MemorySegment.copy(
          source, offset, segment, ValueLayout.JAVA_FLOAT, Float.BYTES * index, count);
    } catch (IllegalStateException e) {
      throw closedMeanwhile(e);
    }
  }

  /** Copies floats in, from those of the segment from its float at offset, to the index. */
  public void put(long index, MemorySegment source, long offset, long count) {
    check(index, count);
    checkSegment(source, offset, count);
    try {
      MemorySegment.copy(
          source, Float.BYTES * offset, segment, Float.BYTES * index, Float.BYTES * count);
    } catch (IllegalStateException e) {
      throw closedMeanwhile(e);
    }
  }

  /** Copies floats within the slab. */
  public void move(long from, long to, long count) {
    check(from, count);
    check(to, count);
    try {
      MemorySegment.copy(
          segment, Float.BYTES * from, segment, Float.BYTES * to, Float.BYTES * count);
    } catch (IllegalStateException e) {
      throw closedMeanwhile(e);
    }
  }

  /** Copies floats out, from the float at the index to the segment's float at offset. */
  public void get(long index, MemorySegment target, long offset, long count) {
    check(index, count);
    checkSegment(target, offset, count);
    if (target.isReadOnly()) {
      throw new IllegalArgumentException(
          "Floats are copied to a segment that can be written to, but got one that is read-only.");
    }
    try {
      MemorySegment.copy(
          segment, Float.BYTES * index, target, Float.BYTES * offset, Float.BYTES * count);
    } catch (IllegalStateException e) {
      throw closedMeanwhile(e);
    }
  }

  /** Copies floats out, from the float at the index to the array. */
  public void get(long index, float[] target, int offset, int count) {
    check(index, count);
    checkArray(target, offset, count);
    try {
      MemorySegment.copy(
          segment, ValueLayout.JAVA_FLOAT, Float.BYTES * index, target, offset, count);
    } catch (IllegalStateException e) {
      throw closedMeanwhile(e);
    }
  }

  /** Refuses floats that are not all in the slab, or a slab that is closed. */
  private void check(long index, long count) {
    if (users.getPlain() == CLOSED) {
      throw closed();
    }
    checkRange("slab", index, count, segment.byteSize() / Float.BYTES);
  }

  private static void checkArray(float[] array, int offset, int count) {
    Objects.requireNonNull(array, "Floats are copied from or to an array, but got null.");
    checkRange("array", offset, count, array.length);
  }

  private static void checkSegment(MemorySegment other, long offset, long count) {
    Segments.checkRead("floats", 0, other);
    checkRange("segment", offset, count, other.byteSize() / Float.BYTES);
  }

  private static void checkRange(String where, long from, long count, long floats) {
    if (from < 0 || count < 0 || from > floats - count) {
      throw new IndexOutOfBoundsException(
          "A "
              + where
              + " of "
              + floats
              + " floats does not hold "
              + count
              + " from index "
              + from
              + " on.");
    }
  }

  private static IllegalStateException closed() {
    return new IllegalStateException(
        "The memory was given back: its network, matrix or stream is closed; open another one.");
  }

  private static IllegalStateException closedMeanwhile(IllegalStateException cause) {
    return new IllegalStateException(
        "The memory was closed while floats were read or written; close it afterwards.", cause);
  }

  /** The memory of the live slab that owns a raw address. */
  protected static MemorySegment owner(long address) {
    var entry = LIVE.floorEntry(address);
    if (entry == null || address - entry.getKey() >= entry.getValue().byteSize()) {
      throw new IndexOutOfBoundsException("No live slab owns the address " + address + ".");
    }
    return entry.getValue();
  }

  /**
   * Keeps the memory open until {@link #release}.
   *
   * @throws IllegalStateException if it is closed
   */
  protected void acquire() {
    if (users.getAndUpdate(n -> n == CLOSED ? n : n + 1) == CLOSED) {
      throw closed();
    }
  }

  /** Ends what {@link #acquire} began. */
  protected void release() {
    if (users.getAndUpdate(n -> n > 0 ? n - 1 : n) <= 0) {
      throw new IllegalStateException(
          "The memory is released once for each time it was acquired, but more often was asked.");
    }
  }

  /**
   * Gives the memory back. Closing again does nothing.
   *
   * @throws IllegalStateException if it is still in use
   */
  @Override
  public void close() {
    int open = users.compareAndExchange(0, CLOSED);
    if (open > 0) {
      throw new IllegalStateException(
          "The memory is still in use by "
              + open
              + " open streams or running kernels; close"
              + " those first.");
    }
    if (open == 0) {
      Room.give(segment.byteSize());
      LIVE.remove(segment.address());
      arena.close();
    }
  }
}
