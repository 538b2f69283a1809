package io.cellbelt.models.keras;

import static io.cellbelt.models.keras.Scope.whole;

import java.util.Arrays;
import java.util.stream.IntStream;

/** Layers that move elements. None of them hands a mask on, as in Keras. */
final class ShapeLayers {
  private static final int OPEN = Config.OPEN;

  private ShapeLayers() {}

  static Layer.Function flatten(Config config) {
    boolean moves = Window.isChannelsFirst(config);
    return (scope, x) -> {
      String y = x.name();
      if (moves && x.rank() > 2) {
        int[] order = IntStream.range(0, x.rank()).map(i -> i == 0 ? 0 : i + 1).toArray();
        order[x.rank() - 1] = 1;
        y = scope.transpose(y, order);
      }
      int features = product(x.shape(), 1);
      return Value.of(scope.node("Flatten", whole("axis", 1), y), x.shape()[0], features);
    };
  }

  /** The product of the dimensions from one on; open if one of them is. */
  static int product(int[] shape, int from) {
    long product = 1;
    for (int i = from; i < shape.length; i++) {
      if (shape[i] < 0) {
        return OPEN;
      }
      product *= shape[i];
      if (product > Integer.MAX_VALUE) {
        throw Misfit.of("its input has more elements than there can be: %s.", product);
      }
    }
    return (int) product;
  }

  static Layer.Function reshape(Config config) {
    int[] target = config.shape("target_shape", "dims");
    if (target == null) {
      throw config.wrong("target_shape", "a list of dimensions");
    }
    return (scope, x) -> {
      int[] shape = new int[target.length + 1];
      System.arraycopy(target, 0, shape, 1, target.length);
      String y = scope.reshape(x.name(), shape);
      shape[0] = x.shape()[0];
      int all = product(x.shape(), 1);
      int open = (int) Arrays.stream(target).filter(size -> size < 0).count();
      if (all >= 0 && open < 2) {
        int known = product(Arrays.stream(target).filter(size -> size >= 0).toArray(), 0);
        if (open == 0 ? known != all : known == 0 || all % known != 0) {
          throw Misfit.of(
              "its option 'target_shape' is %s, which its input %s does not fit.",
              Arrays.toString(target), x.describe());
        }
        for (int i = 1; i < shape.length; i++) {
          shape[i] = shape[i] < 0 ? all / known : shape[i];
        }
      }
      return Value.of(y, shape);
    };
  }

  static Layer.Function permute(Config config) {
    int[] dims = config.wholes(null, "dims");
    int[] order =
        dims == null
            ? new int[0]
            : IntStream.concat(IntStream.of(0), Arrays.stream(dims)).toArray();
    if (!Arrays.equals(
        Arrays.stream(order).sorted().toArray(), IntStream.range(0, order.length).toArray())) {
      throw config.wrong("dims", "the dimensions from 1 on in some order");
    }
    return (scope, x) -> {
      x.ofRank(order.length);
      return Value.of(
          scope.transpose(x.name(), order),
          Arrays.stream(order).map(axis -> x.shape()[axis]).toArray());
    };
  }

  static Layer.Function repeat(Config config) {
    int times = config.size("n");
    return (scope, x) -> {
      x.ofRank(2);
      String y = scope.node("Expand", scope.unsqueeze(x.name(), 1), scope.wholes(1, times, 1));
      return Value.of(y, x.shape()[0], times, x.shape()[1]);
    };
  }

  /** Steps left out, or zeros put, at both ends. */
  static Layer.Function ends(Config config, boolean isCropping) {
    String option = isCropping ? "cropping" : "padding";
    int[] ends = config.wholes(new int[] {1, 1}, option);
    int[] both = ends.length == 1 ? new int[] {ends[0], ends[0]} : ends;
    if (both.length != 2 || both[0] < 0 || both[1] < 0 || Window.isChannelsFirst(config)) {
      throw config.wrong(option, "two numbers from 0 on");
    }
    return (scope, x) -> {
      x.ofRank(3);
      int steps = x.shape()[1];
      int change = isCropping ? -both[0] - both[1] : both[0] + both[1];
      if (steps >= 0 && steps + change < 1) {
        throw Misfit.of("its option '%s' leaves nothing of %s.", option, x.describe());
      }
      String y =
          isCropping
              ? scope.node(
                  "Slice",
                  x.name(),
                  scope.wholes(both[0]),
                  scope.wholes(both[1] == 0 ? Long.MAX_VALUE : -both[1]),
                  scope.wholes(1))
              : scope.node("Pad", x.name(), scope.wholes(0, both[0], 0, 0, both[1], 0));
      return Value.of(y, x.shape()[0], steps < 0 ? OPEN : steps + change, x.shape()[2]);
    };
  }

  static Layer.Function upsampling(Config config) {
    int times = config.sizes(1, 2, "size", "length")[0];
    return (scope, x) -> {
      int features = x.ofRank(3).features();
      String each =
          scope.node("Expand", scope.unsqueeze(x.name(), 2), scope.wholes(1, 1, times, 1));
      int steps = x.shape()[1];
      return Value.of(
          scope.reshape(each, 0, -1, features),
          x.shape()[0],
          steps < 0 ? OPEN : Math.multiplyExact(steps, times),
          features);
    };
  }
}
