package io.cellbelt.models.audio;

import static io.cellbelt.models.ModelFileException.quote;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonPrimitive;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;

/**
 * Numbers of nested JSON arrays, in row-major order. What does not fit is an {@link
 * IllegalArgumentException} with a sentence.
 *
 * @param what these weights are, for messages
 * @param shape as the arrays are nested, the outermost first
 * @param values finite
 */
record Weights(String what, List<Integer> shape, float[] values) {
  private static final int MOST_DIMENSIONS = 8;

  /** The numbers of arrays that are as long as their neighbours. */
  static Weights of(JsonElement json, String what) {
    int[] shape = new int[MOST_DIMENSIONS];
    int rank = 0;
    for (JsonElement first = json; first instanceof JsonArray array; first = array.get(0)) {
      if (rank == MOST_DIMENSIONS) {
        throw new IllegalArgumentException(
            what + " must be at most " + MOST_DIMENSIONS + " arrays in each other.");
      }
      shape[rank++] = array.size();
      if (array.isEmpty()) {
        break;
      }
    }
    shape = Arrays.copyOf(shape, rank);
    // Only after this is the product of the shape what the file holds.
    int count = count(json, what, shape, 0);
    float[] values = new float[count];
    fill(json, what, values, 0);
    return new Weights(what, Arrays.stream(shape).boxed().toList(), values);
  }

  private static int count(JsonElement json, String what, int[] shape, int depth) {
    boolean isArray = json instanceof JsonArray;
    if (isArray != depth < shape.length
        || json instanceof JsonArray array && array.size() != shape[depth]) {
      throw new IllegalArgumentException(
          String.format(
              Locale.ROOT,
              "%s must be regular: all of the shape %s, like its first part.",
              what,
              Arrays.toString(shape)));
    }
    if (!isArray) {
      return 1;
    }
    int count = 0;
    for (JsonElement part : (JsonArray) json) {
      count += count(part, what, shape, depth + 1);
    }
    return count;
  }

  private static int fill(JsonElement json, String what, float[] values, int from) {
    if (!(json instanceof JsonArray array)) {
      values[from] = value(json, what);
      return from + 1;
    }
    int next = from;
    for (JsonElement part : array) {
      next = fill(part, what, values, next);
    }
    return next;
  }

  private static float value(JsonElement json, String what) {
    if (json instanceof JsonPrimitive primitive && primitive.isNumber()) {
      float value = Float.parseFloat(primitive.getAsString());
      if (Float.isFinite(value)) {
        return value;
      }
    }
    throw new IllegalArgumentException(
        what + " must be numbers that floats can hold, but one is " + quote(json.toString()) + ".");
  }

  /** The values, if they have this shape. */
  float[] values(Integer... wanted) {
    if (!shape.equals(List.of(wanted))) {
      throw new IllegalArgumentException(
          String.format(
              Locale.ROOT,
              "%s must have the shape %s, but have %s.",
              what,
              Arrays.toString(wanted),
              shape));
    }
    return values;
  }

  /** Length of a dimension, if there are so many dimensions. */
  int dimension(int index, int rank) {
    if (shape.size() != rank) {
      throw new IllegalArgumentException(
          String.format(
              Locale.ROOT,
              "%s must have %d dimensions, but have the shape %s.",
              what,
              rank,
              shape));
    }
    return shape.get(index);
  }

  /**
   * The values in another order of dimensions.
   *
   * @param order which of these dimensions each of the result's is
   */
  float[] transposed(int... order) {
    int rank = shape.size();
    int[] strides = new int[rank];
    int stride = 1;
    for (int i = rank - 1; i >= 0; i--) {
      strides[i] = stride;
      stride *= shape.get(i);
    }
    float[] result = new float[values.length];
    int[] position = new int[rank];
    int from = 0;
    for (int to = 0; to < result.length; to++) {
      result[to] = values[from];
      for (int i = rank - 1; i >= 0; i--) {
        int dimension = order[i];
        from += strides[dimension];
        if (++position[i] < shape.get(dimension)) {
          break;
        }
        from -= strides[dimension] * position[i];
        position[i] = 0;
      }
    }
    return result;
  }
}
