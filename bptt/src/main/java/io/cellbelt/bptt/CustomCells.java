package io.cellbelt.bptt;

import io.cellbelt.cells.Architecture;
import io.cellbelt.cells.Cell;
import io.cellbelt.cells.CustomCell;
import io.cellbelt.cells.Layer;
import io.cellbelt.cells.Schedule;
import io.cellbelt.cells.Schedule.Group;
import io.cellbelt.cells.Schedule.Product;
import io.cellbelt.cells.Schedule.Source;
import io.cellbelt.kernels.pointwise.Pointwise;
import java.util.List;
import java.util.stream.Collectors;

/** What is wrong with cells that are not the library's, in sentences that name the cell. */
final class CustomCells {
  private CustomCells() {}

  private static List<Cell> of(Architecture architecture) {
    return architecture.layers().stream()
        .map(Layer::cell)
        .filter(CustomCell.class::isInstance)
        .distinct()
        .toList();
  }

  /**
   * Refuses cells whose kernel does not fit their schedule.
   *
   * @throws IllegalArgumentException if there is no kernel, or the schedule has products that it
   *     does not serve
   */
  static void check(Architecture architecture) {
    for (Cell cell : of(architecture)) {
      Pointwise kernel = cell.pointwise();
      if (kernel == null) {
        throw wrong(cell, "its pointwise() gives null. Return the cell's kernel there");
      }
      if (kernel.saved() < 0 || kernel.stages() < 1) {
        throw wrong(
            cell,
            "its kernel has saved() "
                + kernel.saved()
                + " and stages() "
                + kernel.stages()
                + ". Return 0 or more, and 1 or more");
      }
      for (Group group : cell.schedule().groups()) {
        for (Product product : group.products()) {
          check(cell, cell.schedule(), kernel, product);
        }
      }
    }
  }

  private static void check(Cell cell, Schedule schedule, Pointwise kernel, Product product) {
    String what = "its schedule has a product with '" + product.parameter() + "' ";
    if (product.stage() < 0 || product.stage() >= kernel.stages()) {
      throw wrong(
          cell,
          what
              + "at stage "
              + product.stage()
              + ", but its kernel's stages() is "
              + kernel.stages()
              + ". Let it return "
              + (product.stage() + 1)
              + ", or change the product's stage");
    }
    switch (product.source()) {
      case Source.X _ -> {}
      case Source.State(int index) -> {
        if (index < 0 || index >= schedule.carried()) {
          throw wrong(
              cell,
              what
                  + "of state "
                  + index
                  + ", but it carries "
                  + schedule.carried()
                  + " from step to step. Multiply one of 0 to "
                  + (schedule.carried() - 1)
                  + ", or carry more");
        }
      }
      case Source.Saved(int index, int gradient) -> {
        int most = Math.max(index, gradient);
        if (Math.min(index, gradient) < 0 || most >= kernel.saved()) {
          throw wrong(
              cell,
              what
                  + "of the saved blocks "
                  + index
                  + " and "
                  + gradient
                  + ", but its kernel's saved() is "
                  + kernel.saved()
                  + ". Let it return "
                  + (most + 1)
                  + " or more");
        }
      }
    }
  }

  private static IllegalArgumentException wrong(Cell cell, String what) {
    return new IllegalArgumentException("The cell " + cell + " cannot run: " + what + ".");
  }

  /**
   * What to throw when the kernels failed: a sentence about the cells that are not the library's,
   * or, where there are none, the failure itself.
   *
   * @param pass such as {@code forward}
   */
  static RuntimeException failed(Architecture architecture, String pass, RuntimeException failure) {
    List<Cell> cells = of(architecture);
    if (cells.isEmpty()) {
      return failure;
    }
    String why = failure.getMessage() == null ? failure.toString() : failure.getMessage();
    String blocks =
        cells.stream()
            .map(
                cell ->
                    cell.schedule().gates().length()
                        + " gates and saved() "
                        + cell.pointwise().saved()
                        + " more")
            .collect(Collectors.joining("; "));
    return new IllegalArgumentException(
        "The kernel of the cell "
            + cells.stream().map(Cell::toString).collect(Collectors.joining(" or "))
            + " failed in its "
            + pass
            + " pass: "
            + why
            + (why.endsWith(".") ? "" : ".")
            + (failure instanceof IndexOutOfBoundsException
                ? " It has the blocks of "
                    + blocks
                    + ": if it uses more, let saved() return as many."
                : ""),
        failure);
  }
}
