package io.cellbelt.graphs.operators;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.cellbelt.graphs.Attribute;
import io.cellbelt.graphs.ElementType;
import io.cellbelt.graphs.Node;
import io.cellbelt.graphs.Tensor;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;

class ResizingTest {
  private static final List<String> Y = List.of("y");
  private static final List<String> ALL = List.of("x", "roi", "scales", "sizes");
  private static final List<String> COORDINATES =
      List.of(
          "half_pixel",
          "half_pixel_symmetric",
          "pytorch_half_pixel",
          "align_corners",
          "asymmetric",
          "tf_half_pixel_for_nn",
          "tf_crop_and_resize");
  private static final List<String> NEAREST =
      List.of("round_prefer_floor", "round_prefer_ceil", "floor", "ceil");

  /** One dimension, as ONNX defines it. */
  private record Axis(int in, int out, double scale, double width, double start, double end) {
    double original(String mode, int i) {
      return switch (mode) {
        case "half_pixel" -> (i + 0.5) / scale - 0.5;
        case "half_pixel_symmetric" -> in / 2.0 * (1 - out / width) + (i + 0.5) / scale - 0.5;
        case "pytorch_half_pixel" -> width == 1 ? -0.5 : (i + 0.5) / scale - 0.5;
        case "align_corners" -> width == 1 ? 0 : i * (in - 1.0) / (width - 1);
        case "asymmetric" -> i / scale;
        case "tf_half_pixel_for_nn" -> (i + 0.5) / scale;
        default ->
            width == 1
                ? 0.5 * (start + end) * (in - 1)
                : start * (in - 1) + i * (end - start) * (in - 1) / (width - 1);
      };
    }

    /** How much an index of the original, perhaps outside of it, counts. */
    double weight(String mode, String nearest, double at, int index) {
      double far = Math.abs(at - index);
      if (mode.equals("linear")) {
        return Math.max(0, 1 - far);
      }
      if (mode.equals("cubic")) {
        double a = -0.75f;
        return far <= 1
            ? (a + 2) * far * far * far - (a + 3) * far * far + 1
            : far < 2 ? a * far * far * far - 5 * a * far * far + 8 * a * far - 4 * a : 0;
      }
      double chosen =
          switch (nearest) {
            case "floor" -> Math.floor(at);
            case "ceil" -> Math.ceil(at);
            case "round_prefer_ceil" ->
                at - Math.floor(at) >= 0.5 ? Math.floor(at) + 1 : Math.floor(at);
            default -> at - Math.floor(at) > 0.5 ? Math.floor(at) + 1 : Math.floor(at);
          };
      return index == chosen ? 1 : 0;
    }
  }

  /** The sum over all elements around a point, each dimension after the other. */
  private static double sum(
      Tensor x,
      List<Axis> axes,
      String coordinates,
      String mode,
      String nearest,
      boolean exclude,
      int[] index,
      int d,
      int[] source) {
    if (d == axes.size()) {
      return Indexed.at(x, source);
    }
    Axis axis = axes.get(d);
    double at = axis.original(coordinates, index[d]);
    if (coordinates.equals("tf_crop_and_resize") && (at < 0 || at > axis.in() - 1)) {
      return 7;
    }
    double sum = 0;
    double weights = 0;
    for (int near = (int) Math.floor(at) - 3; near <= Math.floor(at) + 3; near++) {
      boolean outside = near < 0 || near >= axis.in();
      double weight = axis.weight(mode, nearest, at, near);
      if (weight == 0 || outside && exclude && !mode.equals("nearest")) {
        continue;
      }
      source[d] = Math.clamp(near, 0, axis.in() - 1);
      weights += weight;
      sum += weight * sum(x, axes, coordinates, mode, nearest, exclude, index, d + 1, source);
    }
    return weights == 0 ? 0 : sum / weights;
  }

