package io.cellbelt.cells.reference;

import io.cellbelt.cells.Rnn;
import java.util.List;

/**
 * {@link Rnn} in double.
 *
 * @param cell with its options
 */
public record RnnReference(Rnn cell) implements ReferenceCell {
  @Override
  public List<Vec> step(ReferenceParameters p, Vec x, List<Vec> previous, Vec below, int clock) {
    Vec a =
        Vec.sum(
            p.product("weight_ih", 'h', x),
            p.product("weight_hh", 'h', previous.getFirst()),
            p.bias('h'));
    return List.of(a.clamp(cell.clip()).apply(cell.activation()));
  }
}
