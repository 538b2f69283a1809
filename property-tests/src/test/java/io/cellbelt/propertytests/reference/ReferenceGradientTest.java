package io.cellbelt.propertytests.reference;

import static org.assertj.core.api.Assertions.assertThat;

import io.cellbelt.cells.Activation;
import io.cellbelt.cells.Architecture;
import io.cellbelt.cells.Cell;
import io.cellbelt.cells.Clockwork;
import io.cellbelt.cells.DepthGatedLstm;
import io.cellbelt.cells.GridLstm;
import io.cellbelt.cells.Gru;
import io.cellbelt.cells.Input;
import io.cellbelt.cells.Layer;
import io.cellbelt.cells.Layer.Direction;
import io.cellbelt.cells.LayerNormGru;
import io.cellbelt.cells.LayerNormLstm;
import io.cellbelt.cells.Lstm;
import io.cellbelt.cells.Lstm.Coupling;
import io.cellbelt.cells.Lstm.Options;
import io.cellbelt.cells.MinimalGated;
import io.cellbelt.cells.Mut;
import io.cellbelt.cells.Parameter;
import io.cellbelt.cells.Readout;
import io.cellbelt.cells.Readout.Attention;
import io.cellbelt.cells.Rnn;
import io.cellbelt.cells.reference.ReferenceNetwork;
import io.cellbelt.cells.reference.ReferenceNetwork.Gradients;
import io.cellbelt.cells.reference.ReferenceNetwork.Noise;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The reference's gradients are those of finite differences, whatever the network. */
class ReferenceGradientTest {
  private static final int INPUTS = 3;
  private static final int HIDDEN = 4;
  private static final int STEPS = 5;
  private static final double LIMIT = 1e-7;

  /**
   * h of the differences. A smaller one decides where the formula's own error is too large: close
   * to a kink, or where a norm divides by little. A wrong gradient disagrees with them all.
   */
  private static final double[] DIFFERENCES = {1e-3, 1e-3 / 4, 1e-3 / 16, 1e-3 / 64};

  static Stream<Cell> cells() {
    List<Cell> cells = new ArrayList<>();
    for (Activation.Function function : Activation.Function.values()) {
      cells.add(new Rnn(INPUTS, HIDDEN, Activation.of(function)));
    }
    cells.add(new Rnn(INPUTS, HIDDEN, new Activation(Activation.Function.AFFINE, 0.7f, 0.1f)));
    cells.add(new Rnn(INPUTS, HIDDEN, Activation.TANH, 0.4f));
    lstms().forEach(options -> cells.add(new Lstm(INPUTS, HIDDEN, options)));
    for (Gru.Reset reset : Gru.Reset.values()) {
      cells.add(new Gru(INPUTS, HIDDEN, reset));
      cells.add(
          new Gru(
              INPUTS,
              HIDDEN,
              reset,
              Activation.of(Activation.Function.SOFTSIGN),
              Activation.of(Activation.Function.ELU),
              0.4f));
    }
    cells.add(new MinimalGated(INPUTS, HIDDEN));
    cells.add(new Mut(HIDDEN, HIDDEN, 1));
    cells.add(new Mut(HIDDEN, HIDDEN, 2));
    cells.add(new Mut(INPUTS, HIDDEN, 3));
    cells.add(new LayerNormLstm(INPUTS, HIDDEN));
    cells.add(new LayerNormGru(INPUTS, HIDDEN));
    cells.add(new DepthGatedLstm(INPUTS, HIDDEN));
    cells.add(new GridLstm(INPUTS, HIDDEN));
    cells.add(new Clockwork(INPUTS, HIDDEN, List.of(1, 3)));
    cells.add(new Clockwork(INPUTS, HIDDEN, List.of(1, 2, 4, 8)));
    return cells.stream();
  }

