package io.cellbelt.cells.reference;

import io.cellbelt.cells.Cell;
import io.cellbelt.cells.Schedule;
import java.util.List;

/**
 * The equations of a cell that may be anybody's: what is missing or does not fit the cell's
 * schedule is told in a sentence that names the cell.
 *
 * @param cell the cell
 * @param schedule its schedule
 * @param equations its reference
 */
record CheckedReference(Cell cell, Schedule schedule, ReferenceCell equations)
    implements ReferenceCell {
  /**
   * Those of a cell.
   *
   * @throws IllegalArgumentException if it has none
   */
  static CheckedReference of(Cell cell) {
    ReferenceCell equations;
    try {
      equations = cell.reference();
    } catch (UnsupportedOperationException e) {
      throw missing(cell, "its reference() is not supported", e);
    }
    if (equations == null) {
      throw missing(cell, "its reference() gives null", null);
    }
    return new CheckedReference(cell, cell.schedule(), equations);
  }

  private static IllegalArgumentException missing(Cell cell, String why, RuntimeException cause) {
    return new IllegalArgumentException(
        "The cell "
            + cell
            + " has no reference: "
            + why
            + ". Write its equations in double as a ReferenceCell and return it there;"
            + " docs/adding-a-cell.md shows one.",
        cause);
  }

  @Override
  public List<Vec> step(ReferenceParameters p, Vec x, List<Vec> previous, Vec below, int clock) {
    List<Vec> next;
    try {
      next = equations.step(p, x, previous, below, clock);
    } catch (RuntimeException e) {
      throw new IllegalArgumentException(
          "The reference of the cell "
              + cell
              + " failed: "
              + (e.getMessage() == null ? e.toString() : e.getMessage()),
          e);
    }
    List<Integer> lengths = schedule.states();
    if (next == null || next.size() != lengths.size()) {
      String given = next == null ? "null" : "a list of " + next.size();
      throw wrong(given + " instead of a list of " + lengths.size());
    }
    for (int s = 0; s < lengths.size(); s++) {
      Vec state = next.get(s);
      if (state == null || state.length() != lengths.get(s)) {
        String given = state == null ? "null" : state.length() + " numbers";
        throw wrong(given + " instead of " + lengths.get(s) + " numbers as state " + s);
      }
    }
    return next;
  }

  private IllegalArgumentException wrong(String what) {
    return new IllegalArgumentException(
        "The reference of the cell "
            + cell
            + " does not fit its schedule: its step gave "
            + what
            + ". The schedule names states of the lengths "
            + schedule.states()
            + ", h first: return these in this order, or change the schedule.");
  }
}
