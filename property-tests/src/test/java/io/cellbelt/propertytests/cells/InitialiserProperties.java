package io.cellbelt.propertytests.cells;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.within;

import io.cellbelt.cells.Architecture;
import io.cellbelt.cells.Cell;
import io.cellbelt.cells.Initialiser;
import io.cellbelt.cells.Initialiser.Biases;
import io.cellbelt.cells.Initialiser.Matrices;
import io.cellbelt.cells.Input;
import io.cellbelt.cells.Parameter;
import io.cellbelt.cells.Schedule;
import io.cellbelt.cells.Weights;
import io.cellbelt.propertytests.support.AnyArchitecture;
import io.cellbelt.propertytests.support.Cells;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import net.jqwik.api.Example;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;

/** What weights start from, for every kind of cell. */
class InitialiserProperties {
  private static final int H = 24;
  private static final double LONGEST = 50;

  private static Map<String, float[]> draw(Architecture net, Initialiser initialiser, long seed) {
    Weights weights = Weights.random(net, initialiser, seed);
    return weights.values();
  }

  private static Initialiser of(Matrices matrices) {
    return new Initialiser(matrices, matrices, Biases.DEFAULT);
  }

  @Property(tries = 30)
  void theSameSeedGivesTheSameNumbers(
      @ForAll(supplier = AnyArchitecture.class) Architecture net,
      @ForAll Matrices matrices,
      @ForAll long seed) {
    Map<String, float[]> one = draw(net, of(matrices), seed);
    assertThat(draw(net, of(matrices), seed)).usingRecursiveComparison().isEqualTo(one);
    assertThat(draw(net, of(matrices), seed + 1)).usingRecursiveComparison().isNotEqualTo(one);
    Weights usual = Weights.random(net, seed);
    assertThat(draw(net, Initialiser.DEFAULT, seed))
        .usingRecursiveComparison()
        .isEqualTo(usual.values());
  }

  /** Bounds are nearly reached and never passed; deviations are as they should be. */
  @Property(tries = 40)
  void blocksHaveTheirSpread(@ForAll Cells kind, @ForAll Matrices matrices, @ForAll long seed) {
    Architecture net = new Architecture(new Input.Dense(36), List.of(kind.near(36, H)), 48);
    Map<String, float[]> values = draw(net, of(matrices), seed);
    for (Parameter parameter : net.parameters()) {
      boolean sparse = kind == Cells.CLOCKWORK && parameter.name().contains("weight_hh");
      if (parameter.form() != Parameter.Form.MATRIX || matrices == Matrices.ORTHOGONAL || sparse) {
        continue;
      }
      int at = 0;
      for (Parameter.Part part : parameter.parts()) {
        for (int g = 0; g < part.gates(); g++) {
          int count = part.size() * parameter.columns();
          float[] block = Arrays.copyOfRange(values.get(parameter.name()), at, at + count);
          checkSpread(block, part.size(), parameter.columns(), net, matrices);
          at += count;
        }
      }
    }
  }

  private static void checkSpread(
      float[] block, int outputs, int inputs, Architecture net, Matrices matrices) {
    double largest = 0;
    double sum = 0;
    double squares = 0;
    for (float value : block) {
      largest = Math.max(largest, Math.abs(value));
      sum += value;
      squares += (double) value * value;
    }
    Cell cell = net.layers().getFirst().cell();
    boolean head = outputs == net.outputs();
    double variance =
        switch (matrices) {
          case UNIFORM -> 1 / (3.0 * (head ? cell.outputSize() : cell.hiddenSize()));
          case XAVIER_UNIFORM, XAVIER_NORMAL -> 2.0 / (inputs + outputs);
          default -> 2.0 / inputs;
        };
    int n = block.length;
    assertThat(squares / n).isCloseTo(variance, within(8 * variance / Math.sqrt(n)));
    assertThat(sum / n).isCloseTo(0, within(6 * Math.sqrt(variance / n)));
    if (!matrices.name().endsWith("NORMAL")) {
      double bound = Math.sqrt(3 * variance);
      assertThat(largest).isBetween(0.9 * bound, bound * (1 + 1e-6));
    }
  }

  @Property(tries = 40)
  void orthogonalBlocksAre(
      @ForAll Cells kind,
      @ForAll @IntRange(min = 1, max = 30) int inputs,
      @ForAll @IntRange(min = 1, max = 30) int hidden,
      @ForAll long seed) {
    Architecture net =
        new Architecture(new Input.Dense(inputs), List.of(kind.near(inputs, hidden)), 7);
    Map<String, float[]> values = draw(net, of(Matrices.ORTHOGONAL), seed);
    for (Parameter parameter : net.parameters()) {
      boolean sparse = kind == Cells.CLOCKWORK && parameter.name().contains("weight_hh");
      if (parameter.form() != Parameter.Form.MATRIX || sparse) {
        continue;
      }
      int at = 0;
      for (Parameter.Part part : parameter.parts()) {
        for (int g = 0; g < part.gates(); g++) {
          checkOrthonormal(values.get(parameter.name()), at, part.size(), parameter.columns());
          at += part.size() * parameter.columns();
        }
      }
    }
  }

