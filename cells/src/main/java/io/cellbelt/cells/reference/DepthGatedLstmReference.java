package io.cellbelt.cells.reference;

import java.util.List;

/** {@link io.cellbelt.cells.DepthGatedLstm} in double. */
public record DepthGatedLstmReference() implements ReferenceCell {
  @Override
  public List<Vec> step(ReferenceParameters p, Vec x, List<Vec> previous, Vec below, int clock) {
    Vec h = previous.getFirst();
    Vec c = previous.get(1);
    Vec i = sum('i', p, x, h).plus(p.vector("peephole", 'i').times(c)).sigmoid();
    Vec f = sum('f', p, x, h).plus(p.vector("peephole", 'f').times(c)).sigmoid();
    Vec g = sum('g', p, x, h).tanh();
    Vec d =
        Vec.sum(
                p.product("weight_ih", 'd', x),
                p.vector("peephole", 'd').times(c),
                p.vector("peephole", 'l').times(below),
                p.bias('d'))
            .sigmoid();
    Vec newC = Vec.sum(f.times(c), i.times(g), d.times(below));
    Vec o = sum('o', p, x, h).plus(p.vector("peephole", 'o').times(newC)).sigmoid();
    return List.of(o.times(newC.tanh()), newC);
  }

  private static Vec sum(char gate, ReferenceParameters p, Vec x, Vec h) {
    return Vec.sum(p.product("weight_ih", gate, x), p.product("weight_hh", gate, h), p.bias(gate));
  }
}
