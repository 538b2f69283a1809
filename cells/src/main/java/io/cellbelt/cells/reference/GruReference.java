package io.cellbelt.cells.reference;

import io.cellbelt.cells.Gru;
import java.util.List;

/**
 * {@link Gru} in double.
 *
 * @param cell with its options
 */
public record GruReference(Gru cell) implements ReferenceCell {
  @Override
  public List<Vec> step(ReferenceParameters p, Vec x, List<Vec> previous, Vec below, int clock) {
    Vec h = previous.getFirst();
    Vec r = gate('r', p, x, h);
    Vec z = gate('z', p, x, h);
    Vec ofX = p.product("weight_ih", 'n', x).plus(p.bias('n'));
    Vec ofH =
        switch (cell.reset()) {
          case BEFORE -> p.product("weight_hh", 'n', r.times(h));
          case AFTER -> r.times(p.product("weight_hh", 'm', h).plus(p.bias('m')));
        };
    Vec n = ofX.plus(ofH).clamp(cell.clip()).apply(cell.candidate());
    return List.of(z.times(h).plus(z.oneMinus().times(n)));
  }

  private Vec gate(char gate, ReferenceParameters p, Vec x, Vec h) {
    return Vec.sum(p.product("weight_ih", gate, x), p.product("weight_hh", gate, h), p.bias(gate))
        .clamp(cell.clip())
        .apply(cell.gate());
  }
}
