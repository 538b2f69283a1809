package io.cellbelt.cells.reference;

import java.util.List;

/** {@link io.cellbelt.cells.MinimalGated} in double. */
public record MinimalGatedReference() implements ReferenceCell {
  @Override
  public List<Vec> step(ReferenceParameters p, Vec x, List<Vec> previous, Vec below, int clock) {
    Vec h = previous.getFirst();
    Vec f =
        Vec.sum(p.product("weight_ih", 'f', x), p.product("weight_hh", 'f', h), p.bias('f'))
            .sigmoid();
    Vec n =
        Vec.sum(
                p.product("weight_ih", 'n', x),
                p.product("weight_hh", 'n', f.times(h)),
                p.bias('n'))
            .tanh();
    return List.of(f.oneMinus().times(h).plus(f.times(n)));
  }
}
