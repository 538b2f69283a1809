package io.cellbelt.cells.engine;

import io.cellbelt.cells.CellKernel;
import io.cellbelt.kernels.pointwise.Pointwise;
import java.util.Objects;

/** A kernel of the library, which works on raw addresses, so that only the engine sees inside. */
public record LibraryKernel(Pointwise pointwise) implements CellKernel {
  /** Checks that there is one. */
  public LibraryKernel {
    Objects.requireNonNull(pointwise, "A kernel of the library is a pointwise kernel, not null.");
  }

  @Override
  public int stages() {
    return pointwise.stages();
  }

  @Override
  public int saved() {
    return pointwise.saved();
  }
}