  @Test
  void resizesAsDefined() {
    Random random = new Random(1);
    for (int i = 0; i < 150; i++) {
      int rank = random.nextInt(1, 4);
      String mode = List.of("nearest", "linear", "cubic").get(random.nextInt(3));
      String coordinates = COORDINATES.get(random.nextInt(COORDINATES.size()));
      String nearest = NEAREST.get(random.nextInt(NEAREST.size()));
      boolean exclude = random.nextBoolean();
      boolean crop = coordinates.equals("tf_crop_and_resize");
      boolean sized = crop || random.nextBoolean();
      ElementType type =
          mode.equals("nearest")
              ? Indexed.number(random)
              : List.of(ElementType.F32, ElementType.F64).get(random.nextInt(2));
      Tensor x = Indexed.random(random, type, Indexed.shape(random, rank));
      Axis[] axes = new Axis[rank];
      double[] roi = new double[2 * rank];
      double[] given = new double[rank];
      for (int d = 0; d < rank; d++) {
        int in = x.shape()[d];
        int out = random.nextInt(1, 9);
        float scale = random.nextInt(2, 12) / 4f;
        roi[d] = crop ? random.nextInt(-1, 2) / 4.0 : 0;
        roi[rank + d] = crop ? random.nextInt(3, 6) / 4.0 : 1;
        if (!sized && in * scale < 1) {
          scale = 1;
        }
        given[d] = sized ? out : scale;
        axes[d] =
            sized
                ? new Axis(in, out, (double) out / in, out, roi[d], roi[rank + d])
                : new Axis(in, (int) (in * scale), scale, (double) in * scale, 0, 1);
      }
      int[] shape = new int[rank];
      for (int d = 0; d < rank; d++) {
        shape[d] = axes[d].out();
      }
      Tensor y =
          Indexed.of(
              type,
              shape,
              index ->
                  sum(
                      x,
                      List.of(axes),
                      coordinates,
                      mode,
                      nearest,
                      exclude,
                      index,
                      0,
                      new int[rank]));
      Map<String, Tensor> inputs = new LinkedHashMap<>(Map.of("x", x));
      if (crop) {
        inputs.put("roi", Indexed.of(ElementType.F32, roi, 2 * rank));
      }
      inputs.put(
          sized ? "sizes" : "scales",
          Indexed.of(sized ? ElementType.I64 : ElementType.F32, given, rank));
      Map<String, Attribute> attributes =
          Map.of(
              "mode", new Attribute.Text(mode),
              "coordinate_transformation_mode", new Attribute.Text(coordinates),
              "nearest_mode", new Attribute.Text(nearest),
              "exclude_outside", new Attribute.Whole(exclude ? 1 : 0),
              "extrapolation_value", new Attribute.Real(7));
      EveryWay.check(
          resize(inputs, attributes), inputs, Set.of("roi", "scales", "sizes"), Map.of("y", y));
    }
  }

  private static Node resize(Map<String, Tensor> inputs, Map<String, Attribute> attributes) {
    return OperatorCase.node(
        "Resize",
        ALL.stream().map(name -> inputs.containsKey(name) ? name : "").toList(),
        Y,
        attributes);
  }

  private static float[] resized(
      Tensor x, String input, Tensor value, Map<String, Attribute> attributes) {
    Map<String, Tensor> inputs = Map.of("x", x, input, value);
    return OperatorCase.run(resize(inputs, attributes), inputs).get("y").floats();
  }

  @Test
  void givesTheExamplesOfOnnx() {
    Tensor two = Tensor.of(new float[] {1, 2, 3, 4}, 1, 1, 2, 2);
    Tensor twice = Tensor.of(new float[] {1, 1, 2, 2}, 4);
    assertThat(resized(two, "scales", twice, Map.of("mode", new Attribute.Text("linear"))))
        .containsExactly(
            1, 1.25f, 1.75f, 2, 1.5f, 1.75f, 2.25f, 2.5f, 2.5f, 2.75f, 3.25f, 3.5f, 3, 3.25f, 3.75f,
            4);
    Tensor eight = Tensor.of(new float[] {1, 2, 3, 4, 5, 6, 7, 8}, 1, 1, 2, 4);
    Tensor less = Tensor.of(new float[] {1, 1, 0.6f, 0.6f}, 4);
    assertThat(resized(eight, "scales", less, Map.of())).containsExactly(1, 3);
    assertThat(
            resized(
                eight,
                "scales",
                less,
                Map.of(
                    "mode", new Attribute.Text("linear"),
                    "coordinate_transformation_mode", new Attribute.Text("align_corners"))))
        .containsExactly(1, 3.142857f);
  }

  @Test
  void keepsTheAspectRatio() {
    Tensor x = Tensor.of(new float[] {1, 2, 3, 4, 5, 6, 7, 8}, 1, 1, 2, 4);
    Map<String, Tensor> inputs = Map.of("x", x, "sizes", Tensor.of(new long[] {6, 6}, 2));
    for (String policy : List.of("not_larger", "not_smaller")) {
      Map<String, Attribute> attributes =
          Map.of(
              "keep_aspect_ratio_policy",
              new Attribute.Text(policy),
              "axes",
              EveryWay.wholes(2, -1));
      int[] shape = OperatorCase.run(resize(inputs, attributes), inputs).get("y").shape();
      assertThat(shape)
          .containsExactly(
              policy.equals("not_larger") ? new int[] {1, 1, 3, 6} : new int[] {1, 1, 6, 12});
    }
  }

