package io.cellbelt.propertytests.support;

import io.cellbelt.cells.Architecture;
import io.cellbelt.cells.Input;
import java.util.List;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ArbitrarySupplier;
import net.jqwik.api.Combinators;
import net.jqwik.api.Tuple;
import net.jqwik.api.Tuple.Tuple2;

/**
 * Stacks of one to three layers of mixed kinds and odd sizes, on every input, with and without
 * head, that run forward.
 */
public class AnyArchitecture implements ArbitrarySupplier<Architecture> {
  private static final int MAX_SIZE = 45;

  private final List<Cells> kinds;

  /** Of all kinds. */
  public AnyArchitecture() {
    this(List.of(Cells.values()));
  }

  /** Of some kinds. */
  public AnyArchitecture(List<Cells> kinds) {
    this.kinds = kinds;
  }

  /** Of the kinds that {@link NaiveNetwork} knows. */
  public static final class Textbook extends AnyArchitecture {
    /** Of LSTM and RNN. */
    public Textbook() {
      super(List.of(Cells.LSTM, Cells.RNN));
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
    Arbitrary<List<Tuple2<Cells, Integer>>> layers =
        Combinators.combine(Arbitraries.of(kinds), sizes)
            .as(Tuple::of)
            .list()
            .ofMinSize(1)
            .ofMaxSize(3);
    Arbitrary<Integer> outputs = Arbitraries.integers().between(0, 20);
    return Combinators.combine(inputs, layers, outputs).as(AnyArchitecture::stack);
  }

  private static Architecture stack(Input input, List<Tuple2<Cells, Integer>> layers, int outputs) {
    List<Cells> kinds = layers.stream().map(Tuple2::get1).toList();
    int[] sizes = layers.stream().mapToInt(Tuple2::get2).toArray();
    return new Architecture(input, Cells.stack(input.size(), kinds, sizes), outputs);
  }
}