  private static void checkOrthonormal(float[] all, int at, int rows, int columns) {
    boolean tall = rows >= columns;
    int count = Math.min(rows, columns);
    for (int a = 0; a < count; a++) {
      for (int b = 0; b <= a; b++) {
        double dot = 0;
        for (int i = 0; i < Math.max(rows, columns); i++) {
          int one = tall ? i * columns + a : a * columns + i;
          int other = tall ? i * columns + b : b * columns + i;
          dot += (double) all[at + one] * all[at + other];
        }
        assertThat(dot).isCloseTo(a == b ? 1 : 0, within(1e-6));
      }
    }
  }

  /** Biases of the gates by letter. */
  private static float[] biases(Cell cell, Map<String, float[]> values, char gate) {
    Schedule schedule = cell.schedule();
    String gates = schedule.biasedGates();
    String name = cell.kind() + ".bias_l0";
    for (Schedule.Vectors list : schedule.vectors()) {
      if (list.parameter().equals(cell.biasVectors())) {
        gates = list.names();
        name = cell.kind() + "." + list.parameter() + "_l0";
      }
    }
    int index = gates.indexOf(gate);
    return index < 0 ? null : Arrays.copyOfRange(values.get(name), index * H, (index + 1) * H);
  }

  private static final String LETTERS = "ifgorznmdhIFGO";

  @Property
  void chronoBiasesAreLogsOfDurations(@ForAll Cells kind, @ForAll @IntRange(max = 9) int seed) {
    Cell cell = kind.near(H, H);
    Initialiser chrono =
        new Initialiser(Matrices.UNIFORM, Matrices.UNIFORM, new Biases.Chrono(LONGEST));
    Map<String, float[]> values = draw(Architecture.of(cell), chrono, seed);
    for (int letter = 0; letter < LETTERS.length(); letter++) {
      char gate = LETTERS.charAt(letter);
      float[] bias = biases(cell, values, gate);
      if (bias == null) {
        continue;
      }
      double most = 0;
      for (float value : bias) {
        double log = cell.writes(gate) ? -value : value;
        most = Math.max(most, Math.abs(log));
        assertThat(log).isBetween(0.0, Math.log(LONGEST - 1) + 1e-6);
      }
      boolean remembers = cell.keeps(gate) || cell.writes(gate);
      assertThat(most > Math.log(LONGEST / 3)).isEqualTo(remembers);
    }
    for (char[] pair : new char[][] {{'f', 'i'}, {'F', 'I'}}) {
      float[] keeps = biases(cell, values, pair[0]);
      float[] writes = biases(cell, values, pair[1]);
      for (int j = 0; keeps != null && writes != null && j < H; j++) {
        assertThat(writes[j]).isEqualTo(-keeps[j]);
      }
    }
  }

  @Property
  void forgetBiasesAreTheValue(@ForAll Cells kind) {
    Cell cell = kind.near(H, H);
    Initialiser forget =
        new Initialiser(Matrices.UNIFORM, Matrices.UNIFORM, new Biases.Forget(2.5));
    Map<String, float[]> values = draw(Architecture.of(cell), forget, 1);
    for (int letter = 0; letter < LETTERS.length(); letter++) {
      char gate = LETTERS.charAt(letter);
      float[] bias = biases(cell, values, gate);
      if (bias == null) {
        continue;
      }
      char partner = Character.isUpperCase(gate) ? 'F' : 'f';
      boolean kept = cell.keeps(partner) && biases(cell, values, partner) != null;
      float expected = cell.keeps(gate) ? 2.5f : cell.writes(gate) && !kept ? -2.5f : 0;
      assertThat(bias).as("%s", gate).containsOnly(expected);
    }
  }

  /** Every gated cell has a gate that keeps or writes; the plain ones have none. */
  @Property
  void gatedCellsSayWhatTheirGatesDo(@ForAll Cells kind) {
    Cell cell = kind.near(H, H);
    boolean gated = LETTERS.chars().anyMatch(c -> cell.keeps((char) c) || cell.writes((char) c));
    assertThat(gated).isEqualTo(!List.of("rnn", "clockwork").contains(cell.kind()));
  }

  @Example
  void settingsOutOfRange() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new Biases.Chrono(2))
        .withMessage(
            "The chrono initialisation needs a longest dependency of over 2 steps, but got 2.0.");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new Biases.Forget(Double.NaN))
        .withMessage("A forget bias is a number, such as 1, but got NaN.");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new Initialiser(null, Matrices.UNIFORM, Biases.DEFAULT))
        .withMessage("An initialiser says how matrices and biases start, but something is null.");
  }
}
