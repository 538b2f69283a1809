package io.cellbelt.app;

import static org.assertj.core.api.Assertions.assertThat;

import io.cellbelt.bptt.GradientCheck;
import io.cellbelt.cells.Architecture;
import io.cellbelt.cells.CustomCell;
import io.cellbelt.cells.Lstm;
import io.cellbelt.cells.Schedule;
import io.cellbelt.cells.Weights;
import io.cellbelt.cells.reference.ReferenceCell;
import io.cellbelt.cells.reference.Vec;
import io.cellbelt.kernels.pointwise.Pointwise;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.List;
import org.junit.jupiter.api.Test;

final class CheckCommandTest {
  /** An LSTM whose reference has h with the other sign, or not. */
  private record Turned(int inputSize, int hiddenSize, double sign) implements CustomCell {
    private Lstm lstm() {
      return new Lstm(inputSize, hiddenSize);
    }

    @Override
    public String kind() {
      return "turned";
    }

    @Override
    public Schedule schedule() {
      return lstm().schedule();
    }

    @Override
    public Pointwise pointwise() {
      return lstm().pointwise();
    }

    @Override
    public ReferenceCell reference() {
      return (p, x, previous, below, clock) -> {
        List<Vec> right = lstm().reference().step(p, x, previous, below, clock);
        return List.of(right.get(0).times(sign), right.get(1));
      };
    }
  }

  private static String printed(double sign, boolean passes) {
    StringWriter out = new StringWriter();
    Console console = Console.create(new PrintWriter(out), new PrintWriter(out), false, false);
    Weights weights = Weights.random(Architecture.of(new Turned(3, 4, sign)), 1);
    GradientCheck.Report report = GradientCheck.run(weights, 4, 2, 1);
    assertThat(CheckCommand.print(console, report)).isEqualTo(passes);
    return out.toString();
  }

  @Test
  void showsTheForwardPassFirst() {
    assertThat(printed(1, true).lines().toList())
        .satisfies(
            lines -> assertThat(lines.get(0)).startsWith("  forward: kernel and reference agree"),
            lines -> assertThat(lines.get(1)).startsWith("  parameter "))
        .anyMatch(line -> line.startsWith("  largest: ") && line.endsWith(": passed"));
  }

  @Test
  void showsAWrongForwardPassAndNoGradients() {
    assertThat(printed(-1, false))
        .startsWith("  forward: kernel and reference differ at step 0, unit 0")
        .contains("h of layer 0 (turned)", "forward pass: FAILED")
        .doesNotContain("parameter", "largest:", "NaN");
  }
}
