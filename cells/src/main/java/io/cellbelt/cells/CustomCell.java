package io.cellbelt.cells;

/**
 * A cell that the library does not know: it streams, trains and is checked like the library's own,
 * and files hold it where they are told of its record. docs/adding-a-cell.md shows how one is made.
 *
 * <p>A {@link Layer} asks it for its numbers, schedule and kernel once, checks them, and from then
 * on goes by what it was told.
 */
public non-sealed interface CustomCell extends Cell {
  @Override
  CustomKernel kernel();
}
