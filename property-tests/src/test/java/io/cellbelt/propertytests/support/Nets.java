package io.cellbelt.propertytests.support;

import io.cellbelt.cells.Architecture;
import io.cellbelt.cells.Layer;
import io.cellbelt.cells.Network;
import io.cellbelt.cells.Parameter;
import io.cellbelt.cells.Schedule;
import io.cellbelt.cells.Weights;
import io.cellbelt.cells.engine.Connections;
import io.cellbelt.kernels.WeightFormat;
import io.cellbelt.kernels.simd.Cold;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.SplittableRandom;

/** Networks with weights that a test can tell apart: biases too are random. */
public final class Nets {
  static {
    Cold.end(); // tests are of the vectors
  }

  private Nets() {}

  /** Random values of all parameters; a row's length times the square of its bound is about one. */
  public static Map<String, float[]> values(Architecture architecture, long seed) {
    SplittableRandom random = new SplittableRandom(seed);
    Map<String, float[]> values = new LinkedHashMap<>();
    for (Parameter parameter : architecture.parameters()) {
      double bound = 1 / Math.sqrt(parameter.columns());
      float[] tensor = Floats.random(parameter.size(), bound, random);
      Connections.clear(architecture, parameter, tensor);
      values.put(parameter.name(), tensor);
    }
    return values;
  }

  /** A random state of one sequence; a clock is somewhere in its period. */
  public static float[] state(Architecture architecture, long seed) {
    float[] state = Floats.random(architecture.stateSize(), seed);
    int at = 0;
    for (Layer layer : architecture.layers()) {
      Schedule schedule = layer.cell().schedule();
      int carried = schedule.states().stream().limit(schedule.carried()).mapToInt(n -> n).sum();
      for (int d = 0; d < layer.directions(); d++) {
        at += carried;
        if (layer.cell().clock() > 0) {
          state[at++] = (int) Math.floorMod(seed, (long) layer.cell().clock());
        }
      }
    }
    return state;
  }

  /** A network with such weights. */
  public static Network network(Architecture architecture, long seed) {
    return network(architecture, WeightFormat.F32, seed);
  }

  /** A network with such weights in a format. */
  public static Network network(Architecture architecture, WeightFormat format, long seed) {
    return new Network(Weights.of(architecture, values(architecture, seed)).to(format));
  }
}
