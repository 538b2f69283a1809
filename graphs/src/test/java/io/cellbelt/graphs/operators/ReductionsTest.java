package io.cellbelt.graphs.operators;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.cellbelt.graphs.ElementType;
import io.cellbelt.graphs.ElementType.Storage;
import io.cellbelt.graphs.Tensor;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.function.Function;
import java.util.stream.DoubleStream;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class ReductionsTest {
  /** What a list of numbers becomes. */
  private static final Map<String, Function<List<Double>, Double>> REDUCTIONS =
      Map.of(
          "ReduceSum", all -> stream(all).sum(),
          "ReduceMean", all -> stream(all).sum() / all.size(),
          "ReduceMax", all -> stream(all).max().orElse(Double.NEGATIVE_INFINITY),
          "ReduceMin", all -> stream(all).min().orElse(Double.POSITIVE_INFINITY),
          "ReduceProd", all -> stream(all).reduce(1, (a, b) -> a * b),
          "ReduceL1", all -> stream(all).map(Math::abs).sum(),
          "ReduceL2", all -> Math.sqrt(stream(all).map(x -> x * x).sum()),
          "ReduceSumSquare", all -> stream(all).map(x -> x * x).sum(),
          "ReduceLogSum", all -> Math.log(stream(all).sum()),
          "ReduceLogSumExp", all -> Math.log(stream(all).map(Math::exp).sum()));

  private static final List<ElementType> TYPES =
      List.of(
          ElementType.F32,
          ElementType.F64,
          ElementType.F16,
          ElementType.I32,
          ElementType.I64,
          ElementType.I8,
          ElementType.U8,
          ElementType.U64);

  static List<String> operators() {
    return REDUCTIONS.keySet().stream().sorted().toList();
  }

  private static DoubleStream stream(List<Double> all) {
    return all.stream().mapToDouble(x -> x);
  }

  @ParameterizedTest
  @MethodSource("operators")
  void alongAnyDimensionsOfAnyType(String operator) {
    Random random = new Random(operator.hashCode());
    for (ElementType type : TYPES) {
      for (int run = 0; run < 25; run++) {
        int rank = random.nextInt(5);
        Tensor x = input(random, operator, type, Trial.shape(random, rank, 23 - 4 * rank));
        int[] axes = IntStream.range(0, rank).filter(d -> random.nextBoolean()).toArray();
        boolean keep = random.nextBoolean();
        boolean inputs = random.nextBoolean();
        int[] given = Arrays.stream(axes).map(d -> random.nextBoolean() ? d : d - rank).toArray();
        Trial trial = Trial.of(inputs ? 18 : 11, operator, x).with("keepdims", keep ? 1 : 0);
        if (axes.length > 0 && inputs) {
          trial.known(Tensor.of(Arrays.stream(given).asLongStream().toArray(), given.length));
        } else if (axes.length > 0) {
          trial.with("axes", given);
        }
        int[] along = axes.length == 0 ? IntStream.range(0, rank).toArray() : axes;
        Tensor y = trial.run();
        assertThat(y.type()).isEqualTo(type);
        assertThat(y.shape()).as(trial.toString()).containsExactly(shape(x.shape(), along, keep));
        check(y, x, along, REDUCTIONS.get(operator), trial.toString());
      }
    }
  }

  /** Numbers whose reductions are far from overflow, and sums of which have logarithms. */
  private static Tensor input(Random random, String operator, ElementType type, int[] shape) {
    boolean positive = type.isUnsigned() || operator.equals("ReduceLogSum");
    boolean small = operator.equals("ReduceProd");
    double[] values = new double[Arrays.stream(shape).reduce(1, (a, b) -> a * b)];
    for (int i = 0; i < values.length; i++) {
      double value =
          type.isFloating()
              ? small ? 1 + random.nextGaussian() / 20 : random.nextGaussian()
              : small ? random.nextInt(100) == 0 ? 2 : 1 : random.nextInt(-3, 4);
      values[i] = positive ? Math.abs(value) + (type.isFloating() || small ? 0 : 1) : value;
    }
    return Casts.converted(Tensor.of(values, shape), type);
  }

  private static int[] shape(int[] shape, int[] along, boolean keep) {
    List<Integer> sizes = new ArrayList<>();
    for (int d = 0; d < shape.length; d++) {
      if (Arrays.binarySearch(along, d) < 0) {
        sizes.add(shape[d]);
      } else if (keep) {
        sizes.add(1);
      }
    }
    return sizes.stream().mapToInt(size -> size).toArray();
  }

  private static void check(
      Tensor y, Tensor x, int[] along, Function<List<Double>, Double> reduction, String what) {
    int[] shape = x.shape();
    List<List<Double>> parts = new ArrayList<>();
    for (int i = 0; i < y.size(); i++) {
      parts.add(new ArrayList<>());
    }
    for (int i = 0; i < x.size(); i++) {
      int target = 0;
      int step = 1;
      for (int d = shape.length - 1, rest = i; d >= 0; rest /= shape[d], d--) {
        if (Arrays.binarySearch(along, d) < 0) {
          target += step * (rest % shape[d]);
          step *= shape[d];
        }
      }
      parts.get(target).add(x.doubleAt(i));
    }
    double[] expected = parts.stream().mapToDouble(reduction::apply).toArray();
    if (y.type().storage() == Storage.LONG) {
      for (int i = 0; i < expected.length; i++) {
        assertThat(y.longs()[i])
            .as("%s: element %d", what, i)
            .isEqualTo(y.type().wrapped((long) expected[i]));
      }
    } else {
      double terms = parts.isEmpty() ? 1 : parts.getFirst().size();
      Trial.assertClose(y, expected, 1e-6 * (4 + Math.sqrt(terms)), what);
    }
  }

  @Test
  void nothingIsReducedWhereThatIsAskedFor() {
    Tensor x = Tensor.of(new float[] {1, -2, 3}, 3);
    Tensor none = Tensor.of(new long[0], 0);
    assertThat(noop("ReduceSum", x, none)).containsExactly(1, -2, 3);
    assertThat(noop("ReduceSumSquare", x, none)).containsExactly(1, 4, 9);
    assertThat(noop("ReduceL1", x, none)).containsExactly(1, 2, 3);
    assertThat(noop("ReduceL2", x, null)).containsExactly(1, 2, 3);
    assertThat(Trial.of(18, "ReduceSum", x).known(none).run().floats()).containsExactly(2);
  }

  private static float[] noop(String operator, Tensor x, Tensor axes) {
    return Trial.of(18, operator, x).known(axes).with("noop_with_empty_axes", 1).run().floats();
  }

  @Test
  void nothingAtAll() {
    Tensor none = Tensor.of(new float[0], 2, 0);
    assertThat(Trial.of(13, "ReduceMax", none).with("axes", 1).run().floats())
        .containsOnly(Float.NEGATIVE_INFINITY);
    assertThat(Trial.of(13, "ReduceMin", none).with("axes", 1).run().floats())
        .containsOnly(Float.POSITIVE_INFINITY);
    assertThat(Trial.of(13, "ReduceProd", none).with("axes", 1).run().floats()).containsOnly(1);
    assertThat(Trial.of(13, "ReduceMean", none).with("axes", 1).run().floats())
        .containsOnly(Float.NaN);
    assertThat(Trial.of(13, "ReduceL2", none).with("axes", 0).run().shape()).containsExactly(1, 0);
    Tensor bytes = Tensor.wrap(ElementType.I8, new long[0], 0);
    assertThat(Trial.of(13, "ReduceMax", bytes).run().longs()).containsExactly(-128);
    assertThat(Trial.of(13, "ReduceMin", bytes).run().longs()).containsExactly(127);
    Tensor unsigned = Tensor.wrap(ElementType.U16, new long[0], 0);
    assertThat(Trial.of(18, "ReduceMin", unsigned).run().longs()).containsExactly(65535);
    Tensor truths = Tensor.wrap(ElementType.BOOL, new long[0], 0);
    assertThat(Trial.of(20, "ReduceMin", truths).run().longs()).containsExactly(1);
  }

  @Test
  void truthValuesHaveALargestAndASmallest() {
    Tensor x = Tensor.wrap(ElementType.BOOL, new long[] {0, 1, 1, 1}, 2, 2);
    Tensor axes = Tensor.of(new long[] {1}, 1);
    assertThat(Trial.of(20, "ReduceMax", x).known(axes).run().longs()).containsExactly(1, 1);
    assertThat(Trial.of(20, "ReduceMin", x).known(axes).run().longs()).containsExactly(0, 1);
    assertThatThrownBy(() -> Trial.of(20, "ReduceSum", x).known(axes).run())
        .hasMessageContaining("works on numbers");
  }

  @Test
  void largeUnsignedNumbers() {
    Tensor x = Tensor.wrap(ElementType.U64, new long[] {-1, 1}, 2);
    assertThat(Trial.of(13, "ReduceMax", x).run().longs()).containsExactly(-1);
    assertThat(Trial.of(13, "ReduceMin", x).run().longs()).containsExactly(1);
    assertThat(
            Trial.of(13, "ReduceMean", Tensor.wrap(ElementType.U64, new long[] {-3, 1}, 2))
                .run()
                .longs())
        .containsExactly(Long.MAX_VALUE);
  }

  @Test
  void infiniteNumbersHaveALogarithmOfTheirSum() {
    float infinity = Float.POSITIVE_INFINITY;
    Tensor x = Tensor.of(new float[] {-infinity, -infinity, infinity, 1, 1000, 1000}, 3, 2);
    Trial trial = Trial.of(13, "ReduceLogSumExp", x).with("axes", 1);
    double[] expected = {-infinity, infinity, 1000 + Math.log(2)};
    Trial.assertClose(trial.run(), expected, 1e-6, trial.toString());
  }

  @Test
  void axesThatAreNoneAreRefused() {
    Tensor x = Tensor.of(new float[4], 2, 2);
    assertThatThrownBy(() -> Trial.of(13, "ReduceMax", x).with("axes", 2).run())
        .hasMessageContaining("there are 2 dimensions, but the axis is 2");
  }
}