  private static Stream<Options> lstms() {
    Options plain = Options.DEFAULT;
    Options peepholes = plain.withPeepholes();
    Options all = peepholes.withGateRecurrence().withProjection(2).withClip(0.6f);
    return Stream.of(
        plain,
        peepholes,
        peepholes.withoutGates("i"),
        peepholes.withoutGates("f"),
        peepholes.withoutGates("o"),
        plain.withoutGates("ifo"),
        peepholes.with(Coupling.FORGET_FROM_INPUT),
        peepholes.with(Coupling.INPUT_FROM_FORGET),
        plain.withActivations(Activation.SIGMOID, Activation.IDENTITY, Activation.TANH),
        plain.withActivations(
            Activation.of(Activation.Function.HARD_SIGMOID),
            Activation.of(Activation.Function.SCALED_TANH),
            Activation.IDENTITY),
        plain.withGateRecurrence(),
        plain.withGateRecurrence().withoutGates("f"),
        plain.withGateRecurrence().with(Coupling.INPUT_FROM_FORGET),
        plain.withClip(0.3f),
        plain.withProjection(3),
        all,
        all.with(Coupling.FORGET_FROM_INPUT).withoutGates("o"));
  }

  static Stream<Architecture> networks() {
    List<Architecture> networks = new ArrayList<>();
    Layer lstm = Layer.of(new Lstm(INPUTS, HIDDEN));
    for (Layer.Merge merge : Layer.Merge.values()) {
      networks.add(Architecture.of(lstm.with(Direction.BIDIRECTIONAL, merge)));
    }
    networks.add(Architecture.of(lstm.with(Direction.REVERSE)));
    networks.add(Architecture.of(lstm.withZoneout(0.3f)));
    networks.add(
        Architecture.of(
            Layer.of(new Lstm(INPUTS, HIDDEN, Options.DEFAULT.withGateRecurrence()))
                .withZoneout(0.2f)
                .with(Direction.BIDIRECTIONAL)));
    networks.add(
        Architecture.of(
            Layer.of(new Clockwork(INPUTS, HIDDEN, List.of(1, 3)))
                .withZoneout(0.2f)
                .with(Direction.BIDIRECTIONAL)));
    for (Input input : List.of(new Input.OneHot(INPUTS), new Input.Embedding(6, INPUTS))) {
      networks.add(new Architecture(input, List.of(new Gru(INPUTS, 5, Gru.Reset.AFTER)), 2));
    }
    for (Attention attention : Attention.values()) {
      for (int outputs : new int[] {0, 2}) {
        networks.add(
            new Architecture(
                new Input.Dense(INPUTS),
                List.of(lstm.with(Direction.BIDIRECTIONAL)),
                new Readout(attention, outputs)));
      }
    }
    networks.add(stack(lstm, Layer.of(new DepthGatedLstm(HIDDEN, HIDDEN)).withZoneout(0.1f)));
    networks.add(
        stack(
            lstm.withZoneout(0.1f),
            Layer.of(new GridLstm(HIDDEN, HIDDEN)).withZoneout(0.1f),
            Layer.of(new GridLstm(HIDDEN, HIDDEN)).withTiedWeights(),
            Layer.of(new GridLstm(HIDDEN, HIDDEN)).withTiedWeights()));
    networks.add(
        stack(
            lstm.with(Direction.BIDIRECTIONAL),
            Layer.of(new Gru(2 * HIDDEN, HIDDEN, Gru.Reset.BEFORE))
                .with(Direction.BIDIRECTIONAL, Layer.Merge.SUM),
            Layer.of(new Mut(HIDDEN, HIDDEN, 3)).with(Direction.REVERSE),
            Layer.of(new Mut(HIDDEN, HIDDEN, 3)).with(Direction.REVERSE).withTiedWeights()));
    return networks.stream();
  }

  private static Architecture stack(Layer... layers) {
    return new Architecture(new Input.Dense(INPUTS), List.of(layers), Readout.linear(2));
  }

  @ParameterizedTest
  @MethodSource("cells")
  void gradientsOfACellAreThoseOfDifferences(Cell cell) {
    new Experiment(Architecture.of(cell), null).check();
  }

  @ParameterizedTest
  @MethodSource("networks")
  void gradientsOfANetworkAreThoseOfDifferences(Architecture architecture) {
    new Experiment(architecture, null).check();
  }

  @ParameterizedTest
  @MethodSource("cells")
  void gradientsAreThoseOfDifferencesWithNoiseToo(Cell cell) {
    Layer layer =
        Layer.of(cell)
            .withDropout(0.5f)
            .withRecurrentDropout(0.5f)
            .withZoneout(0.5f)
            .with(
                cell.readsMemoryBelow() ? Direction.FORWARD : Direction.BIDIRECTIONAL,
                Layer.Merge.SUM);
    new Experiment(Architecture.of(layer), new Coins()).check();
  }

