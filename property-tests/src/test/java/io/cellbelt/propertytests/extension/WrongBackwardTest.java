package io.cellbelt.propertytests.extension;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.cellbelt.bptt.GradientCheck;
import io.cellbelt.bptt.GradientCheck.Report;
import io.cellbelt.bptt.GradientCheck.Row;
import io.cellbelt.cells.Architecture;
import io.cellbelt.cells.Input;
import io.cellbelt.cells.Lstm;
import io.cellbelt.cells.Weights;
import io.cellbelt.propertytests.extension.WrongLstm.Fault;
import io.cellbelt.propertytests.support.Nets;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/** A cell with a mistake on the way back is found out, and the mistake is named. */
class WrongBackwardTest {
  private static final List<String> PARAMETERS =
      List.of("wrong.weight_ih_l0", "wrong.weight_hh_l0", "wrong.bias_l0");

  private static Report check(Fault fault, int steps) {
    Architecture architecture =
        new Architecture(new Input.Dense(3), List.of(new WrongLstm(3, 6, fault)), 2);
    try (Weights weights = Weights.of(architecture, Nets.values(architecture, 1))) {
      return GradientCheck.run(weights, steps, 2, 1);
    }
  }

  private static Row row(Report report, String name) {
    return report.rows().stream()
        .filter(row -> row.parameter().equals(name))
        .findFirst()
        .orElseThrow();
  }

  /** At several steps, too, where a wrong gate spoils all gates of the steps before. */
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "FORGET_TWICE | only the rows of gate f are wrong (2.0 times what it should be): look at the"
            + " term that flows through f",
        "NO_OUTPUT | only the rows of gate o are wrong (zero): look at the term",
        "CANDIDATE_NEGATIVE | only the rows of gate g are wrong (-1.0 times what it should be)",
        "SWAPPED | the gates are in another order: the blocks of rows are g f i o and should be"
            + " i f g o",
        "NAN | the gradient is NaN or infinite at",
        "ALL_TWICE | the gradient is 2.0 times what it should be"
      })
  void aWrongGateIsNamed(Fault fault, String guess) {
    for (int steps : new int[] {1, 5}) {
      Report report = check(fault, steps);
      assertThat(report.passed()).isFalse();
      for (String name : PARAMETERS) {
        Row row = row(report, name);
        assertThat(row.passed()).isFalse();
        assertThat(row.guess()).startsWith("the kernels: " + guess);
        assertThat(row.referenceError()).isLessThan(GradientCheck.REFERENCE_LIMIT);
        assertThat(row.place()).isEqualTo(row.layout().index(row.index()));
      }
      assertThat(row(report, "head.weight").passed()).isTrue();
      assertThat(row(report, "head.weight").guess()).isEmpty();
      assertThatThrownBy(report::assertPassed)
          .isInstanceOf(AssertionError.class)
          .hasMessageContaining("wrong.bias_l0: the kernels: " + guess);
    }
  }

  /** A right forward pass comes first; entries are rows and columns, and gates by name. */
  @Test
  void theTableTellsWhereAnEntryIs() {
    List<String> lines = check(Fault.FORGET_TWICE, 5).lines();
    assertThat(lines.getFirst()).startsWith("forward: kernel and reference agree");
    assertThat(lines)
        .anyMatch(
            line ->
                line.matches(
                    "wrong.weight_ih_l0 +\\[\\d+, [0-2]] .*FAILED at gate [ifgo], unit [0-5], input"
                        + " [0-2]"))
        .anyMatch(line -> line.matches("wrong.weight_hh_l0 .*FAILED at .*, from unit [0-5]"))
        .anyMatch(line -> line.matches("wrong.bias_l0 +\\[\\d+] .*FAILED at gate ., unit \\d"))
        .anyMatch(line -> line.matches("x +.*FAILED at step \\d, sequence [01], input [0-2]"))
        .anyMatch(
            line ->
                line.matches(
                    "initial state .*FAILED at sequence [01], [hc] of layer 0, unit [0-5]"))
        .anyMatch(line -> line.matches("head.weight +\\[[01], [0-5]] .*[0-9]"));
  }

  /** One step shows the parameters no way through c, but the state that it starts from does. */
  @Test
  void aMissingWayThroughTheMemoryIsNamed() {
    Report report = check(Fault.NO_MEMORY, 5);
    assertThat(report.passed()).isFalse();
    for (String name : PARAMETERS) {
      assertThat(row(report, name).guess())
          .startsWith("the kernels: it is right at T = 1 and wrong at T = 5: the gradient through")
          .contains("time is missing or cut off");
    }
    assertThat(row(report, "initial state").guess())
        .startsWith("the kernels: only the part of c of layer 0 is wrong (zero)");
    assertThat(row(report, "x").guess()).contains("only steps 0, 1, 2 and 3 are wrong");
    Report once = check(Fault.NO_MEMORY, 1);
    assertThat(once.rows().stream().filter(row -> !row.passed()).map(Row::parameter))
        .containsExactly("initial state");
  }

  @ParameterizedTest
  @EnumSource(Fault.class)
  void allOthersPass(Fault fault) {
    assertThat(check(fault, 4).passed()).isEqualTo(fault == Fault.NONE);
  }

  /** Errors go down, so that the highest wrong layer is where to look. */
  @Test
  void layersAboveTheMistakePass() {
    Architecture architecture =
        new Architecture(
            new Input.Dense(3),
            List.of(new Lstm(3, 4), new WrongLstm(4, 5, Fault.FORGET_TWICE), new Lstm(5, 6)),
            2);
    try (Weights weights = Weights.of(architecture, Nets.values(architecture, 1))) {
      Report report = GradientCheck.run(weights, 4, 2, 1);
      assertThat(row(report, "lstm.weight_hh_l2").passed()).isTrue();
      assertThat(row(report, "wrong.weight_hh_l1").guess()).contains("only the rows of gate f");
      assertThat(row(report, "lstm.weight_hh_l0").passed()).isFalse();
      assertThat(report.toString()).contains("begin with the highest layer that fails");
    }
  }
}
