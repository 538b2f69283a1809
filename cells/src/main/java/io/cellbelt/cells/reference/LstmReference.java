package io.cellbelt.cells.reference;

import io.cellbelt.cells.Lstm;
import io.cellbelt.cells.Lstm.Coupling;
import java.util.ArrayList;
import java.util.List;

/**
 * {@link Lstm} in double.
 *
 * @param cell with its options
 */
public record LstmReference(Lstm cell) implements ReferenceCell {
  @Override
  public List<Vec> step(ReferenceParameters p, Vec x, List<Vec> previous, Vec below, int clock) {
    Lstm.Options options = cell.options();
    Vec c = previous.get(1);
    Coupling coupling = options.coupling();
    Vec i =
        coupling == Coupling.INPUT_FROM_FORGET
            ? gate('f', p, x, previous, c).oneMinus()
            : gate('i', p, x, previous, c);
    Vec f = coupling == Coupling.FORGET_FROM_INPUT ? i.oneMinus() : gate('f', p, x, previous, c);
    Vec g = sum('g', p, x, previous).clamp(options.clip()).apply(options.candidate());
    Vec newC = f.times(c).plus(i.times(g));
    Vec o = gate('o', p, x, previous, newC);
    Vec y = o.times(newC.clamp(options.clip()).apply(options.output()));

    List<Vec> states = new ArrayList<>();
    states.add(options.projection() > 0 ? p.product("weight_hr", 'p', y) : y);
    states.add(newC);
    if (options.gateRecurrence()) {
      for (char gate : computed().toCharArray()) {
        states.add(gate == 'i' ? i : gate == 'f' ? f : o);
      }
    }
    return states;
  }

  /** i, f or o. */
  private Vec gate(char gate, ReferenceParameters p, Vec x, List<Vec> previous, Vec memory) {
    Lstm.Options options = cell.options();
    if (options.without().indexOf(gate) >= 0) {
      return Vec.filled(cell.hiddenSize(), 1);
    }
    Vec a = sum(gate, p, x, previous);
    if (options.peepholes()) {
      a = a.plus(p.vector("peephole", gate).times(memory));
    }
    if (options.gateRecurrence()) {
      String from = computed();
      for (int k = 0; k < from.length(); k++) {
        a = a.plus(p.product(Lstm.gateWeight(from.charAt(k)), gate, previous.get(2 + k)));
      }
    }
    return a.clamp(options.clip()).apply(options.gate());
  }

  private static Vec sum(char gate, ReferenceParameters p, Vec x, List<Vec> previous) {
    return Vec.sum(
        p.product("weight_ih", gate, x),
        p.product("weight_hh", gate, previous.getFirst()),
        p.bias(gate));
  }

  /** Those of i, f and o that are neither 1 nor what another leaves over. */
  private String computed() {
    return cell.options().gates().replace("g", "");
  }
}
