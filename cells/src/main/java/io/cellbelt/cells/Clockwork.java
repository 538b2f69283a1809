package io.cellbelt.cells;

import io.cellbelt.cells.engine.LibraryKernel;
import io.cellbelt.cells.reference.ClockworkReference;
import io.cellbelt.cells.reference.ReferenceCell;
import io.cellbelt.kernels.pointwise.ClockworkPointwise;
import java.util.List;
import java.util.Objects;

/**
 * The clockwork RNN (Koutník et al. 2014, arXiv 1402.3511): groups of units with clocks of
 * different periods, of which the slow ones remember.
 *
 * <pre>
 *   group k at step t:  hk = tanh(Wk x + sum of Ukj h'j over j with Tj ≥ Tk, + bk)   if Tk divides t
 *                       hk = h'k                                                  otherwise
 * </pre>
 *
 * <p>t counts from 0 where the state is zero, so all groups run at the first step. Groups have the
 * same number of units, fast ones first, and each reads itself and the slower ones: U is block
 * upper triangular. A step computes the groups that run and no others.
 *
 * @param inputSize I, 1 or more
 * @param hiddenSize H, a multiple of the number of periods
 * @param periods of the groups, growing, each a multiple of the one before
 */
public record Clockwork(int inputSize, int hiddenSize, List<Integer> periods) implements Cell {
  /** The longest period; a float counts to it exactly. */
  private static final int MAX_PERIOD = 1 << 24;

  /** Checks the sizes and periods. */
  public Clockwork {
    Cell.checkSizes("clockwork", inputSize, hiddenSize);
    Objects.requireNonNull(periods, "A clockwork cell has periods, but got null.");
    if (periods.stream().anyMatch(Objects::isNull)) {
      throw new IllegalArgumentException("A clockwork cell has periods, but one of them is null.");
    }
    periods = List.copyOf(periods);
    if (periods.isEmpty() || hiddenSize % periods.size() != 0) {
      throw new IllegalArgumentException(
          "A clockwork cell has 1 period or more, and as many units for each, but got "
              + periods.size()
              + " periods for "
              + hiddenSize
              + " units.");
    }
    int before = 1;
    for (int k = 0; k < periods.size(); k++) {
      int period = periods.get(k);
      if (period < 1
          || period > MAX_PERIOD
          || period % before != 0
          || (k > 0 && period == before)) {
        throw new IllegalArgumentException(
            "Periods are 1 to "
                + MAX_PERIOD
                + ", grow, and each is a multiple of the one before, such as 1, 2, 4, but got "
                + periods
                + ".");
      }
      before = period;
    }
  }

  @Override
  public String kind() {
    return "clockwork";
  }

  @Override
  public Schedule schedule() {
    return Schedule.simple("h", hiddenSize, 1);
  }

  @Override
  public int clock() {
    return periods.getLast();
  }

  @Override
  public int active(int clock) {
    int groups = 0;
    while (groups < periods.size() && clock % periods.get(groups) == 0) {
      groups++;
    }
    return groups * (hiddenSize / periods.size());
  }

  @Override
  public boolean connected(int unit, int from) {
    int group = hiddenSize / periods.size();
    return from / group >= unit / group;
  }

  @Override
  public CellKernel kernel() {
    return new LibraryKernel(
        new ClockworkPointwise(
            hiddenSize / periods.size(), periods.stream().mapToInt(Integer::intValue).toArray()));
  }

  @Override
  public ReferenceCell reference() {
    return new ClockworkReference(this);
  }
}
