package io.cellbelt.models.keras;

import static io.cellbelt.models.keras.Scope.real;
import static io.cellbelt.models.keras.Scope.whole;

import io.cellbelt.graphs.Tensor;
import java.util.Arrays;
import java.util.List;

/** Activation functions that are layers. */
final class ActivationLayers {
  private static final double SLOPE = 0.3;

  private ActivationLayers() {}

  /** The layer of a class without weights; null if there is none. */
  static Activation named(String className, Config config) {
    return switch (className) {
      case "Activation" -> Activation.of(config, "linear", "activation");
      case "LeakyReLU" ->
          Activation.leakyRelu("leaky_relu", config.number(SLOPE, "negative_slope", "alpha"));
      case "ELU" -> Activation.elu("elu", config.number(1, "alpha"));
      case "ReLU" -> relu(config);
      case "ThresholdedReLU" -> thresholded(config.number(1, "theta"));
      case "Softmax" -> softmax(config);
      default -> null;
    };
  }

  private static Activation thresholded(float theta) {
    return Activation.nodes(
        "thresholded_relu",
        (scope, x) -> Activation.mapped(scope, x, "ThresholdedRelu", real("alpha", theta)));
  }

  private static Activation softmax(Config config) {
    int[] axes = config.wholes(new int[] {-1}, "axis");
    if (axes.length != 1) {
      throw config.wrong("axis", "one number");
    }
    return Activation.nodes(
        "softmax",
        (scope, x) -> {
          if (x.mask() != null) {
            throw new Misfit("it is called with a mask, which is not supported; remove the mask.");
          }
          return Activation.mapped(scope, x, "Softmax", whole("axis", axes[0]));
        });
  }

  private static Activation relu(Config config) {
    float slope = config.number(0, "negative_slope");
    float threshold = config.number(0, "threshold");
    float most = config.number(Float.POSITIVE_INFINITY, "max_value");
    if (slope == 0 && threshold == 0 && most == Float.POSITIVE_INFINITY) {
      return new Activation(
          "relu", (scope, x) -> scope.map("Relu", x), new Activation.Recurrent("Relu", null, null));
    }
    return Activation.nodes("relu", (scope, x) -> relu(scope, x, slope, threshold, most));
  }

  private static Value relu(Scope scope, Value x, float slope, float threshold, float most) {
    String y;
    if (threshold == 0) {
      y = scope.node("LeakyRelu", real("alpha", slope), x.name());
    } else {
      String limit = scope.scalar(threshold);
      String below = scope.node("Mul", scope.node("Sub", x.name(), limit), scope.scalar(slope));
      y = scope.node("Where", scope.node("Greater", x.name(), limit), x.name(), below);
    }
    if (most != Float.POSITIVE_INFINITY) {
      y = scope.node("Min", y, scope.scalar(most));
    }
    return x.renamed(y);
  }

  /**
   * A rectifier whose slope below zero is learnt.
   *
   * @param shared axes along which all elements share a slope, from 1 on
   */
  record PReLU(int[] shared) implements Layer {
    static PReLU of(Config config) {
      return new PReLU(config.wholes(new int[0], "shared_axes"));
    }

    @Override
    public boolean holdsWeights() {
      return true;
    }

    @Override
    public List<Value> write(Call call) {
      Value x = call.input();
      int[] shape = Arrays.copyOfRange(x.shape(), Math.min(1, x.rank()), x.rank());
      for (int axis : shared) {
        if (axis < 1 || axis > shape.length) {
          throw Misfit.of("its option 'shared_axes' names the axis %d of %s.", axis, x.describe());
        }
        shape[axis - 1] = 1;
      }
      float[] slopes = call.weights().take("alpha", shape);
      String slope = call.scope().weights("alpha", () -> Tensor.of(slopes, shape));
      return List.of(x.renamed(call.scope().node("PRelu", x.name(), slope)));
    }
  }
}
