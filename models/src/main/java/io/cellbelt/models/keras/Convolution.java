package io.cellbelt.models.keras;

import io.cellbelt.graphs.Attribute;
import io.cellbelt.graphs.ElementType;
import io.cellbelt.graphs.Tensor;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Convolutions over time or over an image.
 *
 * @param window its kernel's sizes, strides and edges
 * @param filters output channels; 0 where there is no kernel that mixes channels
 * @param groups of channels that do not see each other
 * @param multiplier channels that a kernel for each channel alone makes of it; 0 where there is no
 *     such kernel
 */
record Convolution(
    Window window,
    int filters,
    int groups,
    int multiplier,
    boolean bias,
    Activation activation,
    KerasVersion version)
    implements Layer {

  static Convolution of(Config config, int dimensions) {
    return of(config, dimensions, config.size("filters", "nb_filter"), 0);
  }

  static Convolution depthwise(Config config, int dimensions) {
    return of(config, dimensions, 0, config.whole(1, "depth_multiplier"));
  }

  static Convolution separable(Config config, int dimensions) {
    return of(
        config,
        dimensions,
        config.size("filters", "nb_filter"),
        config.whole(1, "depth_multiplier"));
  }

  private static Convolution of(Config config, int dimensions, int filters, int multiplier) {
    config.refuse("lora_enabled");
    return new Convolution(
        Window.ofKernel(config, dimensions),
        filters,
        config.whole(1, "groups"),
        multiplier,
        config.flag(true, "use_bias", "bias"),
        Activation.of(config, "linear", "activation"),
        config.version());
  }

  @Override
  public boolean holdsWeights() {
    return true;
  }

  @Override
  public List<Value> write(Call call) {
    Scope scope = call.scope();
    Value x = call.input().ofRank(window.dimensions() + 2);
    Value first = window.channelsFirst(scope, x);
    int channels = first.shape()[1];
    if (channels < 0) {
      throw Misfit.of("its input's channels are open: %s.", x.describe());
    }
    Value y = first;
    if (multiplier > 0) {
      int[] shape = kernelShape(channels, multiplier);
      float[] kernel = call.weights().take("depthwise_kernel", shape);
      y = convolved(scope, y, "depthwise_kernel", kernel, shape, channels, true);
    }
    if (filters > 0) {
      int in = y.shape()[1];
      if (groups < 1 || in % groups != 0 || filters % groups != 0) {
        throw Misfit.of(
            "its option 'groups' is %d, which does not divide %d and %d channels.",
            groups, in, filters);
      }
      boolean isPoint = multiplier > 0;
      int[] shape = kernelShape(in / groups, filters);
      if (isPoint) {
        Arrays.fill(shape, 0, window.dimensions(), 1);
      }
      float[] kernel =
          isPoint ? call.weights().take("pointwise_kernel", shape) : kernel(call, shape);
      y =
          convolved(
              scope, y, isPoint ? "pointwise_kernel" : "kernel", kernel, shape, groups, !isPoint);
    }
    return List.of(activation.apply(scope, window.back(scope, biased(call, y))));
  }

  private int[] kernelShape(int in, int out) {
    int[] shape = Arrays.copyOf(window.sizes(), window.dimensions() + 2);
    shape[shape.length - 2] = in;
    shape[shape.length - 1] = out;
    return shape;
  }

  /** Files of Keras 1 hold kernels in other orders, and with one dimension more over time. */
  private float[] kernel(Call call, int[] shape) {
    Hdf5Array array = call.weights().take("kernel");
    float[] kernel;
    if (version.major() == 1 && array.shape().length == 4) {
      int[] image = window.dimensions() == 1 ? new int[] {shape[0], 1, shape[1], shape[2]} : shape;
      int[] outputsFirst = {image[3], image[2], image[0], image[1]};
      kernel =
          Arrays.equals(array.shape(), outputsFirst)
              ? Elements.permuted(
                  LayerWeights.fit("kernel", array, outputsFirst), outputsFirst, 2, 3, 1, 0)
              : LayerWeights.fit("kernel", array, image);
    } else {
      kernel = LayerWeights.fit("kernel", array, shape);
    }
    if (version.flipsKernels()) {
      Elements.flip(kernel, shape, window.dimensions());
    }
    return kernel;
  }

  /** A convolution with a kernel [sizes..., in, out]. */
  private Value convolved(
      Scope scope,
      Value x,
      String role,
      float[] kernel,
      int[] shape,
      int groupCount,
      boolean isWindow) {
    int dimensions = window.dimensions();
    boolean isDepthwise = role.startsWith("depth");
    int in = shape[dimensions];
    int out = isDepthwise ? in * shape[dimensions + 1] : shape[dimensions + 1];
    int[] order = new int[dimensions + 2];
    order[0] = isDepthwise ? dimensions : dimensions + 1;
    order[1] = isDepthwise ? dimensions + 1 : dimensions;
    for (int i = 0; i < dimensions; i++) {
      order[i + 2] = i;
    }
    int[] onnx = new int[dimensions + 2];
    onnx[0] = out;
    onnx[1] = isDepthwise ? 1 : in;
    System.arraycopy(shape, 0, onnx, 2, dimensions);
    String weights =
        scope.weights(role, () -> Tensor.of(Elements.permuted(kernel, shape, order), onnx));
    Map<String, Attribute> attributes = new HashMap<>(Scope.whole("group", groupCount));
    int[] result = x.shape().clone();
    if (isWindow) {
      attributes.putAll(window.attributes(result));
    }
    result[1] = out;
    return new Value(
        scope.node("Conv", attributes, x.name(), weights), ElementType.F32, result, null);
  }

  private Value biased(Call call, Value y) {
    if (!bias) {
      return y;
    }
    int channels = y.shape()[1];
    float[] values = call.weights().take("bias", channels);
    int[] shape = new int[window.dimensions() + 1];
    Arrays.fill(shape, 1);
    shape[0] = channels;
    String offset = call.scope().weights("bias", () -> Tensor.of(values, shape));
    return y.renamed(call.scope().node("Add", y.name(), offset));
  }
}
