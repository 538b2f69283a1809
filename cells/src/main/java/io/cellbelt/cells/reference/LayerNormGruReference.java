package io.cellbelt.cells.reference;

import java.util.List;

/** {@link io.cellbelt.cells.LayerNormGru} in double. */
public record LayerNormGruReference() implements ReferenceCell {
  private static final double EPSILON = 1e-5;

  @Override
  public List<Vec> step(ReferenceParameters p, Vec x, List<Vec> previous, Vec below, int clock) {
    Vec h = previous.getFirst();
    Vec rz =
        Vec.sum(
                p.vector("norm_ih", "rz").times(p.product("weight_ih", "rz", x).normalise(EPSILON)),
                p.vector("norm_hh", "rz").times(p.product("weight_hh", "RZ", h).normalise(EPSILON)),
                p.vector("norm_bias", "rz"))
            .sigmoid();
    Vec r = rz.slice(0, h.length());
    Vec z = rz.slice(h.length(), h.length());
    Vec ofX = p.vector("norm_ih", 'n').times(p.product("weight_ih", 'n', x).normalise(EPSILON));
    Vec ofH = p.vector("norm_hh", 'm').times(p.product("weight_hh", 'm', h).normalise(EPSILON));
    Vec n =
        Vec.sum(ofX, p.vector("norm_bias", 'n'), r.times(ofH.plus(p.vector("norm_bias", 'm'))))
            .tanh();
    return List.of(z.times(h).plus(z.oneMinus().times(n)));
  }
}
