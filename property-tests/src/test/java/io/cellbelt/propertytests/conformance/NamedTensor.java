package io.cellbelt.propertytests.conformance;

import java.util.Arrays;
import java.util.List;

/** A tensor in row-major order; doubles hold floats and 32-bit integers exactly. */
record NamedTensor(String name, boolean integer, int[] shape, double[] values) {
  NamedTensor {
    if (count(shape) != values.length) {
      throw new IllegalArgumentException(
          "%s has %d values for the shape %s."
              .formatted(name, values.length, Arrays.toString(shape)));
    }
  }

  static NamedTensor of(String name, float[] values, int... shape) {
    double[] doubles = new double[values.length];
    for (int i = 0; i < values.length; i++) {
      doubles[i] = values[i];
    }
    return new NamedTensor(name, false, shape, doubles);
  }

  static NamedTensor of(String name, double[] values, int... shape) {
    return new NamedTensor(name, false, shape, values);
  }

  static NamedTensor ofInts(String name, double[] values, int... shape) {
    return new NamedTensor(name, true, shape, values);
  }

  static int count(int... shape) {
    int count = 1;
    for (int size : shape) {
      count = Math.multiplyExact(count, size);
    }
    return count;
  }

  NamedTensor named(String other) {
    return new NamedTensor(other, integer, shape, values);
  }

  NamedTensor reshaped(int... other) {
    return new NamedTensor(name, integer, other, values);
  }

  int rank() {
    return shape.length;
  }

  int size(int dimension) {
    return shape[dimension];
  }

  boolean hasShape(int... expected) {
    return Arrays.equals(shape, expected);
  }

  float[] floats() {
    float[] floats = new float[values.length];
    for (int i = 0; i < floats.length; i++) {
      floats[i] = (float) values[i];
    }
    return floats;
  }

  int[] ints() {
    int[] ints = new int[values.length];
    for (int i = 0; i < ints.length; i++) {
      ints[i] = (int) values[i];
    }
    return ints;
  }

  /** Swaps the first two dimensions: time and batch, or directions and batch. */
  NamedTensor firstTwoSwapped() {
    int[] order = new int[rank()];
    Arrays.setAll(order, d -> d);
    order[0] = 1;
    order[1] = 0;
    return permuted(order);
  }

  /** Dimension {@code d} of the result is dimension {@code order[d]} of this one. */
  NamedTensor permuted(int... order) {
    int[] result = new int[rank()];
    for (int d = 0; d < result.length; d++) {
      result[d] = shape[order[d]];
    }
    int[] strides = strides();
    return gathered(
        result,
        index -> {
          int from = 0;
          for (int d = 0; d < index.length; d++) {
            from += index[d] * strides[order[d]];
          }
          return from;
        });
  }

  /** Returns a tensor whose elements come from the given places of this one. */
  NamedTensor gathered(int[] resultShape, Place place) {
    double[] result = new double[count(resultShape)];
    int[] index = new int[resultShape.length];
    for (int i = 0; i < result.length; i++) {
      result[i] = values[place.of(index)];
      for (int d = index.length - 1; d >= 0 && ++index[d] == resultShape[d]; d--) {
        index[d] = 0;
      }
    }
    return new NamedTensor(name, integer, resultShape, result);
  }

  int[] strides() {
    int[] strides = new int[rank()];
    int stride = 1;
    for (int d = rank() - 1; d >= 0; d--) {
      strides[d] = stride;
      stride *= shape[d];
    }
    return strides;
  }

  double largest() {
    return Arrays.stream(values).map(Math::abs).max().orElse(0);
  }

  List<Integer> dimensions() {
    return Arrays.stream(shape).boxed().toList();
  }

  /** An index into the values, from one in every dimension of the result. */
  interface Place {
    int of(int[] index);
  }
}