  @ParameterizedTest
  @MethodSource({"cells", "networks"})
  void anEmptySequenceLeavesTheState(Object network) {
    Experiment experiment = new Experiment(architecture(network), null);
    experiment.reference.forward(new int[0], new double[0], 0, experiment.initial);
    assertThat(experiment.reference.finalState()).isEqualTo(experiment.initial);
    if (!experiment.architecture.readout().perSequence()) {
      Gradients gradients = experiment.reference.backward(new double[0], experiment.dFinal);
      assertThat(gradients.initial()).isEqualTo(experiment.dFinal);
    }
  }

  @ParameterizedTest
  @MethodSource({"cells", "networks"})
  void twoPartsAreOneSequence(Object network) {
    Experiment experiment = new Experiment(architecture(network), null);
    if (experiment.architecture.needsWholeSequences()) {
      return;
    }
    double[] whole = experiment.forward();
    double[] end = experiment.reference.finalState();
    double[] first = experiment.part(0, 2, experiment.initial);
    double[] second = experiment.part(2, STEPS, experiment.reference.finalState());
    assertThat(first).isEqualTo(Arrays.copyOf(whole, first.length));
    assertThat(second).isEqualTo(Arrays.copyOfRange(whole, first.length, whole.length));
    assertThat(experiment.reference.finalState()).isEqualTo(end);
  }

  /** Backwards through a sequence is forwards through the one turned round. */
  @ParameterizedTest
  @MethodSource("cells")
  void aReverseLayerTurnsTheSequenceRound(Cell cell) {
    if (cell.readsMemoryBelow()) {
      return;
    }
    Layer layer = Layer.of(cell);
    Experiment forward = new Experiment(Architecture.of(layer), null);
    Experiment reverse = new Experiment(Architecture.of(layer.with(Direction.REVERSE)), null);
    double[] y = forward.forward();
    double[] turned = turned(forward.x, cell.inputSize());
    assertThat(reverse.reference.forward(null, turned, STEPS, forward.initial))
        .isEqualTo(turned(y, cell.outputSize()));
    assertThat(reverse.reference.finalState()).isEqualTo(forward.reference.finalState());
  }

  private static double[] turned(double[] rows, int size) {
    double[] turned = new double[rows.length];
    for (int i = 0; i < rows.length; i++) {
      turned[rows.length - size - i / size * size + i % size] = rows[i];
    }
    return turned;
  }

  /** Every third step, whatever the step at which the sequence was cut. */
  @Test
  void slowGroupsFollowTheClock() {
    Experiment experiment =
        new Experiment(Architecture.of(new Clockwork(INPUTS, HIDDEN, List.of(1, 3))), null);
    experiment.initial[HIDDEN] = 2;
    double[] y = experiment.forward();
    for (int t = 0; t < STEPS; t++) {
      double before = t == 0 ? experiment.initial[HIDDEN - 1] : y[t * HIDDEN - 1];
      boolean stays = y[t * HIDDEN + HIDDEN - 1] == before;
      assertThat(stays).as("at step %s", t).isEqualTo(t % 3 != 1);
    }
    assertThat(experiment.reference.finalState()[HIDDEN]).isEqualTo((2 + STEPS) % 3);
  }

  private static Architecture architecture(Object network) {
    return network instanceof Cell cell ? Architecture.of(cell) : (Architecture) network;
  }

  /** Masks that depend on what is asked, and on nothing else. */
  private record Coins() implements Noise {
    @Override
    public double[] dropout(int layer, int step, int size) {
      return toss(2, layer * 31 + step, size);
    }

    @Override
    public double[] recurrent(int layer, int direction, int size) {
      return toss(2, 1000 + layer * 31 + direction, size);
    }

    @Override
    public double[] zoneout(int layer, int direction, int step, int state, int size) {
      return toss(1, 2000 + ((layer * 31 + direction) * 31 + step) * 31 + state, size);
    }

    private static double[] toss(double heads, int seed, int size) {
      SplittableRandom random = new SplittableRandom(seed);
      double[] mask = new double[size];
      Arrays.setAll(mask, _ -> random.nextBoolean() ? heads : 0);
      return mask;
    }
  }

