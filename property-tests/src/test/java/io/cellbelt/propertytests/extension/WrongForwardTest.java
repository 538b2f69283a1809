package io.cellbelt.propertytests.extension;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.cellbelt.bptt.ForwardComparison.Difference;
import io.cellbelt.bptt.GradientCheck;
import io.cellbelt.bptt.GradientCheck.Report;
import io.cellbelt.cells.Architecture;
import io.cellbelt.cells.Input;
import io.cellbelt.cells.Layer;
import io.cellbelt.cells.Layer.Direction;
import io.cellbelt.cells.Lstm;
import io.cellbelt.cells.Readout;
import io.cellbelt.cells.Weights;
import io.cellbelt.propertytests.extension.WrongForward.Fault;
import io.cellbelt.propertytests.support.Floats;
import io.cellbelt.propertytests.support.Nets;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/** A wrong forward pass is named as that, where it begins, and no gradient is blamed for it. */
class WrongForwardTest {
  private static final int STEPS = WrongForward.STEPS;
  private static final int BATCH = 3;

  private static Report check(int steps, int batch, Layer... layers) {
    int size = layers[0].cell().inputSize();
    Architecture architecture =
        new Architecture(new Input.Dense(size), List.of(layers), Readout.linear(2));
    Weights weights = Weights.of(architecture, Nets.values(architecture, 1));
    return GradientCheck.run(weights, steps, batch, 1);
  }

  private static Layer wrong(int inputSize, int hiddenSize, Fault fault, int batch) {
    return Layer.of(new WrongForward(inputSize, hiddenSize, fault, batch));
  }

  private static Report check(Fault fault) {
    return check(STEPS, BATCH, wrong(3, 6, fault, BATCH));
  }

