package io.cellbelt.models.keras;

import io.cellbelt.graphs.Attribute;
import io.cellbelt.graphs.Attribute.Wholes;
import io.cellbelt.graphs.ElementType;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;

/**
 * The window of a convolution or of pooling. ONNX has the channels after the batch; Keras usually
 * has them last.
 *
 * @param padding {@code valid}, {@code same} or {@code causal}
 */
record Window(
    int[] sizes, int[] strides, int[] dilations, String padding, boolean isChannelsFirst) {
  static Window ofKernel(Config config, int dimensions) {
    int[] sizes;
    if (config.has("nb_row")) {
      sizes = new int[] {config.size("nb_row"), config.size("nb_col")};
    } else {
      sizes = config.sizes(dimensions, 0, "kernel_size", "filter_length");
    }
    return new Window(
        sizes,
        config.sizes(dimensions, 1, "strides", "subsample_length", "subsample"),
        config.sizes(dimensions, 1, "dilation_rate", "atrous_rate"),
        padding(config),
        isChannelsFirst(config));
  }

  static Window ofPool(Config config, int dimensions) {
    int[] sizes = config.sizes(dimensions, 2, "pool_size", "pool_length");
    boolean hasStrides = config.get("strides", "stride") != null;
    return new Window(
        sizes,
        hasStrides ? config.sizes(dimensions, 0, "strides", "stride") : sizes,
        IntStream.range(0, dimensions).map(i -> 1).toArray(),
        padding(config),
        isChannelsFirst(config));
  }

  private static String padding(Config config) {
    String padding = config.text("valid", "padding", "border_mode");
    if (!List.of("valid", "same", "causal").contains(padding)) {
      throw config.wrong("padding", "valid, same or causal");
    }
    return padding;
  }

  static boolean isChannelsFirst(Config config) {
    String format = config.text("channels_last", "data_format", "dim_ordering");
    return switch (format) {
      case "channels_last", "tf" -> false;
      case "channels_first", "th" -> true;
      default -> throw config.wrong("data_format", "channels_last or channels_first");
    };
  }

  int dimensions() {
    return sizes.length;
  }

  /** The value with its channels after the batch. */
  Value channelsFirst(Scope scope, Value x) {
    if (isChannelsFirst) {
      return x.unmasked();
    }
    int rank = x.rank();
    return permuted(scope, x, IntStream.range(0, rank).map(i -> first(i, rank)).toArray());
  }

  private static int first(int axis, int rank) {
    return axis == 0 ? 0 : axis == 1 ? rank - 1 : axis - 1;
  }

  /** The value with its channels where Keras has them. */
  Value back(Scope scope, Value x) {
    if (isChannelsFirst) {
      return x;
    }
    int rank = x.rank();
    int[] order = IntStream.range(0, rank).map(i -> i == 0 ? 0 : i + 1).toArray();
    order[rank - 1] = 1;
    return permuted(scope, x, order);
  }

  private static Value permuted(Scope scope, Value x, int... order) {
    int[] shape = Arrays.stream(order).map(axis -> x.shape()[axis]).toArray();
    return new Value(scope.transpose(x.name(), order), ElementType.F32, shape, null);
  }

  /**
   * The attributes of the node.
   *
   * @param shape of the input, channels first; becomes that of the output but for the channels
   */
  Map<String, Attribute> attributes(int[] shape) {
    Map<String, Attribute> all = new HashMap<>();
    all.put("kernel_shape", list(sizes));
    all.put("strides", list(strides));
    if (Arrays.stream(dilations).anyMatch(rate -> rate != 1)) {
      all.put("dilations", list(dilations));
    }
    int[] pads = new int[2 * dimensions()];
    boolean isKnown = true;
    for (int i = 0; i < dimensions(); i++) {
      int extent = Math.addExact(Math.multiplyExact(sizes[i] - 1, dilations[i]), 1);
      int size = shape[i + 2];
      int total = total(extent, strides[i], size);
      isKnown &= total >= 0;
      pads[i] = padding.equals("causal") ? total : total / 2;
      pads[dimensions() + i] = total - pads[i];
      shape[i + 2] = result(extent, strides[i], size);
    }
    if (isKnown) {
      all.put("pads", list(pads));
    } else {
      all.put("auto_pad", new Attribute.Text("SAME_UPPER"));
    }
    return all;
  }

  /** What is added at both ends together; negative where it depends on an open size. */
  private int total(int extent, int stride, int size) {
    return switch (padding) {
      case "valid" -> 0;
      case "causal" -> extent - 1;
      default -> {
        if (stride == 1) {
          yield extent - 1;
        }
        if (size < 0) {
          yield -1;
        }
        long results = ((long) size + stride - 1) / stride;
        yield (int) Math.max(0, (results - 1) * stride + extent - size);
      }
    };
  }

  private int result(int extent, int stride, int size) {
    if (size < 0) {
      return Config.OPEN;
    }
    int padded =
        switch (padding) {
          case "valid" -> size - extent;
          default -> size - 1;
        };
    if (padded < 0) {
      throw Misfit.of("its window spans %d, but its input has only %d there.", extent, size);
    }
    return padded / stride + 1;
  }

  private static Wholes list(int... values) {
    return new Wholes(Arrays.stream(values).asLongStream().boxed().toList());
  }
}
