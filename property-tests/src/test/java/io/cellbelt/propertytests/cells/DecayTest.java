package io.cellbelt.propertytests.cells;

import static org.assertj.core.api.Assertions.assertThat;

import io.cellbelt.cells.Architecture;
import io.cellbelt.cells.Input;
import io.cellbelt.cells.Network;
import io.cellbelt.cells.Parameter;
import io.cellbelt.cells.Stream;
import io.cellbelt.cells.Weights;
import io.cellbelt.cells.engine.Layer;
import io.cellbelt.cells.engine.Unrolled;
import io.cellbelt.kernels.PanelMatrix;
import io.cellbelt.kernels.WeightFormat;
import io.cellbelt.kernels.pointwise.Rows;
import io.cellbelt.kernels.product.Products;
import io.cellbelt.kernels.simd.Lanes;
import io.cellbelt.propertytests.support.Cells;
import io.cellbelt.propertytests.support.Floats;
import io.cellbelt.propertytests.support.Nets;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import org.junit.jupiter.api.condition.DisabledIfSystemProperty;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What fades away becomes zero without ever being denormal, which Java could not make fast. */
class DecayTest {
  private static final int STEPS = 10_000;
  private static final int INPUTS = 5;
  private static final int OUTPUTS = 3;

  private static final float[] TINY = {
    Float.MIN_VALUE, -1e-40f, Float.MIN_NORMAL, Math.nextDown(Float.MIN_NORMAL), -2e-38f, 1e-30f, 0
  };

  private static Architecture architecture(Cells kind) {
    return new Architecture(
        new Input.Dense(INPUTS), List.of(kind.of(INPUTS, 37), kind.of(37, 20)), OUTPUTS);
  }

  /** Without biases but the forget gate's; a step keeps 0.98 of the state or a little more. */
  private static Weights fading(Architecture architecture, WeightFormat format) {
    SplittableRandom random = new SplittableRandom(1);
    Map<String, float[]> values = new LinkedHashMap<>();
    for (Parameter parameter : architecture.parameters()) {
      float[] tensor = new float[parameter.size()];
      boolean recurrent = parameter.name().contains("weight_hh");
      boolean lstm = parameter.gates() == 4;
      int hidden = parameter.rows() / parameter.gates();
      if (parameter.form() == Parameter.Form.MATRIX) {
        tensor = Floats.random(tensor.length, recurrent ? 1e-3 : 0.3, random);
      }
      for (int j = 0; j < parameter.rows(); j++) {
        if (parameter.form() == Parameter.Form.VECTOR && lstm && j / hidden == 1) {
          tensor[j] = 4;
        } else if (recurrent && !lstm) {
          tensor[j * hidden + j] = 0.98f;
        }
      }
      values.put(parameter.name(), tensor);
    }
    Weights weights = Weights.of(architecture, values);
    if (format == WeightFormat.F32) {
      return weights;
    }
    try (weights) {
      return weights.to(format);
    }
  }

  @ParameterizedTest
  @EnumSource
  @DisabledIfSystemProperty(
      named = "cellbelt.checkedSegments",
      matches = "true",
      disabledReason = "too slow for so many steps")
  void noStateOrOutputIsEverDenormalAndHardlyAnyPreActivation(WeightFormat format) {
    for (Cells kind : Cells.values()) {
      Architecture architecture = architecture(kind);
      try (Network network = new Network(fading(architecture, format));
          Stream stream = network.newStream();
          Unrolled steps = new Unrolled(network.weights().parameters(), 1, 1)) {
        float[] x = {1, -1, 1, -1, 1};
        float[] y = new float[OUTPUTS];
        float[] state = new float[stream.stateSize()];
        int denormal = 0;
        for (int t = 0; t < STEPS; t++) {
          steps.putInput(x, 0, 1);
          stream.step(x, y);
          stream.saveState(state);
          x = new float[INPUTS];
          String what = kind + " at step " + t;
          checkNone(what + ", output", y);
          checkNone(what + ", state", state);
          denormal += denormalPreActivations(steps);
          float[] same = new float[state.length];
          steps.saveState(0, same);
          assertThat(same).containsExactly(state);
          if (t == 0) {
            assertThat(state).doesNotContain(0);
          }
        }
        assertThat(state).containsOnly(0);
        assertThat(y).containsOnly(0);
        // A sum may cancel to nearly nothing: one in a million does where states are nearly zero.
        assertThat(denormal).as("%s pre-activations", kind).isLessThan(STEPS / 1000);
      }
    }
  }

  /** One step of all layers, with a look at the gates before the pointwise kernel. */
  private static int denormalPreActivations(Unrolled steps) {
    int denormal = 0;
    for (int l = 0; l < steps.architecture().layers().size(); l++) {
      Layer layer = steps.layer(l);
      Rows rows = steps.rows(l);
      long gates = steps.gates(l, 0);
      long previous = steps.states(l, 0);
      layer.project(steps.input(l), steps.inputRow(l), 1, gates, rows.gateRow());
      Products.accumulate(
          previous, rows.stateRow(), 1, layer.u(), gates, rows.gateRow(), layer.scratch());
      float[] a = new float[layer.u().shape().columns()];
      steps.slab().get((gates - steps.slab().address()) / Float.BYTES, a, 0, a.length);
      for (float value : a) {
        denormal += isDenormal(value) ? 1 : 0;
      }
      layer.pointwise().forward(rows, gates, previous, steps.states(l, 1));
    }
    steps.carry(1);
    return denormal;
  }

  @ParameterizedTest
  @EnumSource
  void noWeightIsDenormal(WeightFormat format) {
    for (Cells kind : Cells.values()) {
      Architecture architecture = architecture(kind);
      Map<String, float[]> values = Nets.values(architecture, 1);
      SplittableRandom random = new SplittableRandom(1);
      for (Parameter parameter : architecture.parameters()) {
        float[] tensor = values.get(parameter.name());
        // Some columns get nothing but tiny weights.
        for (int i = 0; i < tensor.length; i++) {
          if (i / parameter.columns() % 3 == 0 || random.nextBoolean()) {
            tensor[i] = TINY[random.nextInt(TINY.length)];
          }
        }
      }
      try (Weights exact = Weights.of(architecture, values);
          Weights weights = format == WeightFormat.F32 ? exact : exact.to(format)) {
        weights.values().forEach(DecayTest::checkNone);
        for (Parameter parameter : architecture.parameters()) {
          PanelMatrix matrix = weights.parameters().matrix(parameter.name());
          if (matrix.shape().format() == WeightFormat.INT8) {
            checkNone("scales", matrix, matrix.scales());
            checkNone("inverse scales", matrix, matrix.inverseScales());
          }
        }
      }
    }
  }

  private static void checkNone(String what, PanelMatrix matrix, long scales) {
    for (int column = 0; column < matrix.shape().columns(); column++) {
      checkNone(what, new float[] {Lanes.get(scales + Float.BYTES * column)});
    }
  }

  private static void checkNone(String what, float[] values) {
    for (float value : values) {
      if (isDenormal(value)) {
        throw new AssertionError(what + " is " + value + ".");
      }
    }
  }

  private static boolean isDenormal(float value) {
    return value != 0 && Math.abs(value) < Float.MIN_NORMAL;
  }
}
