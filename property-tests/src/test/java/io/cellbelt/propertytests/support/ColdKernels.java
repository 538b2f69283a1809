package io.cellbelt.propertytests.support;

import io.cellbelt.cells.Architecture;
import io.cellbelt.cells.Lstm;
import io.cellbelt.cells.Network;
import io.cellbelt.cells.Stream;
import io.cellbelt.cells.Weights;
import io.cellbelt.kernels.Slab;
import io.cellbelt.kernels.activation.Sigmoid;
import io.cellbelt.kernels.activation.Tanh;
import io.cellbelt.kernels.elementwise.Binary;
import io.cellbelt.kernels.elementwise.Moves;
import io.cellbelt.kernels.elementwise.Unary;
import io.cellbelt.kernels.pointwise.Blocks;
import io.cellbelt.kernels.product.RowLoops;
import io.cellbelt.kernels.simd.Cold;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;

/** Runs the kernels that have a plain form in a JVM that is cold, and again with vectors. */
public final class ColdKernels {
  private static final int FLOATS = 64;
  private static final float[] SPECIAL = {
    0,
    -0.0f,
    1,
    -1,
    Float.NaN,
    Float.POSITIVE_INFINITY,
    Float.NEGATIVE_INFINITY,
    Float.MIN_VALUE,
    -Float.MIN_NORMAL,
    1e-31f,
    88.7f,
    -88.7f,
    Float.MAX_VALUE
  };

  private ColdKernels() {}

  /** Prints how many results there are, and which ones have other bits. */
  public static void main(String[] args) {
    Map<String, float[]> plain = results();
    boolean cold = Cold.takes(0);
    Cold.end();
    Map<String, float[]> vectors = results();
    System.out.println("cold " + cold + ", " + plain.size() + " results");
    plain.forEach(
        (name, values) -> {
          if (!Arrays.equals(Floats.bits(values), Floats.bits(vectors.get(name)))) {
            System.out.println(name + " differs");
          }
        });
  }

  private static Map<String, float[]> results() {
    Map<String, float[]> results = new LinkedHashMap<>();
    try (Slab slab = Slab.allocate(4 * FLOATS)) {
      long x = slab.address();
      long z = slab.address(FLOATS);
      long y = slab.address(2 * FLOATS);
      for (Unary function : Unary.values()) {
        fill(slab);
        function.apply(x, y, FLOATS);
        results.put(function.name(), result(slab));
      }
      for (Binary operator : Binary.values()) {
        for (int form = 0; form < 4; form++) {
          fill(slab);
          operator.apply(x, 128, (form & 1) != 0, z, 128, (form & 2) != 0, y, 128, 32, 2);
          results.put(operator.name() + form, result(slab));
        }
      }
      fill(slab);
      Moves.copy(x, y, 37);
      results.put("copy", result(slab));
      Moves.runs(z, y, new int[] {3, 40, 2, 20, 0, 17, 7, 60, 0}, 3);
      results.put("runs", result(slab));
      RowLoops.copy(x, 64, y, 128, 16, 2);
      results.put("rows", result(slab));
      Blocks.fill(y, 32, -3);
      results.put("fill", result(slab));
      fill(slab);
      RowLoops.copy(x, 0, y, 0, FLOATS, 1);
      Sigmoid.apply(y, FLOATS);
      results.put("sigmoid", result(slab));
      RowLoops.copy(x, 0, y, 0, FLOATS, 1);
      Tanh.apply(y, FLOATS);
      results.put("tanh", result(slab));
    }
    results.put("lstm", lstm());
    return results;
  }

  private static void fill(Slab slab) {
    float[] values = Floats.random(4 * FLOATS, 5);
    for (int i = 0; i < SPECIAL.length; i++) {
      values[3 * i] = SPECIAL[i];
      values[FLOATS + 4 * i + 1] = SPECIAL[i];
    }
    slab.put(0, values, 0, values.length);
  }

  private static float[] result(Slab slab) {
    float[] result = new float[FLOATS];
    slab.get(2 * FLOATS, result, 0, FLOATS);
    return result;
  }

  /** Some steps, of which the last ones have a state that has decayed to nearly nothing. */
  private static float[] lstm() {
    Architecture architecture = Architecture.of(new Lstm(5, 40));
    float[] all = new float[8 * 40];
    try (Network network = new Network(Weights.random(architecture, 1));
        Stream stream = network.newStream()) {
      for (int t = 0; t < 8; t++) {
        float[] y = new float[40];
        stream.step(Floats.random(5, t), y);
        System.arraycopy(y, 0, all, 40 * t, 40);
        if (t == 3) {
          float[] state = new float[stream.stateSize()];
          Arrays.fill(state, 2e-30f);
          stream.restoreState(state);
        }
      }
    }
    return all;
  }
}
