package io.cellbelt.propertytests.extension;

import static io.cellbelt.cells.Activation.TANH;

import io.cellbelt.cells.Block;
import io.cellbelt.cells.CustomCell;
import io.cellbelt.cells.CustomKernel;
import io.cellbelt.cells.Row;
import io.cellbelt.cells.Schedule;
import io.cellbelt.cells.Schedule.Group;
import io.cellbelt.cells.Schedule.Vectors;
import io.cellbelt.cells.reference.ReferenceCell;
import java.util.List;

/**
 * A cell with all that a cell can have, of no use but for tests: two stages, a vector p, x and the
 * memory of the layer below.
 *
 * <pre>
 *   a = tanh(Wa x + ba)   q = a h'   n = tanh(Wn x + U q + bn)   h = n + p x + below / 2
 * </pre>
 */
public record RichCell(int hiddenSize) implements CustomCell {
  private static final String P = "weight_p";

  @Override
  public int inputSize() {
    return hiddenSize;
  }

  @Override
  public String kind() {
    return "rich";
  }

  @Override
  public Schedule schedule() {
    return new Schedule(
        List.of(
            new Group("a", hiddenSize, true, List.of(Schedule.input())),
            new Group(
                "n", hiddenSize, true, List.of(Schedule.input(), Schedule.recurrentOf(0, 1)))),
        List.of(new Vectors(P, "p", 1)),
        List.of(hiddenSize),
        1,
        0,
        0);
  }

  @Override
  public boolean readsInput() {
    return true;
  }

  @Override
  public boolean readsMemoryBelow() {
    return true;
  }

  @Override
  public CustomKernel kernel() {
    return new RichKernel();
  }

  @Override
  public ReferenceCell reference() {
    return (p, x, previous, below, clock) -> {
      var q = p.product("weight_ih", 'a', x).plus(p.bias('a')).tanh().times(previous.getFirst());
      var n = p.product("weight_ih", 'n', x).plus(p.product("weight_hh", 'n', q)).plus(p.bias('n'));
      return List.of(n.tanh().plus(p.vector(P, 'p').times(x)).plus(below.times(0.5)));
    };
  }

  private record RichKernel() implements CustomKernel {
    @Override
    public int stages() {
      return 2;
    }

    /** q and its gradient. */
    @Override
    public int saved() {
      return 2;
    }

    @Override
    public void forward(int stage, Row row) {
      if (stage == 0) {
        row.saved(0).copy(row.gate(0).apply(TANH)).multiply(row.previous(0));
      } else {
        row.next(0)
            .copy(row.gate(1).apply(TANH))
            .multiplyAdd(row.vector(0, 0), row.x())
            .addScaled(row.below(), 0.5f);
      }
    }

    @Override
    public void backward(int stage, Row row) {
      Block dh = row.dState(0);
      if (stage == 1) {
        row.gate(1).derivative(TANH).multiply(dh);
        row.dVector(0, 0).multiplyAdd(dh, row.x());
        row.dx().multiplyAdd(dh, row.vector(0, 0));
        row.dBelow().addScaled(dh, 0.5f);
      } else {
        Block a = row.gate(0);
        Block dq = row.saved(1);
        dh.copy(dq).multiply(a);
        a.derivative(TANH).multiply(dq).multiply(row.previous(0));
      }
    }
  }
}
