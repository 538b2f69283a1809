package io.cellbelt.cells.reference;

import java.util.List;

/**
 * {@link io.cellbelt.cells.Mut} in double.
 *
 * @param number 1, 2 or 3
 */
public record MutReference(int number) implements ReferenceCell {
  @Override
  public List<Vec> step(ReferenceParameters p, Vec x, List<Vec> previous, Vec below, int clock) {
    Vec h = previous.getFirst();
    Vec z =
        switch (number) {
          case 1 -> p.product("weight_ih", 'z', x);
          case 2 -> p.product("weight_ih", 'z', x).plus(p.product("weight_hh", 'z', h));
          default -> p.product("weight_ih", 'z', x).plus(p.product("weight_hh", 'z', h.tanh()));
        };
    z = z.plus(p.bias('z')).sigmoid();
    Vec ofX = number == 2 ? x : p.product("weight_ih", 'r', x);
    Vec r = Vec.sum(ofX, p.product("weight_hh", 'r', h), p.bias('r')).sigmoid();
    Vec toN = number == 1 ? x.tanh() : p.product("weight_ih", 'n', x);
    Vec n = Vec.sum(p.product("weight_hh", 'n', r.times(h)), toN, p.bias('n')).tanh();
    return List.of(z.times(n).plus(z.oneMinus().times(h)));
  }
}
