package io.cellbelt.cells.reference;

import java.util.List;

/** {@link io.cellbelt.cells.GridLstm} in double. */
public record GridLstmReference() implements ReferenceCell {
  @Override
  public List<Vec> step(ReferenceParameters p, Vec x, List<Vec> previous, Vec below, int clock) {
    Vec h = previous.getFirst();
    List<Vec> time = lstm("ifgo", p, x, h, previous.get(1));
    List<Vec> depth = lstm("IFGO", p, x, h, below);
    return List.of(time.getFirst(), time.getLast(), depth.getFirst(), depth.getLast());
  }

  /** The new h and c of one dimension, out of the old c. */
  private static List<Vec> lstm(String gates, ReferenceParameters p, Vec x, Vec h, Vec c) {
    Vec i = sum(gates.charAt(0), p, x, h).sigmoid();
    Vec f = sum(gates.charAt(1), p, x, h).sigmoid();
    Vec g = sum(gates.charAt(2), p, x, h).tanh();
    Vec o = sum(gates.charAt(3), p, x, h).sigmoid();
    Vec newC = f.times(c).plus(i.times(g));
    return List.of(o.times(newC.tanh()), newC);
  }

  private static Vec sum(char gate, ReferenceParameters p, Vec x, Vec h) {
    return Vec.sum(p.product("weight_ih", gate, x), p.product("weight_hh", gate, h), p.bias(gate));
  }
}
