package io.cellbelt.app;

import static org.assertj.core.api.Assertions.assertThat;

import io.cellbelt.bptt.GradientCheck;
import io.cellbelt.cells.Activation;
import io.cellbelt.cells.Architecture;
import io.cellbelt.cells.CustomCell;
import io.cellbelt.cells.CustomKernel;
import io.cellbelt.cells.Row;
import io.cellbelt.cells.Schedule;
import io.cellbelt.cells.Weights;
import io.cellbelt.cells.reference.ReferenceCell;
import io.cellbelt.cells.reference.Vec;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.List;
import org.junit.jupiter.api.Test;

final class CheckCommandTest {
  /** A plain RNN whose reference has h with the other sign, or not. */
  private record Turned(int inputSize, int hiddenSize, double sign)
      implements CustomCell, CustomKernel {
    @Override
    public String kind() {
      return "turned";
    }

    @Override
    public Schedule schedule() {
      return Schedule.simple("a", hiddenSize, 1);
    }

    @Override
    public CustomKernel kernel() {
      return this;
    }

    @Override
    public void forward(int stage, Row row) {
      row.next(0).copy(row.gate(0).apply(Activation.TANH));
    }

    @Override
    public void backward(int stage, Row row) {
      row.gate(0).derivative(Activation.TANH).multiply(row.dState(0));
      row.dState(0).fill(0);
    }

    @Override
    public ReferenceCell reference() {
      return (p, x, previous, below, clock) -> {
        Vec product = p.product("weight_hh", 'a', previous.getFirst());
        Vec h = Vec.sum(p.product("weight_ih", 'a', x), product, p.bias('a')).tanh();
        return List.of(h.times(sign));
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
