package io.cellbelt.cells;

import io.cellbelt.cells.Schedule.Group;
import io.cellbelt.cells.engine.LibraryKernel;
import io.cellbelt.cells.reference.MinimalGatedReference;
import io.cellbelt.cells.reference.ReferenceCell;
import io.cellbelt.kernels.pointwise.MinimalGatedPointwise;
import java.util.List;

/**
 * The minimal gated unit (Zhou et al. 2016, arXiv 1603.09420), a GRU whose two gates are one:
 *
 * <pre>
 *   f = σ(Wf x + Uf h' + bf)
 *   n = tanh(Wn x + Un (f h') + bn)
 *   h = (1 - f) h' + f n
 * </pre>
 *
 * @param inputSize I, 1 or more
 * @param hiddenSize H, 1 or more
 */
public record MinimalGated(int inputSize, int hiddenSize) implements Cell {
  /**
   * Checks the sizes.
   *
   * @throws IllegalArgumentException if a size is under 1 or an option does not fit it
   */
  public MinimalGated {
    Cell.checkSizes("minimal gated", inputSize, hiddenSize);
  }

  @Override
  public String kind() {
    return "mgu";
  }

  /** The first saved block is {@code f h'} and the second its gradient. */
  @Override
  public Schedule schedule() {
    return new Schedule(
        List.of(
            new Group("f", hiddenSize, true, List.of(Schedule.input(), Schedule.recurrent())),
            new Group(
                "n", hiddenSize, true, List.of(Schedule.input(), Schedule.recurrentOf(0, 1)))),
        List.of(),
        List.of(hiddenSize),
        1,
        0,
        -1);
  }

  @Override
  public boolean writes(char gate) {
    return gate == 'f';
  }

  @Override
  public CellKernel kernel() {
    return new LibraryKernel(MinimalGatedPointwise.INSTANCE);
  }

  @Override
  public ReferenceCell reference() {
    return new MinimalGatedReference();
  }
}
