package io.cellbelt.graphs;

import io.cellbelt.graphs.ElementType.Storage;
import io.cellbelt.kernels.checks.Sizes;
import java.util.Arrays;
import java.util.Locale;
import java.util.Objects;

/**
 * An array of elements with a shape, on the heap, in row-major order (the last dimension varies
 * fastest): a constant of a graph, or what goes in and comes out.
 *
 * <p>Immutable, thread-safe. A shape without dimensions is a scalar and has one element.
 */
public final class Tensor {
  private final ElementType type;
  private final int[] shape;

  /** A {@code float[]}, {@code double[]} or {@code long[]}, as the type's storage says. */
  private final Object values;

  private Tensor(ElementType type, Object values, int length, int[] shape) {
    Objects.requireNonNull(type, "A tensor has an element type, but got null.");
    this.type = type;
    this.values = values;
    this.shape = Given.value("a shape", shape);
    int elements = Sizes.product("elements of a tensor", shape);
    if (elements != length) {
      throw new IllegalArgumentException(
          String.format(
              Locale.ROOT,
              "A tensor of the shape %s has %d elements, but got %d.",
              Arrays.toString(shape),
              elements,
              length));
    }
  }

  /** A tensor of 32-bit floats, from a copy of the values. */
  public static Tensor of(float[] values, int... shape) {
    return wrap(ElementType.F32, Given.value("floats", values).clone(), copy(shape));
  }

  /** A tensor of 64-bit floats, from a copy of the values. */
  public static Tensor of(double[] values, int... shape) {
    return wrap(Given.value("doubles", values).clone(), copy(shape));
  }

  /** A tensor of 64-bit integers, from a copy of the values. */
  public static Tensor of(long[] values, int... shape) {
    return wrap(ElementType.I64, Given.value("integers", values).clone(), copy(shape));
  }

  /**
   * A tensor that takes the arrays over, which nobody may write to any more: copying would double
   * the memory of a load.
   *
   * @param type F32, F16 or BF16; of the last two, values are rounded already
   */
  public static Tensor wrap(ElementType type, float[] values, int... shape) {
    check(type, Storage.FLOAT);
    return new Tensor(type, values, Given.value("values", values).length, shape);
  }

  /** A tensor of 64-bit floats that takes the arrays over, which nobody may write to any more. */
  public static Tensor wrap(double[] values, int... shape) {
    return new Tensor(ElementType.F64, values, Given.value("values", values).length, shape);
  }

  /**
   * A tensor that takes the arrays over, which nobody may write to any more.
   *
   * @param type an integer type, with values in its range, or BOOL, with values 0 and 1
   */
  public static Tensor wrap(ElementType type, long[] values, int... shape) {
    check(type, Storage.LONG);
    return new Tensor(type, values, Given.value("values", values).length, shape);
  }

  private static int[] copy(int[] shape) {
    return Given.value("a shape", shape).clone();
  }

  private static void check(ElementType type, Storage storage) {
    Given.value("an element type", type);
    if (type.storage() != storage) {
      throw new IllegalArgumentException(
          "The elements of "
              + type
              + " are stored as "
              + type.storage()
              + ", not as "
              + storage
              + ".");
    }
  }

  /** What the elements are. */
  public ElementType type() {
    return type;
  }

  /** A copy of the dimensions, the outermost first. */
  public int[] shape() {
    return shape.clone();
  }

  /** Whether it has these dimensions. Allocates nothing. */
  boolean hasShape(int[] other) {
    return Arrays.equals(shape, other);
  }

  /** Number of dimensions. */
  public int rank() {
    return shape.length;
  }

  /** Number of elements. */
  public int size() {
    return switch (values) {
      case float[] floats -> floats.length;
      case double[] doubles -> doubles.length;
      default -> ((long[]) values).length;
    };
  }

  /** The elements as a new array of floats, converted where they are of another type. */
  public float[] floats() {
    return switch (values) {
      case float[] floats -> floats.clone();
      case double[] doubles -> {
        float[] all = new float[doubles.length];
        for (int i = 0; i < all.length; i++) {
          all[i] = (float) doubles[i];
        }
        yield all;
      }
      default -> {
        long[] longs = (long[]) values;
        float[] all = new float[longs.length];
        for (int i = 0; i < all.length; i++) {
          all[i] = longs[i];
        }
        yield all;
      }
    };
  }

  /** The elements as a new array of doubles, converted where they are of another type. */
  public double[] doubles() {
    double[] all = new double[size()];
    for (int i = 0; i < all.length; i++) {
      all[i] = doubleAt(i);
    }
    return all;
  }

  /** An element as a double. */
  public double doubleAt(int index) {
    if (index < 0 || index >= size()) {
      throw new IndexOutOfBoundsException(
          "A tensor of " + size() + " elements has none at " + index + ".");
    }
    return switch (values) {
      case float[] floats -> floats[index];
      case double[] doubles -> doubles[index];
      default -> ((long[]) values)[index];
    };
  }

  /**
   * The elements as a new array of longs.
   *
   * @throws IllegalArgumentException if they are floats
   */
  public long[] longs() {
    if (values instanceof long[] longs) {
      return longs.clone();
    }
    throw new IllegalArgumentException("Integers are needed, but got a tensor of " + type + ".");
  }

  /**
   * The array behind this tensor, a {@code float[]}, {@code double[]} or {@code long[]}, which
   * nobody may write to.
   */
  public Object shared() {
    return values;
  }

  /**
   * The same elements in another shape.
   *
   * @throws IllegalArgumentException if that has another number of elements
   */
  public Tensor reshaped(int... other) {
    return new Tensor(type, values, size(), copy(other));
  }

  /**
   * The same elements as another type, each the nearest that it has, or of integers the low bits.
   *
   * @throws IllegalArgumentException if the other type is one of integers and this one of floats
   */
  public Tensor as(ElementType other) {
    Given.value("an element type", other);
    if (other == type) {
      return this;
    }
    return switch (other.storage()) {
      case DOUBLE -> wrap(doubles(), copy(shape));
      case FLOAT -> {
        float[] all = floats();
        for (int i = 0; i < all.length; i++) {
          all[i] = other.rounded(all[i]);
        }
        yield wrap(other, all, copy(shape));
      }
      case LONG -> {
        long[] all = longs();
        for (int i = 0; i < all.length; i++) {
          all[i] = other.wrapped(all[i]);
        }
        yield wrap(other, all, copy(shape));
      }
    };
  }

  @Override
  public String toString() {
    return "Tensor[" + type + " " + Arrays.toString(shape) + "]";
  }
}
