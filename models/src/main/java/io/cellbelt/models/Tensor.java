package io.cellbelt.models;

import static io.cellbelt.models.ModelFileException.quote;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.OptionalInt;

/**
 * A named array of floats with a shape, in row-major order (the last dimension varies fastest).
 *
 * <p>Immutable and safe to share between threads. A shape without dimensions is a scalar and has
 * one element; a shape with a zero dimension has none.
 */
public final class Tensor {
  /** The most elements of one tensor: 2 GB of floats. */
  static final int MAX_ELEMENTS = (1 << 29) - 1;

  /** The most dimensions of one tensor. */
  static final int MAX_DIMENSIONS = 32;

  private final String name;
  private final List<Integer> shape;
  private final float[] values;

  /** Takes checked parts and the array over: copying would double the memory of a load. */
  Tensor(String name, List<Integer> shape, float[] values) {
    this.name = name;
    this.shape = shape;
    this.values = values;
  }

  /**
   * Creates a tensor from a copy of {@code values}.
   *
   * @param name any well-formed Unicode text
   * @param values the elements in row-major order
   * @param shape dimensions from the outermost to the innermost, each 0 or more, at most 32 of them
   * @throws IllegalArgumentException if the shape does not hold exactly {@code values.length}
   *     elements, or the name has unpaired surrogates
   */
  public static Tensor of(String name, float[] values, int... shape) {
    Objects.requireNonNull(name, "A tensor has a name, but got null.");
    Objects.requireNonNull(values, "A tensor has values, but got null.");
    Objects.requireNonNull(shape, "A tensor has a shape, but got null.");
    if (!isWellFormed(name)) {
      throw new IllegalArgumentException(
          "The name of a tensor must be well-formed Unicode, but "
              + quote(name)
              + " has an unpaired surrogate.");
    }
    List<Integer> dimensions = Arrays.stream(shape).boxed().toList();
    if (shape.length > MAX_DIMENSIONS) {
      throw new IllegalArgumentException(
          String.format(
              Locale.ROOT,
              "Tensor %s has %d dimensions; the limit is %d.",
              quote(name),
              shape.length,
              MAX_DIMENSIONS));
    }
    if (values.length > MAX_ELEMENTS || countElements(dimensions) != values.length) {
      throw new IllegalArgumentException(
          String.format(
              Locale.ROOT,
              "Tensor %s got %d values for the shape %s; give as many values as the shape "
                  + "has elements, at most %d.",
              quote(name),
              values.length,
              dimensions,
              MAX_ELEMENTS));
    }
    return new Tensor(name, dimensions, values.clone());
  }

  /**
   * Returns the number of elements of a shape, or -1 if it is more than {@link #MAX_ELEMENTS} or a
   * dimension is negative.
   */
  static int countElements(List<Integer> shape) {
    long count = shape.contains(0) ? 0 : 1;
    for (int dimension : shape) {
      // Never overflows: the count so far has at most 29 bits, the dimension 31.
      count *= dimension;
      if (dimension < 0 || count > MAX_ELEMENTS) {
        return -1;
      }
    }
    return (int) count;
  }

  static boolean isWellFormed(String text) {
    return StandardCharsets.UTF_8.newEncoder().canEncode(text);
  }

  /** Returns the name. */
  public String name() {
    return name;
  }

  /** Returns the dimensions, outermost first; unmodifiable, empty for a scalar. */
  public List<Integer> shape() {
    return shape;
  }

  /** Returns the number of elements, 0 or more. */
  public int size() {
    return values.length;
  }

  /** Returns a fresh copy of the elements in row-major order; the caller owns it. */
  public float[] values() {
    return values.clone();
  }

  /** Returns the elements without copying; callers in this package must not write to them. */
  float[] sharedValues() {
    return values;
  }

  /** Returns the flat index of the first NaN or infinite element, if there is one. */
  OptionalInt firstNonFinite() {
    for (int i = 0; i < values.length; i++) {
      if (!Float.isFinite(values[i])) {
        return OptionalInt.of(i);
      }
    }
    return OptionalInt.empty();
  }

  /** Returns the position of a flat index, such as {@code [3, 7]} in a matrix. */
  static List<Integer> position(List<Integer> shape, int flatIndex) {
    List<Integer> position = new ArrayList<>();
    int rest = flatIndex;
    for (int dimension : shape.reversed()) {
      position.addFirst(rest % dimension);
      rest /= dimension;
    }
    return position;
  }

  @Override
  public String toString() {
    return "Tensor[name=" + quote(name) + ", shape=" + shape + "]";
  }
}
