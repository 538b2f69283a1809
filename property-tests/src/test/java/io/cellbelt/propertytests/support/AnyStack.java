package io.cellbelt.propertytests.support;

import io.cellbelt.cells.Architecture;
import io.cellbelt.cells.Cell;
import io.cellbelt.cells.Input;
import io.cellbelt.cells.Layer;
import io.cellbelt.cells.Layer.Direction;
import io.cellbelt.cells.Layer.Merge;
import io.cellbelt.cells.Readout;
import io.cellbelt.cells.Readout.Attention;
import io.cellbelt.cells.Schedule;
import java.util.ArrayList;
import java.util.List;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ArbitrarySupplier;
import net.jqwik.api.Combinators;

/**
 * Stacks of one to three layers of all kinds and directions, with and without noise in training,
 * attention and head.
 */
public final class AnyStack implements ArbitrarySupplier<Architecture> {
  private static final int MAX_SIZE = 20;

  /** What a layer is to be, as far as it fits on the one below. */
  private record Wish(
      Cells kind, int size, Direction direction, Merge merge, float dropout, float zoneout) {
    Layer on(int inputs, int memory, boolean bottom) {
      Cell cell = kind.near(inputs, size);
      Direction way = direction;
      if (cell.readsMemoryBelow()) {
        way = Direction.FORWARD;
        if (!bottom) {
          cell = memory == 0 ? Cells.LSTM.of(inputs, size) : kind.of(inputs, memory);
        }
      }
      return new Layer(cell, way, merge, dropout, dropout, zoneout, false);
    }
  }

  @Override
  public Arbitrary<Architecture> get() {
    Arbitrary<Integer> sizes = Arbitraries.integers().between(1, MAX_SIZE);
    Arbitrary<Input> inputs =
        Arbitraries.oneOf(
            sizes.map(Input.Dense::new),
            sizes.map(Input.OneHot::new),
            Combinators.combine(sizes, sizes).as(Input.Embedding::new));
    Arbitrary<List<Wish>> layers =
        Combinators.combine(
                Arbitraries.of(Cells.class),
                sizes,
                Arbitraries.of(Direction.class),
                Arbitraries.of(Merge.class),
                Arbitraries.of(0f, 0f, 0.4f),
                Arbitraries.of(0f, 0f, 0.3f))
            .as(Wish::new)
            .list()
            .ofMinSize(1)
            .ofMaxSize(3);
    Arbitrary<Readout> readouts =
        Combinators.combine(Arbitraries.of(Attention.class), Arbitraries.integers().between(0, 9))
            .as(Readout::new);
    return Combinators.combine(inputs, layers, readouts).as(AnyStack::stack);
  }

  private static Architecture stack(Input input, List<Wish> wishes, Readout readout) {
    List<Layer> layers = new ArrayList<>();
    int below = input.size();
    int memory = 0;
    for (Wish wish : wishes) {
      Layer layer = wish.on(below, memory, layers.isEmpty());
      layers.add(layer);
      Schedule schedule = layer.cell().schedule();
      boolean has = layer.direction() == Direction.FORWARD && schedule.memory() >= 0;
      memory = has ? schedule.states().get(schedule.memory()) : 0;
      below = layer.outputSize();
    }
    return new Architecture(input, layers, readout);
  }
}
