package io.cellbelt.cells;

import io.cellbelt.cells.Schedule.Group;
import io.cellbelt.cells.Schedule.Product;
import io.cellbelt.cells.Schedule.Source;
import io.cellbelt.cells.engine.LibraryKernel;
import io.cellbelt.cells.reference.MutReference;
import io.cellbelt.cells.reference.ReferenceCell;
import io.cellbelt.kernels.pointwise.MutPointwise;
import java.util.List;

/**
 * The three mutants that did best in the search of Jozefowicz, Zaremba and Sutskever 2015:
 *
 * <pre>
 *   MUT1: z = σ(Wz x + bz)                  r = σ(Wr x + Ur h' + br)
 *         n = tanh(Un (r h') + tanh(x) + bn)
 *   MUT2: z = σ(Wz x + Uz h' + bz)          r = σ(x + Ur h' + br)
 *         n = tanh(Wn x + Un (r h') + bn)
 *   MUT3: z = σ(Wz x + Uz tanh(h') + bz)    r = σ(Wr x + Ur h' + br)
 *         n = tanh(Wn x + Un (r h') + bn)
 *   all:  h = z n + (1 - z) h'
 * </pre>
 *
 * @param inputSize I, 1 or more; H for MUT1 and MUT2, which add x to vectors of length H
 * @param hiddenSize H, 1 or more
 * @param number 1, 2 or 3
 */
public record Mut(int inputSize, int hiddenSize, int number) implements Cell {
  /**
   * Checks the sizes.
   *
   * @throws IllegalArgumentException if a size is under 1 or an option does not fit it
   */
  public Mut {
    Cell.checkSizes("MUT", inputSize, hiddenSize);
    if (number < 1 || number > 3) {
      throw new IllegalArgumentException("There are MUT 1, 2 and 3, but got " + number + ".");
    }
    if (number < 3 && inputSize != hiddenSize) {
      throw new IllegalArgumentException(
          "MUT"
              + number
              + " adds x to a vector of the hidden size, so the two have the same length, but got "
              + inputSize
              + " and "
              + hiddenSize
              + ".");
    }
  }

  @Override
  public String kind() {
    return "mut" + number;
  }

  /**
   * The first saved block is {@code r h'} and the second its gradient; of MUT3, the third is {@code
   * tanh(h')} and the fourth its gradient.
   */
  @Override
  public Schedule schedule() {
    Product w = Schedule.input();
    Product u = Schedule.recurrent();
    Product reset = Schedule.recurrentOf(0, 1);
    List<Group> groups =
        switch (number) {
          case 1 -> List.of(group("z", w), group("r", w, u), group("n", reset));
          case 2 -> List.of(group("z", w, u), group("r", u), group("n", w, reset));
          default ->
              List.of(
                  group("z", w, new Product("weight_hh", new Source.Saved(2, 3), 1)),
                  group("r", w, u),
                  group("n", w, reset));
        };
    return new Schedule(groups, List.of(), List.of(hiddenSize), 1, 0, -1);
  }

  private Group group(String gate, Product... products) {
    return new Group(gate, hiddenSize, true, List.of(products));
  }

  @Override
  public boolean readsInput() {
    return number < 3;
  }

  @Override
  public boolean writes(char gate) {
    return gate == 'z';
  }

  @Override
  public CellKernel kernel() {
    return new LibraryKernel(new MutPointwise(number));
  }

  @Override
  public ReferenceCell reference() {
    return new MutReference(number);
  }
}
