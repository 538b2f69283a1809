package io.cellbelt.cells.reference;

import java.util.List;

/** {@link io.cellbelt.cells.LayerNormLstm} in double. */
public record LayerNormLstmReference() implements ReferenceCell {
  private static final double EPSILON = 1e-5;

  @Override
  public List<Vec> step(ReferenceParameters p, Vec x, List<Vec> previous, Vec below, int clock) {
    Vec h = previous.getFirst();
    Vec c = previous.get(1);
    Vec ofX = p.product("weight_ih", "ifgo", x).normalise(EPSILON);
    Vec ofH = p.product("weight_hh", "IFGO", h).normalise(EPSILON);
    Vec a =
        Vec.sum(
            p.vector("norm_ih", "ifgo").times(ofX),
            p.vector("norm_hh", "ifgo").times(ofH),
            p.vector("norm_bias", "ifgo"));
    int n = c.length();
    Vec i = a.slice(0, n).sigmoid();
    Vec f = a.slice(n, n).sigmoid();
    Vec g = a.slice(2 * n, n).tanh();
    Vec o = a.slice(3 * n, n).sigmoid();
    Vec newC = f.times(c).plus(i.times(g));
    Vec scaled = p.vector("norm_c", 'c').times(newC.normalise(EPSILON));
    return List.of(o.times(scaled.plus(p.vector("norm_c_bias", 'c')).tanh()), newC);
  }
}
