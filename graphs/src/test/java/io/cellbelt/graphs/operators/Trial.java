package io.cellbelt.graphs.operators;

import static org.assertj.core.api.Assertions.assertThat;

import io.cellbelt.graphs.Attribute;
import io.cellbelt.graphs.ElementType;
import io.cellbelt.graphs.ElementType.Storage;
import io.cellbelt.graphs.Node;
import io.cellbelt.graphs.Tensor;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;

/** An operator on tensors of its own, run both when it is fed and when all is known before. */
final class Trial {
  private static final double[] SPECIAL = {
    0, -0.0, 1, -1, 0.5, -0.5, 1.5, 2.5, 100, -100, Double.NaN, 1e30, -1e30, 1e-6
  };

  private final String operator;
  private final int opset;
  private final List<Tensor> inputs = new ArrayList<>();
  private final Set<Integer> known = new HashSet<>();
  private final Map<String, Attribute> attributes = new TreeMap<>();
  private int outputs = 1;

  private Trial(int opset, String operator) {
    this.opset = opset;
    this.operator = operator;
  }

  static Trial of(int opset, String operator, Tensor... inputs) {
    Trial trial = new Trial(opset, operator);
    trial.inputs.addAll(Arrays.asList(inputs));
    return trial;
  }

  /** A further input that must be known before a run; null for one that is left out. */
  Trial known(Tensor input) {
    known.add(inputs.size());
    inputs.add(input);
    return this;
  }

  Trial with(String name, long value) {
    attributes.put(name, new Attribute.Whole(value));
    return this;
  }

  Trial with(String name, float value) {
    attributes.put(name, new Attribute.Real(value));
    return this;
  }

  Trial with(String name, String value) {
    attributes.put(name, new Attribute.Text(value));
    return this;
  }

  Trial with(String name, int... values) {
    attributes.put(
        name, new Attribute.Wholes(Arrays.stream(values).asLongStream().boxed().toList()));
    return this;
  }

  Trial outputs(int count) {
    outputs = count;
    return this;
  }

  /** The first output. */
  Tensor run() {
    return runAll().getFirst();
  }

  /** All outputs; those of a run must have the same bits as those that are calculated before. */
  List<Tensor> runAll() {
    Map<String, Tensor> tensors = new LinkedHashMap<>();
    List<String> names = new ArrayList<>();
    Set<String> knownNames = new HashSet<>();
    for (int i = 0; i < inputs.size(); i++) {
      String name = inputs.get(i) == null ? "" : "x" + i;
      names.add(name);
      if (inputs.get(i) != null) {
        tensors.put(name, inputs.get(i));
        if (known.contains(i)) {
          knownNames.add(name);
        }
      }
    }
    List<String> results = new ArrayList<>();
    for (int i = 0; i < outputs; i++) {
      results.add("y" + i);
    }
    Node node = OperatorCase.node(opset, operator, names, results, attributes);
    Map<String, Tensor> before = OperatorCase.run(node, tensors);
    Map<String, Tensor> fed = OperatorCase.runFed(node, tensors, knownNames);
    List<Tensor> all = new ArrayList<>();
    for (String name : results) {
      assertThat(bits(fed.get(name)))
          .as("%s of %s, fed", name, this)
          .isEqualTo(bits(before.get(name)));
      all.add(fed.get(name));
    }
    return all;
  }

  private static List<Object> bits(Tensor tensor) {
    List<Object> all = new ArrayList<>(List.of(tensor.type(), Arrays.toString(tensor.shape())));
    for (int i = 0; i < tensor.size(); i++) {
      all.add(
          tensor.type().storage() == Storage.LONG
              ? (Object) tensor.longs()[i]
              : (Object) tensor.doubleAt(i));
    }
    return all;
  }

  @Override
  public String toString() {
    return operator + " (opset " + opset + ") " + attributes + " " + inputs;
  }

  /** Numbers around 0; some of them special ones, where that is asked for. */
  static Tensor random(Random random, ElementType type, boolean special, int... shape) {
    int size = Arrays.stream(shape).reduce(1, (a, b) -> a * b);
    double[] doubles = new double[size];
    for (int i = 0; i < size; i++) {
      doubles[i] =
          special && random.nextInt(4) == 0
              ? SPECIAL[random.nextInt(SPECIAL.length)]
              : 3 * random.nextGaussian();
    }
    return switch (type.storage()) {
      case DOUBLE -> Tensor.of(doubles, shape);
      case FLOAT -> {
        float[] floats = new float[size];
        for (int i = 0; i < size; i++) {
          floats[i] = type.rounded((float) doubles[i]);
        }
        yield Tensor.wrap(type, floats, shape);
      }
      case LONG -> {
        long[] longs = new long[size];
        for (int i = 0; i < size; i++) {
          long value = special ? random.nextLong() : random.nextInt(-9, 10);
          longs[i] = type.wrapped(type == ElementType.BOOL ? value & 1 : value);
        }
        yield Tensor.wrap(type, longs, shape);
      }
    };
  }

  /** Up to four dimensions of up to some size. */
  static int[] shape(Random random, int rank, int largest) {
    return random.ints(rank, 1, largest + 1).toArray();
  }

  /** Compares floats with doubles; what is rounded to few bits may be off by one of them. */
  static void assertClose(Tensor actual, double[] expected, double tolerance, String what) {
    assertThat(actual.size()).as("size of %s", what).isEqualTo(expected.length);
    double relative =
        switch (actual.type()) {
          case F16 -> 0x1p-10;
          case BF16 -> 0x1p-7;
          case F64 -> 1e-12;
          default -> tolerance;
        };
    for (int i = 0; i < expected.length; i++) {
      double got = actual.doubleAt(i);
      double wanted =
          actual.type().storage() == Storage.FLOAT
              ? actual.type().rounded((float) expected[i])
              : expected[i];
      if (got != wanted && !(Double.isNaN(got) && Double.isNaN(wanted))) {
        double least = actual.type() == ElementType.F64 ? 1e-12 : tolerance;
        assertThat(Math.abs(got - wanted))
            .as("element %d of %s: got %s, expected %s", i, what, got, wanted)
            .isLessThanOrEqualTo(relative * Math.abs(wanted) + least);
      }
    }
  }
}
