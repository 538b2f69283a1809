package io.cellbelt.propertytests.support;

import io.cellbelt.cells.Architecture;
import io.cellbelt.cells.Network;
import io.cellbelt.cells.Parameter;
import io.cellbelt.cells.Weights;
import io.cellbelt.kernels.WeightFormat;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.SplittableRandom;

/** Networks with weights that a test can tell apart: biases too are random. */
public final class Nets {
  private Nets() {}

  /** Random values of all parameters; a row's length times the square of its bound is about one. */
  public static Map<String, float[]> values(Architecture architecture, long seed) {
    SplittableRandom random = new SplittableRandom(seed);
    Map<String, float[]> values = new LinkedHashMap<>();
    for (Parameter parameter : architecture.parameters()) {
      double bound = 1 / Math.sqrt(parameter.columns());
      values.put(parameter.name(), Floats.random(parameter.size(), bound, random));
    }
    return values;
  }

  /** A network with such weights. */
  public static Network network(Architecture architecture, long seed) {
    return network(architecture, WeightFormat.F32, seed);
  }

  /** A network with such weights in a format. */
  public static Network network(Architecture architecture, WeightFormat format, long seed) {
    Weights weights = Weights.of(architecture, values(architecture, seed));
    if (format == WeightFormat.F32) {
      return new Network(weights);
    }
    try (weights) {
      return new Network(weights.to(format));
    }
  }
}
