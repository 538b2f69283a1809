package io.cellbelt.models.keras;

import io.cellbelt.graphs.Attribute;
import io.cellbelt.graphs.Tensor;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;

/** Layers that scale and shift. */
final class NormalizationLayers {
  private static final double EPSILON = 1e-3;
  private static final int MOST_ONES = 1 << 20;

  private NormalizationLayers() {}

  /** The product of scale and value, plus offset, along one axis. */
  private static Value scaled(
      Scope scope, Value x, int axis, Supplier<float[]> scale, Supplier<float[]> offset) {
    int[] shape = new int[x.rank() - axis];
    Arrays.fill(shape, 1);
    shape[0] = x.shape()[axis];
    String product =
        scope.node("Mul", x.name(), scope.weights("scale", () -> Tensor.of(scale.get(), shape)));
    return x.renamed(
        scope.node("Add", product, scope.weights("offset", () -> Tensor.of(offset.get(), shape))));
  }

  private static int positive(Value x, int axis) {
    int positive = axis < 0 ? axis + x.rank() : axis;
    if (positive < 1 || positive >= x.rank()) {
      throw Misfit.of("its axis is %d, but its input has the shape %s.", axis, x.describe());
    }
    if (x.shape()[positive] < 0) {
      throw Misfit.of("its input %s is open along axis %d.", x.describe(), axis);
    }
    return positive;
  }

  /**
   * Batch normalisation with the statistics of training.
   *
   * @param scales whether there is a factor for each channel
   * @param shifts whether there is an offset for each channel
   */
  record Batch(int axis, float epsilon, boolean scales, boolean shifts) implements Layer {
    static Batch of(Config config) {
      if (config.whole(0, "mode") == 1) {
        throw config.wrong("mode", "0 or 2");
      }
      int[] axes = config.wholes(new int[] {-1}, "axis");
      if (axes.length != 1) {
        throw config.wrong("axis", "one number");
      }
      return new Batch(
          axes[0],
          config.number(EPSILON, "epsilon"),
          config.flag(true, "scale"),
          config.flag(true, "center"));
    }

    @Override
    public boolean holdsWeights() {
      return true;
    }

    @Override
    public List<Value> write(Call call) {
      Value x = call.input();
      int positive = positive(x, axis);
      int channels = x.shape()[positive];
      LayerWeights weights = call.weights();
      float[] gamma = scales ? weights.take("gamma", channels) : null;
      float[] beta = shifts ? weights.take("beta", channels) : null;
      float[] mean = weights.take("moving_mean", channels);
      float[] variance = weights.take("moving_variance", channels);
      float[] scale = new float[channels];
      float[] offset = new float[channels];
      for (int i = 0; i < channels; i++) {
        float factor = (float) (1 / Math.sqrt(variance[i] + epsilon));
        scale[i] = gamma == null ? factor : factor * gamma[i];
        offset[i] = (beta == null ? 0 : beta[i]) - mean[i] * scale[i];
      }
      return List.of(scaled(call.scope(), x, positive, () -> scale, () -> offset));
    }
  }

  /**
   * Normalisation of each step by itself.
   *
   * @param axes the last ones
   */
  record OfLayer(int[] axes, float epsilon, boolean scales, boolean shifts) implements Layer {
    static OfLayer of(Config config) {
      config.refuse("rms_scaling");
      return new OfLayer(
          config.wholes(new int[] {-1}, "axis"),
          config.number(EPSILON, "epsilon"),
          config.flag(true, "scale"),
          config.flag(true, "center"));
    }

    @Override
    public boolean holdsWeights() {
      return scales || shifts;
    }

    @Override
    public List<Value> write(Call call) {
      Value x = call.input();
      Scope scope = call.scope();
      int[] sorted =
          Arrays.stream(axes).map(axis -> positive(x, axis)).sorted().distinct().toArray();
      int first = x.rank() - sorted.length;
      if (sorted.length == 0 || sorted[0] != first) {
        throw Misfit.of(
            "it normalises the axes %s of %s, but only the last ones are supported.",
            Arrays.toString(axes), x.describe());
      }
      int[] shape = Arrays.copyOfRange(x.shape(), first, x.rank());
      float[] gamma = scales ? call.weights().take("gamma", shape) : ones(shape);
      String scale = scope.weights("gamma", () -> Tensor.of(gamma, shape));
      Map<String, Attribute> attributes =
          Map.of("axis", new Attribute.Whole(first), "epsilon", new Attribute.Real(epsilon));
      if (!shifts) {
        return List.of(x.renamed(scope.node("LayerNormalization", attributes, x.name(), scale)));
      }
      float[] beta = call.weights().take("beta", shape);
      String offset = scope.weights("beta", () -> Tensor.of(beta, shape));
      return List.of(
          x.renamed(scope.node("LayerNormalization", attributes, x.name(), scale, offset)));
    }
  }

  private static float[] ones(int[] shape) {
    int size = ShapeLayers.product(shape, 0);
    if (size > MOST_ONES) {
      throw Misfit.of(
          "it normalises %d elements without a scale; the most supported are %d.", size, MOST_ONES);
    }
    float[] ones = new float[size];
    Arrays.fill(ones, 1);
    return ones;
  }

  /** Fixed factor and offset for all elements. */
  static Layer.Function rescaling(Config config) {
    float scale = config.number(1, "scale");
    float offset = config.number(0, "offset");
    return (scope, x) ->
        x.renamed(
            scope.node(
                "Add", scope.node("Mul", x.name(), scope.scalar(scale)), scope.scalar(offset)));
  }

  /** Statistics of the data, as they were adapted before training. */
  record OfData(boolean inverts) implements Layer {
    private static final float LEAST = 1e-7f;

    static OfData of(Config config) {
      int[] axes = config.wholes(new int[] {-1}, "axis");
      if (axes.length != 1 || axes[0] != -1 || config.has("mean")) {
        throw new Misfit(
            "only its default form is supported, which is adapted to data along the last axis.");
      }
      return new OfData(config.flag(false, "invert"));
    }

    @Override
    public boolean holdsWeights() {
      return true;
    }

    @Override
    public List<Value> write(Call call) {
      Value x = call.input();
      Scope scope = call.scope();
      int features = x.features();
      float[] mean = call.weights().take("mean", features);
      float[] deviation = call.weights().take("variance", features);
      call.weights().take("count");
      for (int i = 0; i < features; i++) {
        deviation[i] = Math.max((float) Math.sqrt(deviation[i]), LEAST);
      }
      String middle = scope.weights("mean", () -> Tensor.of(mean, features));
      String width = scope.weights("deviation", () -> Tensor.of(deviation, features));
      String y =
          inverts
              ? scope.node("Add", scope.node("Mul", x.name(), width), middle)
              : scope.node("Div", scope.node("Sub", x.name(), middle), width);
      return List.of(x.renamed(y).unmasked());
    }
  }
}
