package io.cellbelt.models.audio;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import java.util.function.DoubleUnaryOperator;

/** Neural Amp Modeler's WaveNet over a whole signal, [channel][sample], as its engine goes. */
final class NaiveWaveNet {
  private final double[] weights;
  private int next;

  NaiveWaveNet(double... weights) {
    this.weights = weights;
  }

  double[] run(JsonObject config, double... input) {
    double[][] condition = {input};
    double[][] signal = condition;
    double[][] head = null;
    for (JsonElement element : config.getAsJsonArray("layers")) {
      JsonObject array = element.getAsJsonObject();
      int channels = array.get("channels").getAsInt();
      int bottleneck = array.has("bottleneck") ? array.get("bottleneck").getAsInt() : channels;
      JsonArray dilations = array.getAsJsonArray("dilations");
      signal = conv(signal, channels, 1, 1, 1, false);
      for (int i = 0; i < dilations.size(); i++) {
        String mode = mode(array, i);
        int width = mode.equals("none") ? bottleneck : 2 * bottleneck;
        int kernel =
            array.has("kernel_sizes")
                ? array.getAsJsonArray("kernel_sizes").get(i).getAsInt()
                : array.get("kernel_size").getAsInt();
        int groups = array.has("groups_input") ? array.get("groups_input").getAsInt() : 1;
        double[][] z = conv(signal, width, kernel, dilations.get(i).getAsInt(), groups, true);
        z = sum(z, conv(condition, width, 1, 1, 1, false));
        double[][] active = new double[bottleneck][input.length];
        for (int c = 0; c < bottleneck; c++) {
          for (int t = 0; t < input.length; t++) {
            double first = Math.tanh(z[c][t]);
            double gate = mode.equals("none") ? 1 : 1 / (1 + Math.exp(-z[bottleneck + c][t]));
            active[c][t] =
                mode.equals("blended") ? gate * first + (1 - gate) * z[c][t] : gate * first;
          }
        }
        if (!array.has("layer1x1")) {
          signal = sum(signal, conv(active, channels, 1, 1, 1, true));
        }
        double[][] toHead =
            array.has("head1x1")
                ? conv(
                    active,
                    array.getAsJsonObject("head1x1").get("out_channels").getAsInt(),
                    1,
                    1,
                    1,
                    true)
                : active;
        head = head == null ? toHead : sum(head, toHead);
      }
      JsonObject last = array.getAsJsonObject("head");
      head =
          last == null
              ? conv(
                  head,
                  array.get("head_size").getAsInt(),
                  1,
                  1,
                  1,
                  array.get("head_bias").getAsBoolean())
              : conv(
                  head,
                  last.get("out_channels").getAsInt(),
                  last.get("kernel_size").getAsInt(),
                  1,
                  1,
                  last.get("bias").getAsBoolean());
    }
    return scaled(config, head)[0];
  }

  private static String mode(JsonObject array, int layer) {
    if (array.has("gating_mode")) {
      return array.getAsJsonArray("gating_mode").get(layer).getAsString();
    }
    return array.has("gated") && array.get("gated").getAsBoolean() ? "gated" : "none";
  }

  private double[][] scaled(JsonObject config, double[][] head) {
    double scale = weights[weights.length - 1];
    double[][] result = map(head, x -> x * scale);
    if (config.get("head") instanceof JsonObject json) {
      JsonArray kernels = json.getAsJsonArray("kernel_sizes");
      for (int i = 0; i < kernels.size(); i++) {
        String outputs = i == kernels.size() - 1 ? "out_channels" : "channels";
        result = map(result, x -> Math.max(0, x));
        result = conv(result, json.get(outputs).getAsInt(), kernels.get(i).getAsInt(), 1, 1, true);
      }
    }
    if (next != weights.length - 1) {
      throw new IllegalStateException(next + " of " + weights.length + " are used.");
    }
    return result;
  }

  private static double[][] map(double[][] x, DoubleUnaryOperator f) {
    double[][] result = new double[x.length][x[0].length];
    for (int c = 0; c < x.length; c++) {
      for (int t = 0; t < x[c].length; t++) {
        result[c][t] = f.applyAsDouble(x[c][t]);
      }
    }
    return result;
  }

  private static double[][] sum(double[][] x, double[][] y) {
    double[][] result = new double[x.length][x[0].length];
    for (int c = 0; c < x.length; c++) {
      for (int t = 0; t < x[c].length; t++) {
        result[c][t] = x[c][t] + y[c][t];
      }
    }
    return result;
  }

  private double[][] conv(
      double[][] x, int outputs, int size, int dilation, int groups, boolean biased) {
    int length = x[0].length;
    double[][] result = new double[outputs][length];
    int depth = x.length / groups;
    int width = outputs / groups;
    for (int g = 0; g < groups; g++) {
      for (int o = 0; o < width; o++) {
        for (int i = 0; i < depth; i++) {
          for (int k = 0; k < size; k++) {
            double weight = weights[next++];
            int offset = dilation * (k + 1 - size);
            for (int t = -offset; t < length; t++) {
              result[g * width + o][t] += weight * x[g * depth + i][t + offset];
            }
          }
        }
      }
    }
    for (int o = 0; biased && o < outputs; o++) {
      double bias = weights[next++];
      for (int t = 0; t < length; t++) {
        result[o][t] += bias;
      }
    }
    return result;
  }
}
