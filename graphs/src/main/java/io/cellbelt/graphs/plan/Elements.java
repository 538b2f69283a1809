package io.cellbelt.graphs.plan;

import io.cellbelt.graphs.ElementType.Storage;
import io.cellbelt.graphs.Tensor;
import io.cellbelt.kernels.simd.Lanes;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/** Single elements at raw addresses, for kernels that are not worth vectors. */
public final class Elements {
  private static final ValueLayout.OfFloat FLOAT = ValueLayout.JAVA_FLOAT_UNALIGNED;
  private static final ValueLayout.OfDouble DOUBLE = ValueLayout.JAVA_DOUBLE_UNALIGNED;
  private static final ValueLayout.OfLong LONG = ValueLayout.JAVA_LONG_UNALIGNED;

  private Elements() {}

  /** The float at the address. */
  public static float getFloat(long address) {
    return Lanes.get(Lanes.base(address));
  }

  /** Writes a float. */
  public static void setFloat(long address, float value) {
    Lanes.set(Lanes.base(address), value);
  }

  /** The double at the address. */
  public static double getDouble(long address) {
    return Lanes.memory(address).get(DOUBLE, Lanes.offset(address));
  }

  /** Writes a double. */
  public static void setDouble(long address, double value) {
    Lanes.memory(address).set(DOUBLE, Lanes.offset(address), value);
  }

  /** The long at the address. */
  public static long getLong(long address) {
    return Lanes.memory(address).get(LONG, Lanes.offset(address));
  }

  /** Writes a long. */
  public static void setLong(long address, long value) {
    Lanes.memory(address).set(LONG, Lanes.offset(address), value);
  }

  /** The element at the address as a double. */
  public static double get(Storage storage, long address) {
    return switch (storage) {
      case FLOAT -> getFloat(address);
      case DOUBLE -> getDouble(address);
      case LONG -> getLong(address);
    };
  }

  /** Writes an element; of a double, what its storage holds. */
  public static void set(Storage storage, long address, double value) {
    switch (storage) {
      case FLOAT -> setFloat(address, (float) value);
      case DOUBLE -> setDouble(address, value);
      case LONG -> setLong(address, (long) value);
    }
  }

  /** The elements of a dense tensor of a run, copied. */
  public static Tensor read(Operand operand, Memory memory) {
    int size = operand.size();
    long from = operand.at(memory);
    int[] shape = operand.shape().clone();
    return switch (operand.storage()) {
      case FLOAT -> {
        float[] all = new float[size];
        MemorySegment.copy(Lanes.memory(from), FLOAT, Lanes.offset(from), all, 0, size);
        yield Tensor.wrap(operand.type(), all, shape);
      }
      case DOUBLE -> {
        double[] all = new double[size];
        MemorySegment.copy(Lanes.memory(from), DOUBLE, Lanes.offset(from), all, 0, size);
        yield Tensor.wrap(all, shape);
      }
      case LONG -> {
        long[] all = new long[size];
        MemorySegment.copy(Lanes.memory(from), LONG, Lanes.offset(from), all, 0, size);
        yield Tensor.wrap(operand.type(), all, shape);
      }
    };
  }

  /** Copies floats from an address to an array from an index on. */
  public static void read(long from, float[] target, int index, int count) {
    MemorySegment.copy(Lanes.memory(from), FLOAT, Lanes.offset(from), target, index, count);
  }

  /** Copies the floats of a dense tensor of a run out, to an array from an index on. */
  public static void read(Operand operand, Memory memory, float[] target, int index) {
    read(operand.at(memory), target, index, operand.size());
  }

  /** Copies the floats of a dense tensor of a run out. */
  public static void read(Operand operand, Memory memory, float[] target) {
    read(operand, memory, target, 0);
  }

  /** Copies floats from an array, from an index on, to an address. */
  public static void write(long to, float[] source, int index, int count) {
    MemorySegment.copy(source, index, Lanes.memory(to), FLOAT, Lanes.offset(to), count);
  }

  /** Copies floats into a dense tensor of a run, from an array from an index on. */
  public static void write(Operand operand, Memory memory, float[] source, int index) {
    write(operand.at(memory), source, index, operand.size());
  }

  /** Copies floats into a dense tensor of a run. */
  public static void write(Operand operand, Memory memory, float[] source) {
    write(operand, memory, source, 0);
  }

  /** Copies a tensor into a dense one of a run, of the same type and shape. */
  public static void write(Operand operand, Memory memory, Tensor source) {
    long to = operand.at(memory);
    MemorySegment target = Lanes.memory(to);
    long at = Lanes.offset(to);
    switch (source.shared()) {
      case float[] floats -> write(operand, memory, floats);
      case double[] doubles -> MemorySegment.copy(doubles, 0, target, DOUBLE, at, doubles.length);
      default -> {
        long[] longs = (long[]) source.shared();
        MemorySegment.copy(longs, 0, target, LONG, at, longs.length);
      }
    }
  }
}
