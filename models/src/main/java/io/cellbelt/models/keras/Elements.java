package io.cellbelt.models.keras;

/** Arrays of several dimensions, row-major. */
final class Elements {
  private Elements() {}

  /** The elements with their dimensions in another order, as NumPy's transpose. */
  static float[] permuted(float[] values, int[] shape, int... order) {
    int rank = shape.length;
    int[] strides = new int[rank];
    for (int i = rank - 1, stride = 1; i >= 0; i--) {
      strides[i] = stride;
      stride *= shape[i];
    }
    float[] result = new float[values.length];
    int[] index = new int[rank];
    int source = 0;
    for (int i = 0; i < result.length; i++) {
      result[i] = values[source];
      for (int axis = rank - 1; axis >= 0; axis--) {
        int from = order[axis];
        source += strides[from];
        if (++index[axis] < shape[from]) {
          break;
        }
        source -= strides[from] * shape[from];
        index[axis] = 0;
      }
    }
    return result;
  }

  /** Turns the elements round along the first dimensions, in place. */
  static void flip(float[] values, int[] shape, int dimensions) {
    int blocks = 1;
    for (int i = 0; i < dimensions; i++) {
      blocks *= shape[i];
    }
    int block = blocks == 0 ? 0 : values.length / blocks;
    for (int i = 0; i < blocks / 2; i++) {
      int other = blocks - 1 - i;
      for (int j = 0; j < block; j++) {
        float kept = values[i * block + j];
        values[i * block + j] = values[other * block + j];
        values[other * block + j] = kept;
      }
    }
  }
}
