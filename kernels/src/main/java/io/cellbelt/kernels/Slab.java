package io.cellbelt.kernels;

import io.cellbelt.kernels.simd.Lanes;
import io.cellbelt.kernels.simd.LibrarySlab;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.LongAdder;

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

  /** Kernels allow for strides of up to 2^31 bytes. */
  private static final long MAX_ROW = (1L << 31) / Float.BYTES;

  /** Where {@link Lanes#CHECKED} finds the segment that owns an address; otherwise empty. */
  private static final ConcurrentSkipListMap<Long, MemorySegment> LIVE =
      new ConcurrentSkipListMap<>();

  private static final int CLOSED = -1;

  private static final LongAdder ALLOCATED = new LongAdder();

  private final Arena arena;
  private final MemorySegment segment;

  /** Users that are open, or {@link #CLOSED}. */
  private final AtomicInteger users = new AtomicInteger();

  /** A slab as {@link #allocate} gives it. */
  protected Slab(long floats) {
    SimdEnvironment.require();
    if (floats < 0 || floats > MAX_FLOATS) {
      throw new IllegalArgumentException(
          "A slab holds 0 to " + MAX_FLOATS + " floats, but got " + floats + ".");
    }
    // Shared, because a stream may move between threads; closing one costs a handshake of all
    // threads (about 20 us), so slabs are closed with their model or stream, never per step.
    arena = Arena.ofShared();
    segment = arena.allocate(bytes(floats), ALIGNMENT);
    ALLOCATED.add(segment.byteSize());
    if (Lanes.CHECKED) {
      LIVE.put(segment.address(), segment);
    }
  }

  /**
   * A zeroed slab of at least the given number of floats.
   *
   * @throws IllegalArgumentException if floats is negative or more than any machine has
   * @throws IllegalStateException if this JVM would run the kernels slowly or not at all
   * @throws OutOfMemoryError if the memory is not there
   */
  public static Slab allocate(long floats) {
    return new LibrarySlab(floats);
  }

  /** Bytes that a slab of at least the given number of floats holds. */
  public static long bytes(long floats) {
    return pad(Math.max(1, floats)) * Float.BYTES;
  }

  /** Bytes of all slabs of this process that are open. */
  public static long allocated() {
    return ALLOCATED.sum();
  }

  /** The size rounded up to whole cache lines, in floats. */
  public static long pad(long floats) {
    return (floats + LINE - 1) / LINE * LINE;
  }

  /** The size rounded up to whole cache lines, in floats. */
  public static int pad(int floats) {
    return Math.toIntExact(pad((long) floats));
  }

  /**
   * Floats from one row to the next in a block of rows: whole cache lines, and an odd number of
   * them, so that the rows of a tile do not all fall into the same set of the cache.
   *
   * @throws IllegalArgumentException if a row is 2^31 bytes or longer, which kernels cannot step
   */
  public static int rowStride(long floats) {
    long stride = (pad(Math.max(1, floats)) / LINE | 1) * LINE;
    if (stride > MAX_ROW) {
      throw new IllegalArgumentException(
          "A row holds fewer than " + MAX_ROW + " floats, but got " + floats + "; take less.");
    }
    return (int) stride;
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

  /** Size in bytes. */
  public long byteSize() {
    return segment.byteSize();
  }

  /** The float at the index. */
  public float get(long index) {
    return segment.getAtIndex(ValueLayout.JAVA_FLOAT, index);
  }

  /** Writes the float at the index. */
  public void set(long index, float value) {
    segment.setAtIndex(ValueLayout.JAVA_FLOAT, index, value);
  }

  /** Copies floats in, from the array to the float at the index. */
  public void put(long index, float[] source, int offset, int count) {
    MemorySegment.copy(source, offset, segment, ValueLayout.JAVA_FLOAT, Float.BYTES * index, count);
  }

  /** Copies floats in, from those of the segment from its float at offset, to the index. */
  public void put(long index, MemorySegment source, long offset, long count) {
    MemorySegment.copy(
        source, Float.BYTES * offset, segment, Float.BYTES * index, Float.BYTES * count);
  }

  /** Copies floats within the slab. */
  public void move(long from, long to, long count) {
    MemorySegment.copy(segment, Float.BYTES * from, segment, Float.BYTES * to, Float.BYTES * count);
  }

  /** Copies floats out, from the float at the index to the segment's float at offset. */
  public void get(long index, MemorySegment target, long offset, long count) {
    MemorySegment.copy(
        segment, Float.BYTES * index, target, Float.BYTES * offset, Float.BYTES * count);
  }

  /** Copies floats out, from the float at the index to the array. */
  public void get(long index, float[] target, int offset, int count) {
    MemorySegment.copy(segment, ValueLayout.JAVA_FLOAT, Float.BYTES * index, target, offset, count);
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
      throw new IllegalStateException(
          "The memory was given back: its network, matrix or stream is closed; open another one.");
    }
  }

  /** Ends what {@link #acquire} began. */
  protected void release() {
    users.decrementAndGet();
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
      ALLOCATED.add(-segment.byteSize());
      LIVE.remove(segment.address());
      arena.close();
    }
  }
}