  private static Difference first(Report report) {
    assertThat(report.passed()).isFalse();
    assertThat(report.rows()).isEmpty();
    assertThat(report.worstKernelError()).isNaN();
    assertThat(report.adjointError()).isNaN();
    return report.forward().orElseThrow().first().orElseThrow();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "UNITS | step 0, unit 3 | h of layer 0 (wrong), sequence 0"
            + " | units 3, 4 and 5 are wrong, of 6, in all 3 sequences; c of this step is right",
        "NAN | step 0, unit 0 | h of layer 0 (wrong), sequence 0"
            + " | all 6 units are wrong, in all 3 sequences; the kernel's value is NaN or infinite",
        "MEMORY | step 0, unit 0 | c of layer 0 (wrong), sequence 0 | all 6 units are wrong",
        "CARRIED | step 0, unit 0 | c of layer 0 (wrong), sequence 0 | all 6 units are wrong",
        "ROWS | step 0, unit 0 | h of layer 0 (wrong), sequence 1 | all 6 units are wrong, only in"
            + " sequences 1 and 2 of 0 to 2; sequence 0 is right, so look at how the kernel gets"
            + " from one row to the next",
        "LATER | step 2, unit 0 | h of layer 0 (wrong), sequence 0"
            + " | c of this step is right; the 2 steps before are right, so look at",
        "CONSISTENT | step 0, unit 0 | h of layer 0 (wrong), sequence 0 | all 6 units are wrong",
        "REFERENCE | step 0, unit 1 | h of layer 0 (wrong), sequence 0 | unit 1 is wrong, of 6",
        "REFERENCE_NAN | step 0, unit 0 | h of layer 0 (wrong), sequence 0"
            + " | the reference is NaN or infinite"
      })
  void theFirstDifferenceIsNamed(Fault fault, String at, String where, String pattern) {
    Report report = check(fault);
    assertThat(first(report).headline()).isEqualTo("forward: kernel and reference differ at " + at);
    assertThat(report.lines().getFirst()).isEqualTo(first(report).headline());
    assertThat(report.toString())
        .contains("where: " + where, pattern, "Gradients were not compared");
    assertThatThrownBy(report::assertPassed)
        .isInstanceOf(AssertionError.class)
        .hasMessageContainingAll("The forward pass is wrong.", first(report).headline());
  }

  @Test
  void bothValuesAreTold() {
    Difference one = first(check(Fault.REFERENCE));
    assertThat(one.reference() - one.kernel()).isBetween(0.25 - 1e-5, 0.25 + 1e-5);
    assertThat(one.tolerance()).isPositive().isLessThan(1e-4);
    assertThat(one.layer()).isZero();
    Difference twice = first(check(Fault.CONSISTENT));
    assertThat(twice.kernel() / twice.reference()).isBetween(2 - 1e-4, 2 + 1e-4);
  }

  /** From a state of zero, what is lost between two steps shows at the second. */
  @Test
  void aLostMemoryShowsAtTheSecondStep() {
    Architecture architecture = Architecture.of(new WrongForward(3, 6, Fault.CARRIED, 2));
    Weights weights = Weights.of(architecture, Nets.values(architecture, 1));
    Report report = GradientCheck.run(weights, Floats.random(4 * 2 * 3, 1), 4, 2, 1);
    assertThat(first(report).headline()).endsWith("at step 1, unit 0");
    assertThat(first(report).pattern())
        .contains("the step before is right, so look at what a step takes from the one before");
  }

  /** Rows of a batch are only wrong where there are several. */
  @Test
  void aWrongRowNeedsABatch() {
    assertThat(check(STEPS, 1, wrong(3, 6, Fault.ROWS, 1)).passed()).isTrue();
  }

  @Test
  void theLayerWithTheMistakeIsNamed() {
    Layer below = Layer.of(new Lstm(3, 4));
    Layer above = Layer.of(new Lstm(6, 5));
    Difference one = first(check(STEPS, BATCH, below, wrong(4, 6, Fault.LATER, BATCH), above));
    assertThat(one.layer()).isEqualTo(1);
    assertThat(one.step()).isEqualTo(2);
    assertThat(one.place()).isEqualTo("h of layer 1 (wrong)");
  }

  /** A direction that runs back is wrong first at the last steps of sequences. */
  @Test
  void theDirectionWithTheMistakeIsNamed() {
    Layer cell = wrong(3, 6, Fault.LATER, 1);
    Difference reverse = first(check(STEPS, 1, cell.with(Direction.REVERSE)));
    assertThat(reverse.place()).isEqualTo("h of layer 0 (wrong), reverse direction");
    assertThat(reverse.step()).isEqualTo(STEPS - 1 - 2);
    Difference both = first(check(STEPS, 1, cell.with(Direction.BIDIRECTIONAL)));
    assertThat(both.place()).isEqualTo("h of layer 0 (wrong), forward direction");
    assertThat(both.step()).isEqualTo(2);
  }

  /** Dropout, zoneout and sequences of other lengths are no differences. */
  @Test
  void masksAndLengthsAreNoDifferences() {
    Layer masked =
        new Layer(
            new WrongForward(3, 6, Fault.NONE, 4),
            Direction.BIDIRECTIONAL,
            Layer.Merge.MEAN,
            0.3f,
            0.2f,
            0.25f,
            false);
    Report report = check(7, 4, masked, Layer.of(new Lstm(6, 5)).withDropout(0.3f));
    report.assertPassed();
    assertThat(report.lines().getFirst())
        .startsWith("forward: kernel and reference agree in ")
        .endsWith(" % of the tolerance");
    assertThat(report.forward().orElseThrow().worst()).isPositive().isLessThan(0.5);
  }

  @ParameterizedTest
  @EnumSource(
      value = Fault.class,
      names = {"NONE", "SAVED_MANY"})
  void whatIsNoMistakePasses(Fault fault) {
    check(fault).assertPassed();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '"',
      value = {
        "SAVED_FEW | failed in its forward pass: The cell 'wrong' has 1 saved blocks, numbered from 0,"
            + " but its kernel asked for 1.",
        "KERNEL_FAILS | failed in its forward pass: java.lang.IllegalStateException.",
        "BACKWARD_FAILS | failed in its backward pass: No way back.",
        "NO_KERNEL | returns null from kernel(); return one there.",
        "REFERENCE_NULL | has no reference: its reference() gives null. Write its equations",
        "REFERENCE_UNSUPPORTED | has no reference: its reference() is not supported. Write",
        "REFERENCE_STATES | its step gave a list of 1 instead of a list of 2. The schedule names"
            + " states of the lengths [6, 6], h first",
        "REFERENCE_LENGTH | its step gave 12 numbers instead of 6 numbers as state 1.",
        "REFERENCE_STATE_NULL | its step gave null instead of 6 numbers as state 1.",
        "REFERENCE_GATE | has no 'weight_ih' for 'z'; it has the gates 'ifgo'.",
        "REFERENCE_PRODUCT | 'weight_ih' multiplies a vector of 3 numbers, but the reference gives"
            + " one of 6.",
        "REFERENCE_FAILS | failed: Not today."
      })
  void whatCannotRunIsASentence(Fault fault, String sentence) {
    assertThatThrownBy(() -> check(fault))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContainingAll(
            fault == Fault.NO_KERNEL
                ? WrongForward.class.getName()
                : "WrongForward[inputSize=3, hiddenSize=6, fault=" + fault,
            sentence);
  }
}
