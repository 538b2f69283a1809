package io.cellbelt.models.stacks;

import static org.assertj.core.api.Assertions.assertThat;

import io.cellbelt.cells.Input;
import io.cellbelt.cells.Network;
import io.cellbelt.cells.Stream;
import io.cellbelt.graphs.ElementType;
import io.cellbelt.graphs.GraphNetwork;
import io.cellbelt.graphs.Port;
import io.cellbelt.graphs.Tensor;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.assertj.core.data.Offset;

/** A network and the graph that it was read from, on the same input. */
final class BothWays {
  private BothWays() {}

  /** Checks one sequence, of the length that the graph says or, where that is open, of so many. */
  static void check(Network network, GraphNetwork graph, int open) {
    List<Port> ports = graph.graph().inputs();
    int[] shape = shape(ports.getFirst(), network.architecture().input(), open);
    Input input = network.architecture().input();
    boolean tokens = !(input instanceof Input.Dense);
    int steps = 1;
    for (int size : shape) {
      steps *= size;
    }
    steps /= tokens ? 1 : input.size();
    Random random = new Random(7);
    float[] x = new float[tokens ? steps : steps * input.size()];
    int[] ids = new int[steps];
    for (int i = 0; i < x.length; i++) {
      ids[tokens ? i : 0] = random.nextInt(vocabulary(input));
      x[i] = tokens ? ids[i] : (float) random.nextGaussian();
    }
    Map<String, Tensor> inputs = new LinkedHashMap<>();
    Tensor fed = Tensor.of(x, shape);
    ElementType type = ports.getFirst().type();
    inputs.put(ports.getFirst().name(), type == ElementType.F32 ? fed : integers(ids, shape));
    for (Port port : ports.subList(1, ports.size())) {
      int[] state = port.shape().stream().mapToInt(d -> d.isOpen() ? 1 : d.size()).toArray();
      inputs.put(port.name(), Tensor.of(new float[elements(state)], state));
    }
    float[] expected = graph.run(inputs).values().iterator().next().floats();
    int outputs = network.architecture().outputSize();
    float[] y = new float[steps * outputs];
    try (Stream stream = network.newStream()) {
      if (tokens) {
        stream.run(ids, y);
      } else {
        stream.run(x, steps, y);
      }
    }
    float[] ofFile = new float[expected.length];
    System.arraycopy(y, y.length - expected.length, ofFile, 0, expected.length);
    assertThat(expected).hasSizeGreaterThanOrEqualTo(outputs);
    assertThat(ofFile).containsExactly(expected, Offset.offset(1e-6f));
  }

  private static int elements(int[] shape) {
    int product = 1;
    for (int size : shape) {
      product *= size;
    }
    return product;
  }

  private static Tensor integers(int[] ids, int[] shape) {
    long[] longs = new long[ids.length];
    for (int i = 0; i < ids.length; i++) {
      longs[i] = ids[i];
    }
    return Tensor.of(longs, shape);
  }

  private static int vocabulary(Input input) {
    return switch (input) {
      case Input.Embedding(int vocabulary, int size) -> vocabulary;
      case Input.OneHot(int vocabulary) -> vocabulary;
      case Input.Dense dense -> 1;
    };
  }

  /** Of one sequence: a dimension called batch is 1, any other that is open is time. */
  private static int[] shape(Port port, Input input, int open) {
    List<Integer> sizes = new ArrayList<>();
    for (Port.Dimension dimension : port.shape()) {
      boolean time = dimension.isOpen() && !"batch".equals(dimension.symbol());
      sizes.add(time ? open : dimension.isOpen() ? 1 : dimension.size());
    }
    if (sizes.size() == 3 && port.shape().get(2).isOpen()) {
      sizes.set(2, input.size());
    }
    return sizes.stream().mapToInt(size -> size).toArray();
  }
}
