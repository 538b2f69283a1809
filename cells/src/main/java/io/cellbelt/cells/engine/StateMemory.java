package io.cellbelt.cells.engine;

import io.cellbelt.kernels.Slab;
import io.cellbelt.kernels.product.RowLoops;
import io.cellbelt.kernels.simd.LibrarySlab;
import java.util.Arrays;
import java.util.BitSet;
import java.util.Objects;

/**
 * The memory of many streams' states: one packed row each, in whole cache lines, and nothing more.
 * A number stands for a stream; those of closed streams are given again, the lowest first.
 *
 * <p>Rows come in chunks that grow with the number of streams, so that what is not in use yet is
 * less than {@value #SPARE} bytes for each that is. A chunk's memory is given back with its last
 * stream.
 *
 * <p>Thread safety: streams are opened and closed by one thread at a time; the state of a stream
 * that is open may be reached meanwhile, by its one user.
 */
public final class StateMemory implements AutoCloseable {
  private static final int SPARE = 64;

  /** The largest chunk, so that none takes long to be zeroed. */
  private static final long MOST_BYTES = 1 << 20;

  private static final int MOST_SHIFT = 8;

  private final long row;

  /** How many streams share the first slab, which is kept. */
  private final int initial;

  private final LibrarySlab first;
  private final long firstAddress;
  private final BitSet opened = new BitSet();

  /** Those that a call has named. */
  private final BitSet named = new BitSet();

  private int count;

  /** Chunks hold 2^shift rows; there are 2^octave of a size before the next. */
  private final int octave;

  private final int mostShift;

  /** By chunk; null for what has no memory. */
  private volatile LibrarySlab[] slabs = {};

  private int[] used = {};

  /**
   * Memory of some streams, which are open, their states zero.
   *
   * @param row bytes of a state, whole cache lines
   * @param initial how many are open at first, 0 or more
   */
  public StateMemory(long row, int initial) {
    this.row = row;
    this.initial = initial;
    octave = 64 - Long.numberOfLeadingZeros((row - 1) / SPARE);
    int lines = 63 - Long.numberOfLeadingZeros(Math.max(1, MOST_BYTES / row));
    mostShift = Math.min(MOST_SHIFT, lines);
    first = initial == 0 ? null : new LibrarySlab(initial * row / Float.BYTES);
    firstAddress = first == null ? 0 : first.address();
    opened.set(0, initial);
    named.set(initial); // so that it has room for all, and no step makes some
    count = initial;
  }

  /** Opens a stream, its state zero. Allocates where there was never room for as many. */
  public int open() {
    int stream = opened.nextClearBit(0);
    if (stream >= initial) {
      int chunk = chunk(stream - initial);
      if (chunk >= slabs.length) {
        slabs = Arrays.copyOf(slabs, chunk + 1 + chunk / 8);
        used = Arrays.copyOf(used, slabs.length);
      }
      if (slabs[chunk] == null) {
        slabs[chunk] = new LibrarySlab((row << shift(stream - initial)) / Float.BYTES);
      }
      used[chunk]++;
    }
    named.set(stream);
    opened.set(stream);
    count++;
    reset(stream);
    return stream;
  }

  /** Closes a stream that is open. */
  public void close(int stream) {
    opened.clear(stream);
    count--;
    if (stream >= initial) {
      int chunk = chunk(stream - initial);
      if (--used[chunk] == 0) {
        slabs[chunk].close();
        slabs[chunk] = null;
      }
    }
  }

  /** How many rows the chunk of a later stream has, as a power of two. */
  private int shift(int later) {
    return Math.clamp(31 - Integer.numberOfLeadingZeros(later) - octave, 0, mostShift);
  }

  private int chunk(int later) {
    int shift = shift(later);
    return (shift << octave) + (later >>> shift);
  }

  /** Raw address of the state of a stream that is open. */
  public long address(int stream) {
    int later = stream - initial;
    if (later < 0) {
      return firstAddress + stream * row;
    }
    int inside = later & ((1 << shift(later)) - 1);
    return slabs[chunk(later)].address() + inside * row;
  }

  /** Sets the states of all open streams to zero. */
  public void reset() {
    for (int stream = next(0); stream >= 0; stream = next(stream + 1)) {
      reset(stream);
    }
  }

  /** Sets the state of a stream to zero. */
  public void reset(int stream) {
    RowLoops.zero(address(stream), 0, (int) (row / Float.BYTES), 1);
  }

  /** Copies the packed state of a stream out. */
  public void save(int stream, float[] state) {
    slab(stream).get(index(stream), state, 0, state.length);
  }

  /** Sets the packed state of a stream. */
  public void restore(int stream, float[] state) {
    slab(stream).put(index(stream), state, 0, state.length);
  }

  private Slab slab(int stream) {
    return stream < initial ? first : slabs[chunk(stream - initial)];
  }

  private long index(int stream) {
    return (address(stream) - slab(stream).address()) / Float.BYTES;
  }

  /** Whether a stream is open. */
  public boolean isOpen(int stream) {
    return stream >= 0 && opened.get(stream);
  }

  /** The number of a stream, if it is open. */
  public int checked(int stream) {
    if (!isOpen(stream)) {
      throw new IllegalArgumentException(
          "The stream " + stream + " is not open; " + count + " others are.");
    }
    return stream;
  }

  /** How many streams an array names. */
  public static int count(int[] streams) {
    Objects.requireNonNull(streams, "Which streams advance is an array of numbers, but got null.");
    return streams.length;
  }

  /** Refuses streams that are not open, or are named twice, among the first of some. */
  public void check(int[] streams, int first) {
    if (first < 0 || first > count(streams)) {
      throw new IllegalArgumentException(
          "Of an array of "
              + streams.length
              + " streams 0 to all advance, but got a count of "
              + first
              + ".");
    }
    named.clear();
    for (int i = 0; i < first; i++) {
      int stream = checked(streams[i]);
      if (named.get(stream)) {
        throw new IllegalArgumentException(
            "A stream advances once at a time, but " + stream + " was given twice.");
      }
      named.set(stream);
    }
  }

  /** The open stream with the lowest number that is no less, -1 for none. */
  public int next(int stream) {
    return opened.nextSetBit(stream);
  }

  /** How many streams are open. */
  public int count() {
    return count;
  }

  /** Bytes held off-heap. */
  public long byteSize() {
    long bytes = first == null ? 0 : first.byteSize();
    for (LibrarySlab slab : slabs) {
      bytes += slab == null ? 0 : slab.byteSize();
    }
    return bytes;
  }

  /** Gives the memory back, of all streams. */
  @Override
  public void close() {
    if (first != null) {
      first.close();
    }
    for (LibrarySlab slab : slabs) {
      if (slab != null) {
        slab.close();
      }
    }
  }
}
