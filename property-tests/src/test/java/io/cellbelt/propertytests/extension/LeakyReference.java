package io.cellbelt.propertytests.extension;

import io.cellbelt.cells.reference.ReferenceCell;
import io.cellbelt.cells.reference.ReferenceParameters;
import io.cellbelt.cells.reference.Vec;
import java.util.List;

/** {@link LeakyRnn} in double. */
record LeakyReference(double keep) implements ReferenceCell {
  @Override
  public List<Vec> step(ReferenceParameters p, Vec x, List<Vec> previous, Vec below, int clock) {
    Vec h = previous.getFirst();
    Vec a = Vec.sum(p.product("weight_ih", 'a', x), p.product("weight_hh", 'a', h), p.bias('a'));
    return List.of(h.times(keep).plus(a.tanh().times(1 - keep)));
  }
}
