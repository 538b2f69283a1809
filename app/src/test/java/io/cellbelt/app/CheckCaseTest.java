package io.cellbelt.app;

import static org.assertj.core.api.Assertions.assertThat;

import io.cellbelt.bptt.GradientCheck;
import io.cellbelt.cells.Layer;
import io.cellbelt.cells.Weights;
import java.util.EnumSet;
import java.util.List;
import org.junit.jupiter.api.Test;

final class CheckCaseTest {
  @Test
  void coverEveryCellDirectionMergeAndReadout() {
    List<CheckCase> all = CheckCase.all();
    for (CellKind kind : CellKind.values()) {
      assertThat(all).extracting(CheckCase::name).contains(kind.toString(), "masks-" + kind);
    }
    EnumSet<Layer.Direction> directions = EnumSet.noneOf(Layer.Direction.class);
    EnumSet<Layer.Merge> merges = EnumSet.noneOf(Layer.Merge.class);
    for (CheckCase one : all) {
      one.architecture().layers().forEach(layer -> directions.add(layer.direction()));
      one.architecture().layers().forEach(layer -> merges.add(layer.merge()));
    }
    assertThat(directions).hasSize(Layer.Direction.values().length);
    assertThat(merges).hasSize(Layer.Merge.values().length);
    assertThat(all)
        .extracting(CheckCase::name)
        .contains("attention-additive", "attention-dot", "tied-grid", "dropout", "zoneout");
  }

  @Test
  void haveWeightsOfTheirSeed() {
    for (CheckCase one : CheckCase.all()) {
      Weights weights = one.weights(1);
      Weights same = one.weights(1);
      weights
          .values()
          .forEach((name, values) -> assertThat(same.values().get(name)).isEqualTo(values));
    }
  }

  @Test
  void passTheAdjointIdentity() {
    for (CheckCase one : CheckCase.all()) {
      if (one.name().equals("tied-grid") || one.name().equals("zoneout")) {
        Weights weights = one.weights(1);
        GradientCheck.Report report = GradientCheck.run(weights, one.steps(), one.batch(), 1);
        assertThat(report.adjointError()).isPositive().isLessThan(GradientCheck.ADJOINT_LIMIT);
      }
    }
  }
}
