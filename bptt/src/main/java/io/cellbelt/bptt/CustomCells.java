package io.cellbelt.bptt;

import io.cellbelt.cells.Architecture;
import io.cellbelt.cells.Cell;
import io.cellbelt.cells.CustomCell;
import io.cellbelt.cells.Layer;
import java.util.List;
import java.util.stream.Collectors;

/** What is wrong with cells that are not the library's, in sentences that name the cell. */
final class CustomCells {
  private CustomCells() {}

  /**
   * What to throw when the kernels failed: a sentence about the cells that are not the library's,
   * or, where there are none, the failure itself.
   *
   * @param pass such as {@code forward}
   */
  static RuntimeException failed(Architecture architecture, String pass, RuntimeException failure) {
    List<Cell> cells =
        architecture.layers().stream()
            .map(Layer::cell)
            .filter(CustomCell.class::isInstance)
            .distinct()
            .toList();
    if (cells.isEmpty()) {
      return failure;
    }
    String why = failure.getMessage() == null ? failure.toString() : failure.getMessage();
    return new IllegalArgumentException(
        "The kernel of the cell "
            + cells.stream().map(Cell::toString).collect(Collectors.joining(" or "))
            + " failed in its "
            + pass
            + " pass: "
            + why
            + (why.endsWith(".") ? "" : "."),
        failure);
  }
}
