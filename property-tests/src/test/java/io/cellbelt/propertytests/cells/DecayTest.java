package io.cellbelt.propertytests.cells;

import static org.assertj.core.api.Assertions.assertThat;

import io.cellbelt.cells.Architecture;
import io.cellbelt.cells.Cell;
import io.cellbelt.cells.Clockwork;
import io.cellbelt.cells.Gru;
import io.cellbelt.cells.Input;
import io.cellbelt.cells.Layer;
import io.cellbelt.cells.Lstm;
import io.cellbelt.cells.Lstm.Coupling;
import io.cellbelt.cells.MinimalGated;
import io.cellbelt.cells.Mut;
import io.cellbelt.cells.Network;
import io.cellbelt.cells.Parameter;
import io.cellbelt.cells.Rnn;
import io.cellbelt.cells.Schedule.Source;
import io.cellbelt.cells.Stream;
import io.cellbelt.cells.Weights;
import io.cellbelt.cells.engine.Connections;
import io.cellbelt.cells.engine.Op;
import io.cellbelt.cells.engine.ParameterSlab;
import io.cellbelt.cells.engine.Track;
import io.cellbelt.cells.engine.Unrolled;
import io.cellbelt.kernels.PanelMatrix;
import io.cellbelt.kernels.Slab;
import io.cellbelt.kernels.WeightFormat;
import io.cellbelt.kernels.product.Products;
import io.cellbelt.kernels.simd.Lanes;
import io.cellbelt.propertytests.support.Cells;
import io.cellbelt.propertytests.support.Floats;
import io.cellbelt.propertytests.support.Nets;
import java.util.Arrays;
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
    return new Architecture(new Input.Dense(INPUTS), kind.stack(INPUTS, 37, 20), OUTPUTS);
  }

  /**
   * Without biases but that of the gate that keeps the state; a step keeps 0.98 of it or a little
   * more.
   */
  private static Weights fading(Architecture architecture) {
    SplittableRandom random = new SplittableRandom(1);
    Map<String, float[]> values = new LinkedHashMap<>();
    for (Parameter parameter : architecture.parameters()) {
      float[] tensor = new float[parameter.size()];
      if (parameter.form() == Parameter.Form.MATRIX) {
        boolean recurrent = parameter.name().contains("weight_hh");
        tensor = Floats.random(tensor.length, recurrent ? 1e-3 : 0.3, random);
        Connections.clear(architecture, parameter, tensor);
      }
      values.put(parameter.name(), tensor);
    }
    for (int l = 0; l < architecture.layers().size(); l++) {
      Cell cell = architecture.layers().get(l).cell();
      int hidden = cell.hiddenSize();
      if (cell instanceof Rnn || cell instanceof Clockwork) {
        float[] u = values.get(architecture.recurrentWeight(l));
        for (int j = 0; j < hidden; j++) {
          u[j * hidden + j] = cell instanceof Rnn ? 0.98f : 0.95f;
        }
      } else {
        int gate = cell.schedule().biasedGates().indexOf(keeper(cell));
        float kept = cell instanceof MinimalGated || keeper(cell) == 'i' ? -4 : 4;
        kept = cell instanceof Mut ? -4 : kept;
        float[] bias = values.get(architecture.bias(l));
        Arrays.fill(bias, gate * hidden, (gate + 1) * hidden, kept);
      }
    }
    return Weights.of(architecture, values);
  }

  /** The gate that says how much of the state stays. */
  private static char keeper(Cell cell) {
    return switch (cell) {
      case Gru gru -> 'z';
      case Mut mut -> 'z';
      case Lstm lstm -> lstm.options().coupling() == Coupling.FORGET_FROM_INPUT ? 'i' : 'f';
      default -> 'f';
    };
  }

  @ParameterizedTest
  @EnumSource
  @DisabledIfSystemProperty(
      named = "cellbelt.checkedSegments",
      matches = "true",
      disabledReason = "too slow for so many steps")
  void noStateOrOutputIsEverDenormalAndHardlyAnyPreActivation(WeightFormat format) {
    var kinds = format == WeightFormat.F32 ? List.of(Cells.values()) : Cells.FEW;
    for (Cells kind : kinds.stream().filter(Cells::fades).toList()) {
      Architecture architecture = architecture(kind);
      Weights weights = fading(architecture);
      try (Network network = new Network(weights.to(format));
          Stream stream = network.newStream();
          ParameterSlab packed = ParameterSlab.of(architecture, format, weights.values());
          Unrolled steps = new Unrolled(packed, 1, 1);
          Slab scratch = Slab.allocate(Products.SCRATCH)) {
        float[] x = {1, -1, 1, -1, 1};
        float[] y = new float[OUTPUTS];
        float[] state = new float[stream.stateSize()];
        float[] same = new float[state.length];
        int denormal = 0;
        for (int t = 0; t < STEPS; t++) {
          steps.inputs().put(x, 0, 1);
          stream.step(x, y);
          stream.saveState(state);
          x = new float[INPUTS];
          if (hasDenormal(y) || hasDenormal(state)) {
            throw new AssertionError(kind + " at step " + t + " has denormals.");
          }
          denormal += denormalPreActivations(steps, scratch.address());
          steps.states().save(0, same);
          if (!Arrays.equals(same, state)) {
            assertThat(same).as("%s at step %s", kind, t).containsExactly(state);
          }
          if (t == 0 && kind != Cells.RNN_RELU && kind != Cells.CLOCKWORK) {
            assertThat(state).as("%s", kind).doesNotContain(0);
          }
        }
        clearClocks(architecture, state);
        assertThat(state).as("%s", kind).containsOnly(0);
        assertThat(y).containsOnly(0);
        // A sum may cancel to nearly nothing: one in a million does where states are nearly zero.
        assertThat(denormal).as("%s pre-activations", kind).isLessThan(STEPS / 1000);
      }
    }
  }

  private static void clearClocks(Architecture architecture, float[] state) {
    int at = 0;
    for (Layer layer : architecture.layers()) {
      if (layer.cell().clock() > 0) {
        at += layer.cell().hiddenSize();
        state[at++] = 0;
      }
    }
  }

  /** One step of all layers; before it, products once more, with a look at their sums. */
  private static int denormalPreActivations(Unrolled steps, long scratch) {
    steps.forward(1);
    int denormal = 0;
    for (int l = 0; l < steps.architecture().layers().size(); l++) {
      Track track = steps.tracks(l)[0];
      for (Op op : track.ops()) {
        long row = track.rows().gateRow();
        long to = track.gates(0) + op.block();
        boolean x = op.source() instanceof Source.X;
        long from = x ? steps.input(l) : track.source(op, 0);
        long start = op.bias() == 0 ? to : op.bias() == -1 ? steps.zeros() : op.bias();
        Products.add(from, row, 1, op.matrix(), start, 0, to, row, scratch);
        if (!x) {
          float[] a = new float[op.matrix().shape().columns()];
          steps.slab().get(steps.index(to), a, 0, a.length);
          for (float value : a) {
            denormal += isDenormal(value) ? 1 : 0;
          }
        }
      }
    }
    steps.states().carry();
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
        Connections.clear(architecture, parameter, tensor);
      }
      Weights weights = Weights.of(architecture, values);
      weights.to(format).values().forEach(DecayTest::checkNone);
      try (ParameterSlab packed = ParameterSlab.of(architecture, format, weights.values())) {
        for (PanelMatrix matrix : packed.all()) {
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

  private static boolean hasDenormal(float[] values) {
    for (float value : values) {
      if (isDenormal(value)) {
        return true;
      }
    }
    return false;
  }

  private static boolean isDenormal(float value) {
    return value != 0 && Math.abs(value) < Float.MIN_NORMAL;
  }
}
