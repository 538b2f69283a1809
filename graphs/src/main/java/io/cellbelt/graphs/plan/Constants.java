package io.cellbelt.graphs.plan;

import io.cellbelt.cells.engine.ParameterSlab;
import io.cellbelt.graphs.Tensor;
import io.cellbelt.kernels.PanelMatrix;
import io.cellbelt.kernels.PanelShape;
import io.cellbelt.kernels.Slab;
import io.cellbelt.kernels.simd.LibrarySlab;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;

/**
 * The constants of a graph in memory off the heap, those of products packed: one copy for all plans
 * and runs. Closed by whoever made it. Not thread-safe; what it gave may be read by all threads.
 */
public final class Constants implements AutoCloseable {
  /**
   * Floats of a chunk: a quarter of what there is already, so that little of the memory of a small
   * graph stays empty, and one of many tensors has few chunks.
   */
  private static final int SMALLEST = 1 << 10;

  private static final int LARGEST = 1 << 16;

  private final List<LibrarySlab> chunks = new ArrayList<>();
  private final Map<Tensor, Place> places = new HashMap<>();

  /** Packed forms by the tensor they were made from, and which form. */
  private final Map<Tensor, Map<Object, AutoCloseable>> packed = new HashMap<>();

  /** Row-major forms by the tensor they were made from, and how they lay in it. */
  private final Map<Tensor, Map<Layout, Tensor>> ordered = new HashMap<>();

  /** Of the last chunk, and of all chunks, in floats. */
  private long free;

  private long total;

  Place place(Tensor tensor) {
    return places.computeIfAbsent(tensor, this::write);
  }

  private Place write(Tensor tensor) {
    long bytes = (long) tensor.size() * tensor.type().storage().bytes();
    long index = reserve(Math.ceilDiv(bytes, Float.BYTES));
    LibrarySlab chunk = chunks.getLast();
    MemorySegment target = chunk.segment().asSlice(index * Float.BYTES);
    switch (tensor.shared()) {
      case float[] floats ->
          MemorySegment.copy(floats, 0, target, ValueLayout.JAVA_FLOAT, 0, floats.length);
      case double[] doubles ->
          MemorySegment.copy(doubles, 0, target, ValueLayout.JAVA_DOUBLE, 0, doubles.length);
      default -> {
        long[] longs = (long[]) tensor.shared();
        MemorySegment.copy(longs, 0, target, ValueLayout.JAVA_LONG, 0, longs.length);
      }
    }
    return Place.shared(bytes, chunk.address(index));
  }

  /** Room in the last chunk, with a cache line more, which kernels may read over the end. */
  private long reserve(long floats) {
    long needed = Slab.pad(floats) + Slab.LINE;
    if (chunks.isEmpty() || free + needed > chunks.getLast().byteSize() / Float.BYTES) {
      chunks.add(new LibrarySlab(Math.max(Math.clamp(total / 4, SMALLEST, LARGEST), needed)));
      total += chunks.getLast().byteSize() / Float.BYTES;
      free = 0;
    }
    long index = free;
    free += needed;
    return index;
  }

  /**
   * A matrix packed for products.
   *
   * @param tensor what it is made from
   * @param form how it is made from that; equal forms of a tensor are the same matrix
   * @param dense its floats as {@link PanelMatrix#packTable} takes them, {@code [inputs, columns]}
   */
  PanelMatrix panels(Tensor tensor, Object form, PanelShape shape, Supplier<float[]> dense) {
    return (PanelMatrix)
        packed
            .computeIfAbsent(tensor, key -> new HashMap<>())
            .computeIfAbsent(
                form,
                key -> {
                  long index = reserve(shape.floats());
                  PanelMatrix matrix = new PanelMatrix(shape, chunks.getLast(), index);
                  matrix.packTable(dense.get());
                  return matrix;
                });
  }

  /** A constant in row-major order, made once. */
  Tensor dense(Operand constant) {
    return ordered
        .computeIfAbsent(constant.whole(), key -> new HashMap<>())
        .computeIfAbsent(constant.layout(), key -> constant.value());
  }

  /** Anything else that is made from a tensor once, and closed with the constants. */
  <T extends AutoCloseable> T made(Tensor tensor, Object form, Class<T> type, Supplier<T> make) {
    return type.cast(
        packed
            .computeIfAbsent(tensor, key -> new HashMap<>())
            .computeIfAbsent(form, key -> make.get()));
  }

  /** Bytes held off the heap. */
  public long byteSize() {
    long layers =
        packed.values().stream()
            .flatMap(forms -> forms.values().stream())
            .filter(ParameterSlab.class::isInstance)
            .mapToLong(form -> ((ParameterSlab) form).byteSize())
            .sum();
    return layers + chunks.stream().mapToLong(Slab::byteSize).sum();
  }

  /** Keeps the memory that there is now open until the hold is closed. */
  public Hold hold() {
    List<LibrarySlab> held = new ArrayList<>();
    try {
      for (LibrarySlab chunk : chunks) {
        chunk.acquire();
        held.add(chunk);
      }
    } catch (IllegalStateException e) {
      held.forEach(LibrarySlab::release);
      throw e;
    }
    return new Hold(held);
  }

  /** Memory that is kept open. */
  public record Hold(List<LibrarySlab> slabs) implements AutoCloseable {
    @Override
    public void close() {
      slabs.forEach(LibrarySlab::release);
    }
  }

  @Override
  public void close() {
    for (Map<Object, AutoCloseable> forms : packed.values()) {
      for (AutoCloseable form : forms.values()) {
        try {
          form.close();
        } catch (RuntimeException e) {
          throw e;
        } catch (Exception e) {
          throw new IllegalStateException(e.getMessage(), e);
        }
      }
    }
    chunks.forEach(LibrarySlab::close);
  }
}
