package io.cellbelt.cells;

import java.util.List;

/**
 * Name and shape of one tensor of weights, row-major as PyTorch has it.
 *
 * @param name such as {@code lstm.weight_ih_l0}
 * @param form what the tensor is
 * @param rows outputs of a matrix or length of a vector, all gates together; rows of a table
 * @param columns inputs of a matrix, 1 for a vector, length of a row of a table
 * @param gates number of gates that share the rows equally, 1 where there are none
 */
public record Parameter(String name, Form form, int rows, int columns, int gates) {
  /** What a tensor is. */
  public enum Form {
    /** {@code W} of {@code y = W x}, {@code [outputs, inputs]}. */
    MATRIX,
    /** {@code b}, {@code [outputs]}. */
    VECTOR,
    /** One row per token, {@code [vocabulary, size]}. */
    TABLE
  }

  /** The shape in files: two sizes, or one for a vector. */
  public List<Integer> shape() {
    return form == Form.VECTOR ? List.of(rows) : List.of(rows, columns);
  }

  /**
   * Number of floats.
   *
   * @throws ArithmeticException if it is 2^31 or more
   */
  public int size() {
    return Math.multiplyExact(rows, columns);
  }
}
