package io.cellbelt.models.audio;

import com.google.gson.JsonObject;
import io.cellbelt.models.audio.AudioGraph.Signal;
import java.util.Arrays;
import java.util.Locale;

/** The one list of all weights of a Neural Amp Modeler file, taken from front to back. */
final class NamWeights {
  private static final String KEY = "weights";

  private final float[] values;
  private int taken;

  private NamWeights(float[] values) {
    this.values = values;
  }

  static NamWeights of(JsonObject json) {
    Weights weights = Weights.of(JsonParts.array(json, KEY), "'" + KEY + "'");
    weights.dimension(0, 1);
    return new NamWeights(weights.values());
  }

  /**
   * The next numbers.
   *
   * @param count may be more than there are
   */
  float[] take(long count) {
    if (count > values.length - taken) {
      throw new IllegalArgumentException(
          String.format(
              Locale.ROOT,
              "'%s' are too few for 'config': there are %d, and %d are needed after the first %d.",
              KEY,
              values.length,
              count,
              taken));
    }
    float[] next = Arrays.copyOfRange(values, taken, taken + (int) count);
    taken += (int) count;
    return next;
  }

  float take() {
    return take(1)[0];
  }

  /** Adds a convolution that begins with the next numbers. */
  Signal convolution(
      AudioGraph graph,
      Signal signal,
      int outputs,
      int size,
      int dilation,
      int groups,
      boolean biased) {
    return graph.convolution(
        signal, convolution(signal.channels(), outputs, size, dilation, groups, biased));
  }

  /** A convolution from the next numbers. */
  Convolution convolution(
      int inputs, int outputs, int size, int dilation, int groups, boolean biased) {
    if (inputs % groups != 0 || outputs % groups != 0) {
      throw new IllegalArgumentException(
          String.format(
              Locale.ROOT,
              "%d groups must divide the %d channels before and the %d after.",
              groups,
              inputs,
              outputs));
    }
    long count = Math.multiplyExact((long) outputs * (inputs / groups), (long) size);
    float[] kernel = take(count);
    float[] bias = biased ? take(outputs) : null;
    return new Convolution(inputs, outputs, size, dilation, groups, kernel, bias);
  }

  /** Refuses numbers that are left over. */
  void requireAllTaken() {
    if (taken < values.length) {
      throw new IllegalArgumentException(
          String.format(
              Locale.ROOT,
              "'%s' are too many for 'config': there are %d, and %d are needed.",
              KEY,
              values.length,
              taken));
    }
  }
}
