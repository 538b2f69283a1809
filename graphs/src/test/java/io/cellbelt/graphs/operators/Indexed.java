package io.cellbelt.graphs.operators;

import io.cellbelt.graphs.ElementType;
import io.cellbelt.graphs.ElementType.Storage;
import io.cellbelt.graphs.Tensor;
import java.util.Random;
import java.util.function.ToDoubleFunction;

/** Tensors by the indices of their elements, for calculations that are plain to see. */
final class Indexed {
  private Indexed() {}

  /** What an element is, by its indices. */
  interface Value extends ToDoubleFunction<int[]> {}

  static Tensor of(ElementType type, int[] shape, Value value) {
    int size = 1;
    for (int d : shape) {
      size *= d;
    }
    double[] all = new double[size];
    int[] index = new int[shape.length];
    for (int i = 0; i < size; i++) {
      all[i] = value.applyAsDouble(index.clone());
      for (int d = shape.length - 1; d >= 0 && ++index[d] == shape[d]; d--) {
        index[d] = 0;
      }
    }
    return of(type, all, shape);
  }

  static Tensor of(ElementType type, double[] all, int... shape) {
    return switch (type.storage()) {
      case DOUBLE -> Tensor.wrap(all, shape);
      case FLOAT -> {
        float[] floats = new float[all.length];
        for (int i = 0; i < all.length; i++) {
          floats[i] = type.rounded((float) all[i]);
        }
        yield Tensor.wrap(type, floats, shape);
      }
      case LONG -> {
        long[] longs = new long[all.length];
        for (int i = 0; i < all.length; i++) {
          longs[i] = type.wrapped((long) all[i]);
        }
        yield Tensor.wrap(type, longs, shape);
      }
    };
  }

  /** Small whole numbers, so that sums and products are exact and some are equal. */
  static Tensor random(Random random, ElementType type, int... shape) {
    return between(random, type, -9, 9, shape);
  }

  /** Whole numbers from low up to high. */
  static Tensor between(Random random, ElementType type, int low, int high, int... shape) {
    int least = type.isUnsigned() || type == ElementType.BOOL ? 0 : low;
    int most = type == ElementType.BOOL ? 1 : high;
    return of(type, shape, index -> random.nextInt(least, most + 1));
  }

  /** Sizes from 1 up to 4. */
  static int[] shape(Random random, int rank) {
    return random.ints(rank, 1, 5).toArray();
  }

  static ElementType type(Random random) {
    ElementType[] all = {
      ElementType.F32,
      ElementType.F64,
      ElementType.I64,
      ElementType.F16,
      ElementType.I8,
      ElementType.U16,
      ElementType.BOOL
    };
    return all[random.nextInt(all.length)];
  }

  /** A type of numbers. */
  static ElementType number(Random random) {
    ElementType type = type(random);
    return type == ElementType.BOOL ? ElementType.I32 : type;
  }

  static double at(Tensor tensor, int... index) {
    int[] shape = tensor.shape();
    int at = 0;
    for (int d = 0; d < shape.length; d++) {
      if (index[d] < 0 || index[d] >= shape[d]) {
        throw new IndexOutOfBoundsException(index[d] + " in dimension " + d + " of " + tensor);
      }
      at = at * shape[d] + index[d];
    }
    return tensor.doubleAt(at);
  }

  /** An index with one of its dimensions changed. */
  static int[] with(int[] index, int dimension, int value) {
    int[] other = index.clone();
    other[dimension] = value;
    return other;
  }

  /** Whether elements are stored as floats, which a sum may round. */
  static boolean isFloat(Tensor tensor) {
    return tensor.type().storage() == Storage.FLOAT;
  }
}
