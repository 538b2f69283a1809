package io.cellbelt.cells;

import io.cellbelt.kernels.checks.Sizes;
import java.util.List;
import java.util.Objects;

/**
 * Name and shape of one tensor of weights, row-major as PyTorch has it.
 *
 * @param name such as {@code lstm.weight_ih_l0}
 * @param form what the tensor is
 * @param columns inputs of a matrix, 1 for a vector, length of a row of a table
 * @param parts its rows, of which each part is packed by itself
 */
public record Parameter(String name, Form form, int columns, List<Part> parts) {
  /** What a tensor is, by which it is packed and initialised. */
  public enum Form {
    /** {@code W} of {@code y = W x}, {@code [outputs, inputs]}. */
    MATRIX,
    /** {@code b}, {@code [outputs]}. */
    VECTOR,
    /** One row per token, {@code [vocabulary, size]}. */
    TABLE
  }

  /**
   * Rows that follow each other: some gates of the same length.
   *
   * @param gates how many
   * @param size rows of each
   */
  public record Part(int gates, int size) {
    /**
     * Number of rows.
     *
     * @throws IllegalArgumentException if it is 2^31 or more
     */
    public int rows() {
      return Sizes.product("rows", gates, size);
    }
  }

  /** Copies the list. */
  public Parameter {
    Objects.requireNonNull(name, "A parameter has a name, but got null.");
    Objects.requireNonNull(form, "A parameter has a form, but got null.");
    Objects.requireNonNull(parts, "A parameter has parts, but got null.");
    if (parts.stream().anyMatch(Objects::isNull)) {
      throw new IllegalArgumentException("A parameter has parts, but one of them is null.");
    }
    parts = List.copyOf(parts);
  }

  /** A tensor in one part, without gates. */
  public Parameter(String name, Form form, int rows, int columns) {
    this(name, form, columns, List.of(new Part(1, rows)));
  }

  /** The same tensor under another name; nothing else differs. */
  public Parameter named(String other) {
    return new Parameter(other, form, columns, parts);
  }

  /**
   * Outputs of a matrix or length of a vector, all gates together; rows of a table.
   *
   * @throws IllegalArgumentException if it is 2^31 or more
   */
  public int rows() {
    return Sizes.sum("rows", parts.stream().mapToInt(Part::rows).toArray());
  }

  /** The shape in files: two sizes, or one for a vector. */
  public List<Integer> shape() {
    return form == Form.VECTOR ? List.of(rows()) : List.of(rows(), columns);
  }

  /**
   * Number of floats.
   *
   * @throws IllegalArgumentException if it is 2^31 or more
   */
  public int size() {
    return Sizes.product("floats of '" + name + "'", rows(), columns);
  }
}