  /** A random sequence from a random state, and a random linear loss of all that comes out. */
  private static final class Experiment {
    private final Architecture architecture;
    private final Map<String, double[]> parameters = new LinkedHashMap<>();
    private final int[] tokens;
    private final double[] x;
    private final double[] initial;
    private final double[] dy;
    private final double[] dFinal;
    private final ReferenceNetwork reference;

    Experiment(Architecture architecture, Noise noise) {
      this.architecture = architecture;
      SplittableRandom random = new SplittableRandom(1);
      for (Parameter parameter : architecture.parameters()) {
        parameters.put(parameter.name(), randoms(random, parameter.size()));
      }
      int vocabulary = architecture.input().tokens();
      tokens = vocabulary == 0 ? null : random.ints(STEPS, 0, vocabulary).toArray();
      x = vocabulary > 0 ? null : randoms(random, STEPS * architecture.input().size());
      initial = randoms(random, architecture.stateSize());
      int outputRows = architecture.readout().perSequence() ? 1 : STEPS;
      dy = randoms(random, outputRows * architecture.outputSize());
      dFinal = randoms(random, initial.length);
      int at = 0;
      for (Layer layer : architecture.layers()) {
        for (int d = 0; d < layer.directions(); d++) {
          at += carried(layer.cell());
          if (layer.cell().clock() > 0) {
            initial[at] = d + 1;
            dFinal[at++] = 0;
          }
        }
      }
      reference = new ReferenceNetwork(architecture, parameters, noise);
    }

    private static int carried(Cell cell) {
      return cell.schedule().states().subList(0, cell.schedule().carried()).stream()
          .mapToInt(size -> size)
          .sum();
    }

    private static double[] randoms(SplittableRandom random, int count) {
      double[] values = new double[count];
      Arrays.setAll(values, _ -> random.nextDouble(-1, 1));
      return values;
    }

    void check() {
      forward();
      Gradients gradients = reference.backward(dy, dFinal);
      assertThat(gradients.parameters().keySet()).isEqualTo(parameters.keySet());
      parameters.forEach((name, values) -> check(name, values, gradients.parameters().get(name)));
      if (x != null) {
        check("x", x, gradients.x());
      }
      check("initial state", initial, gradients.initial());
    }

    private void check(String name, double[] variable, double[] gradient) {
      assertThat(gradient).hasSameSizeAs(variable);
      double floor = Arrays.stream(gradient).map(Math::abs).max().orElse(0) / 100;
      for (int i = 0; i < variable.length; i++) {
        double error = Double.NaN;
        for (int attempt = 0; attempt < DIFFERENCES.length && !(error < LIMIT); attempt++) {
          error = error(gradient[i], difference(variable, i, DIFFERENCES[attempt]), floor);
        }
        assertThat(error).as("%s %s of %s", name, i, architecture).isLessThan(LIMIT);
      }
    }

    private static double error(double analytic, double numeric, double floor) {
      double scale = Math.max(floor, Math.max(Math.abs(analytic), Math.abs(numeric)));
      return analytic == numeric ? 0 : Math.abs(analytic - numeric) / scale;
    }

    double[] forward() {
      return reference.forward(tokens, x, STEPS, initial);
    }

    double[] part(int from, int to, double[] state) {
      int size = architecture.input().size();
      return reference.forward(
          tokens == null ? null : Arrays.copyOfRange(tokens, from, to),
          x == null ? null : Arrays.copyOfRange(x, from * size, to * size),
          to - from,
          state);
    }

    private double loss() {
      double[] y = forward();
      double[] end = reference.finalState();
      double loss = 0;
      for (int i = 0; i < y.length; i++) {
        loss += dy[i] * y[i];
      }
      for (int i = 0; i < end.length; i++) {
        loss += dFinal[i] * end[i];
      }
      return loss;
    }

    /** Central difference of fourth order: {@code (8 (f(h) - f(-h)) - (f(2h) - f(-2h))) / 12h}. */
    private double difference(double[] variable, int index, double h) {
      double value = variable[index];
      double near = lossAt(variable, index, value + h) - lossAt(variable, index, value - h);
      double far = lossAt(variable, index, value + 2 * h) - lossAt(variable, index, value - 2 * h);
      variable[index] = value;
      return (8 * near - far) / (12 * h);
    }

    private double lossAt(double[] variable, int index, double value) {
      variable[index] = value;
      return loss();
    }
  }
}
