package io.cellbelt.graphs;

import io.cellbelt.graphs.Port.Dimension;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;

/** A graph with a state, and what graphs are made of. */
final class CellGraph {
  static final int INPUTS = 3;
  static final int UNITS = 5;
  static final Tensor W = random(1, INPUTS, UNITS);
  static final Tensor U = random(2, UNITS, UNITS);

  static Tensor random(long seed, int... shape) {
    Random random = new Random(seed);
    float[] all = new float[Arrays.stream(shape).reduce(1, (a, b) -> a * b)];
    for (int i = 0; i < all.length; i++) {
      all[i] = random.nextFloat() - 0.5f;
    }
    return Tensor.of(all, shape);
  }

  static Port port(String name, int... shape) {
    return new Port(name, ElementType.F32, Arrays.stream(shape).mapToObj(Dimension::of).toList());
  }

  static Node node(String operator, String output, String... inputs) {
    return Node.of(operator, List.of(inputs), List.of(output), Map.of());
  }

  /** {@code h = tanh(x W + h U)}, {@code y = -h}. */
  static Graph cell() {
    return new Graph(
        "cell",
        List.of(port("x", 1, INPUTS), port("h", 1, UNITS)),
        List.of(port("y", 1, UNITS), port("hn", 1, UNITS)),
        Map.of("W", W, "U", U),
        List.of(
            node("MatMul", "xW", "x", "W"),
            node("MatMul", "hU", "h", "U"),
            node("Add", "sum", "xW", "hU"),
            node("Tanh", "hn", "sum"),
            node("Neg", "y", "hn")));
  }

  private CellGraph() {}
}
