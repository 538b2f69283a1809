package io.cellbelt.cells;

import io.cellbelt.cells.engine.LibraryKernel;

/**
 * What a cell does between its matrix products: a kernel of the library, which is opaque, or a
 * {@link CustomKernel}.
 *
 * <p>Immutable, thread-safe.
 */
public sealed interface CellKernel permits CustomKernel, LibraryKernel {
  /**
   * How often a step comes to the kernel, 1 or more: the products of stage 0 run before its first
   * stage, those of stage 1 between that and the second.
   */
  int stages();

  /** How many blocks of H floats it keeps for itself in each row, 0 or more. */
  int saved();
}
