package io.cellbelt.kernels;

import io.cellbelt.kernels.simd.Lanes;
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
 * refused while someone has acquired it, so that no kernel can run on memory that was given back.
 * Thread safety: the memory may be used from any thread, without synchronisation.
 */
public final class Slab implements AutoCloseable {
  /** Bytes in a cache line: the alignment of every region. */
  public static final int ALIGNMENT = 64;

  /** Floats in a cache line: sizes are padded to a multiple of it. */
  public static final int LINE = ALIGNMENT / Float.BYTES;

  /** As many as addresses of 47 bits reach. */
  private static final long MAX_FLOATS = 1L << 44;

  /** Where {@link Lanes#CHECKED} finds the segment that owns an address; otherwise empty. */
  private static final ConcurrentSkipListMap<Long, MemorySegment> LIVE =
      new ConcurrentSkipListMap<>();

  private static final int CLOSED = -1;

  private static final LongAdder ALLOCATED = new LongAdder();

  private final Arena arena;
  private final MemorySegment segment;

  /** Users that are open, or {@link #CLOSED}. */
  private final AtomicInteger users = new AtomicInteger();

  private Slab(Arena arena, MemorySegment segment) {
    this.arena = arena;
    this.segment = segment;
  }

  /**
   * A zeroed slab of at least the given number of floats.
   *
   * @throws IllegalArgumentException if floats is negative or more than any machine has
   * @throws IllegalStateException if this JVM would run the kernels slowly or not at all
   * @throws OutOfMemoryError if the memory is not there
   */
  public static Slab allocate(long floats) {
    SimdEnvironment.require();
    if (floats < 0 || floats > MAX_FLOATS) {
      throw new IllegalArgumentException(
          "A slab holds 0 to " + MAX_FLOATS + " floats, but got " + floats + ".");
    }
    // Shared, because a stream may move between threads; closing one costs a handshake of all
    // threads (about 20 us), so slabs are closed with their model or stream, never per step.
    Arena arena = Arena.ofShared();
    MemorySegment segment = arena.allocate(bytes(floats), ALIGNMENT);
    ALLOCATED.add(segment.byteSize());
    if (Lanes.CHECKED) {
      LIVE.put(segment.address(), segment);
    }
    return new Slab(arena, segment);
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
   */
  public static int rowStride(int floats) {
    return (pad(Math.max(1, floats)) / LINE | 1) * LINE;
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
  public MemorySegment segment() {
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
  public static MemorySegment owner(long address) {
    var entry = LIVE.floorEntry(address);
    if (entry == null || address - entry.getKey() >= entry.getValue().byteSize()) {
      throw new IndexOutOfBoundsException("No live slab owns the address " + address + ".");
    }
    return entry.getValue();
  }

  /** The bytes at a raw address, as a slice of the live slab that owns them all. */
  public static MemorySegment owning(long address, long bytes) {
    MemorySegment owner = owner(address);
    return owner.asSlice(address - owner.address(), bytes);
  }

  /**
   * Keeps the memory open until {@link #release}.
   *
   * @throws IllegalStateException if it is closed
   */
  public void acquire() {
    if (users.getAndUpdate(n -> n == CLOSED ? n : n + 1) == CLOSED) {
      throw new IllegalStateException(
          "The memory was given back: its network, matrix or stream is closed; open another one.");
    }
  }

  /** Ends what {@link #acquire} began. */
  public void release() {
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