  @Test
  void roundsAndLimitsIntegers() {
    Tensor bytes = Tensor.wrap(ElementType.U8, new long[] {0, 0, 255, 255}, 4);
    Tensor scales = Tensor.of(new float[] {2}, 1);
    Map<String, Tensor> inputs = Map.of("x", bytes, "scales", scales);
    Node cubic = resize(inputs, Map.of("mode", new Attribute.Text("cubic")));
    assertThat(OperatorCase.run(cubic, inputs).get("y").longs())
        .satisfies(all -> assertThat(LongStream.of(all)).allMatch(v -> v >= 0 && v <= 255))
        .startsWith(0, 0)
        .endsWith(255, 255);
  }

  @Test
  void upsamplesAsOldVersionsDid() {
    Tensor x = Tensor.of(new float[] {1, 2, 3, 4}, 1, 1, 2, 2);
    float[] expected = {
      1, 1, 1, 2, 2, 2, 1, 1, 1, 2, 2, 2, 3, 3, 3, 4, 4, 4, 3, 3, 3, 4, 4, 4,
    };
    Attribute nearest = new Attribute.Text("nearest");
    Map<Integer, Map<String, Attribute>> attributes = new HashMap<>();
    attributes.put(
        1,
        Map.of(
            "mode", nearest,
            "height_scale", new Attribute.Real(2),
            "width_scale", new Attribute.Real(3)));
    attributes.put(
        7, Map.of("mode", nearest, "scales", new Attribute.Reals(List.of(1f, 1f, 2f, 3f))));
    attributes.put(9, Map.of("mode", nearest));
    attributes.forEach(
        (opset, given) -> {
          Map<String, Tensor> inputs = new LinkedHashMap<>(Map.of("x", x));
          if (opset == 9) {
            inputs.put("scales", Tensor.of(new float[] {1, 1, 2, 3}, 4));
          }
          EveryWay.check(
              OperatorCase.node(opset, "Upsample", List.copyOf(inputs.keySet()), Y, given),
              inputs,
              Set.of("scales"),
              Map.of("y", Tensor.of(expected, 1, 1, 4, 6)));
        });
    Map<String, Tensor> inputs =
        Map.of("x", Tensor.of(new float[] {1, 3}, 2), "s", Tensor.of(new float[] {2}, 1));
    Node linear =
        OperatorCase.node(
            9, "Upsample", List.of("x", "s"), Y, Map.of("mode", new Attribute.Text("linear")));
    assertThat(OperatorCase.run(linear, inputs).get("y").floats()).containsExactly(1, 2, 3, 3);
  }

  @Test
  void rounded10DifferentlyWhereItMadeSmaller() {
    Tensor x = Tensor.of(new float[] {1, 2, 3, 4, 5, 6, 7, 8}, 1, 1, 2, 4);
    Map<String, Tensor> inputs = Map.of("x", x, "s", Tensor.of(new float[] {1, 1, 0.6f, 0.6f}, 4));
    Node node = OperatorCase.node(10, "Resize", List.of("x", "s"), Y, Map.of());
    assertThat(OperatorCase.run(node, inputs).get("y").floats()).containsExactly(1, 3);
  }

  @Test
  void refusesWhatItCannotDo() {
    Tensor x = Tensor.of(new float[4], 2, 2);
    Tensor half = Tensor.of(new float[] {1, 0.5f}, 2);
    Attribute linear = new Attribute.Text("linear");
    Map<String, Map<String, Attribute>> refused =
        Map.of(
            "antialias", Map.of("mode", linear, "antialias", new Attribute.Whole(1)),
            "no mode 'area'", Map.of("mode", new Attribute.Text("area")),
            "coordinates 'x'", Map.of("coordinate_transformation_mode", new Attribute.Text("x")),
            "rounding 'x'", Map.of("nearest_mode", new Attribute.Text("x")),
            "each of 1 axes", Map.of("axes", EveryWay.wholes(1)));
    refused.forEach(
        (message, attributes) ->
            assertThatThrownBy(() -> resized(x, "scales", half, attributes))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining(message));
    for (float scale : new float[] {0, -1, Float.NaN, Float.POSITIVE_INFINITY, 1e9f}) {
      Tensor scales = Tensor.of(new float[] {1, scale}, 2);
      assertThatThrownBy(() -> resized(x, "scales", scales, Map.of()))
          .isInstanceOf(IllegalArgumentException.class);
    }
    Map<String, Tensor> both =
        Map.of("x", x, "scales", half, "sizes", Tensor.of(new long[] {2, 2}, 2));
    assertThatThrownBy(() -> OperatorCase.run(resize(both, Map.of()), both))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("either scales or sizes");
  }
}
