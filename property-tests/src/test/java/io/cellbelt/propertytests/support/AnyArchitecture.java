package io.cellbelt.propertytests.support;

import io.cellbelt.cells.Architecture;
import io.cellbelt.cells.Cell;
import io.cellbelt.cells.Input;
import java.util.ArrayList;
import java.util.List;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ArbitrarySupplier;
import net.jqwik.api.Combinators;
import net.jqwik.api.Tuple;
import net.jqwik.api.Tuple.Tuple2;

/**
 * Stacks of one to three layers of mixed kinds and odd sizes, on every input, with and without
 * head.
 */
public final class AnyArchitecture implements ArbitrarySupplier<Architecture> {
  private static final int MAX_SIZE = 45;

  @Override
  public Arbitrary<Architecture> get() {
    Arbitrary<Integer> sizes = Arbitraries.integers().between(1, MAX_SIZE);
    Arbitrary<Input> inputs =
        Arbitraries.oneOf(
            sizes.map(Input.Dense::new),
            sizes.map(Input.OneHot::new),
            Combinators.combine(sizes, sizes).as(Input.Embedding::new));
    Arbitrary<List<Tuple2<Cells, Integer>>> layers =
        Combinators.combine(Arbitraries.of(Cells.class), sizes)
            .as(Tuple::of)
            .list()
            .ofMinSize(1)
            .ofMaxSize(3);
    Arbitrary<Integer> outputs = Arbitraries.integers().between(0, 20);
    return Combinators.combine(inputs, layers, outputs).as(AnyArchitecture::stack);
  }

  private static Architecture stack(Input input, List<Tuple2<Cells, Integer>> layers, int outputs) {
    List<Cell> cells = new ArrayList<>();
    int below = input.size();
    for (var layer : layers) {
      cells.add(layer.get1().of(below, layer.get2()));
      below = layer.get2();
    }
    return new Architecture(input, cells, outputs);
  }
}
