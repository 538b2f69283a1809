package io.cellbelt.cells.reference;

import io.cellbelt.cells.Clockwork;
import java.util.List;

/**
 * {@link Clockwork} in double.
 *
 * @param cell with its periods
 */
public record ClockworkReference(Clockwork cell) implements ReferenceCell {
  @Override
  public List<Vec> step(ReferenceParameters p, Vec x, List<Vec> previous, Vec below, int clock) {
    Vec h = previous.getFirst();
    int groups = cell.periods().size();
    int units = cell.hiddenSize() / groups;
    Vec[] parts = new Vec[groups];
    for (int k = 0; k < groups; k++) {
      Vec before = h.slice(k * units, units);
      Vec hk =
          Vec.sum(
                  p.product("weight_ih", 'h', x),
                  p.product("weight_hh", 'h', withoutFaster(h, k * units)),
                  p.bias('h'))
              .tanh()
              .slice(k * units, units);
      parts[k] = clock % cell.periods().get(k) == 0 ? hk : before;
    }
    return List.of(Vec.concat(parts));
  }

  /** Groups read themselves and slower ones, which follow them. */
  private static Vec withoutFaster(Vec h, int first) {
    return first == 0 ? h : Vec.concat(Vec.filled(first, 0), h.slice(first, h.length() - first));
  }
}
