package io.cellbelt.propertytests.cells;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.cellbelt.cells.Architecture;
import io.cellbelt.cells.Lstm;
import io.cellbelt.cells.Network;
import io.cellbelt.cells.Stream;
import io.cellbelt.cells.WarmUp;
import io.cellbelt.kernels.JitState;
import io.cellbelt.kernels.WeightFormat;
import io.cellbelt.propertytests.support.Allocations;
import io.cellbelt.propertytests.support.Cells;
import io.cellbelt.propertytests.support.Driver;
import io.cellbelt.propertytests.support.Driver.Way;
import io.cellbelt.propertytests.support.Feed;
import io.cellbelt.propertytests.support.Jvm;
import io.cellbelt.propertytests.support.Nets;
import io.cellbelt.propertytests.support.WithoutDiagnostics;
import java.time.Duration;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledIfSystemProperty;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class WarmUpTest {
  private static final String CHECKED = "cellbelt.checkedSegments";
  private static final String NEVER_FINISHES =
      "checked segments allocate a slice per access, so it never finishes";
  private static final Architecture ARCHITECTURE = Architecture.of(new Lstm(5, 40));

  @Test
  @DisabledIfSystemProperty(named = CHECKED, matches = "true", disabledReason = NEVER_FINISHES)
  void afterwardsNothingAllocates() {
    nothingAllocates(WeightFormat.F32);
  }

  @ParameterizedTest
  @Tag("slow")
  @EnumSource(mode = EnumSource.Mode.EXCLUDE, names = "F32")
  @DisabledIfSystemProperty(named = CHECKED, matches = "true", disabledReason = NEVER_FINISHES)
  void afterwardsNothingAllocatesWithNarrowWeights(WeightFormat format) {
    nothingAllocates(format);
  }

  private static void nothingAllocates(WeightFormat format) {
    for (Cells kind : Cells.FEW) {
      for (Architecture architecture : Driver.architectures(kind)) {
        try (Driver driver = new Driver(architecture, format, 7, 5)) {
          WarmUp warmUp = driver.network().warmUp();
          assertThat(warmUp.finished()).as(warmUp.toString()).isTrue();
          assertThat(warmUp.uncompiled()).isEmpty();
          assertThat(warmUp.steps()).isPositive();
          assertThat(warmUp.took()).isPositive();
          assertThat(warmUp.first()).isPositive();
          assertThat(warmUp.last()).isPositive();
          driver.ways().stream()
              .filter(way -> !way.name().startsWith("training"))
              .forEach(WarmUpTest::checkNoAllocation);
        }
      }
    }
    assertThat(JitState.levels())
        .containsEntry("io.cellbelt.kernels.product.RowLoops.copyLoop", JitState.C2);
  }

  private static void checkNoAllocation(Way way) {
    way.call().run(); // the first run of a stream allocates its scratch
    // A kernel that boxes allocates in every call; what happens once in a thousand is not a step's.
    assertThat(Allocations.measure(way.call())).as(way.name()).isLessThan(Allocations.CALLS);
  }

  @Test
  void openStreamsAreLeftAlone() {
    Feed feed = Feed.random(ARCHITECTURE, 20, 1, 1);
    try (Network network = Nets.network(ARCHITECTURE, 1);
        Stream undisturbed = network.newStream();
        Stream disturbed = network.newStream()) {
      float[] expected = feed.stepped(undisturbed);
      float[] first = feed.part(0, 10).stepped(disturbed);
      long bytes = disturbed.byteSize();
      network.warmUp(Duration.ofMillis(300));
      assertThat(disturbed.byteSize()).isEqualTo(bytes);
      assertThat(first).containsExactly(feed.outputs(expected, 0, 10));
      assertThat(feed.part(10, 20).stepped(disturbed))
          .containsExactly(feed.outputs(expected, 10, 20));
    }
  }

  @Test
  void itEndsWhenTheTimeIsOver() {
    try (Network network = Nets.network(ARCHITECTURE, 1)) {
      WarmUp warmUp = network.warmUp(Duration.ofNanos(1));
      assertThat(warmUp.finished()).isFalse();
      assertThat(warmUp.steps()).isBetween(1L, 100L);
    }
  }

  @Test
  void closedNetworksAndNoTimeAreRefused() {
    Network network = Nets.network(ARCHITECTURE, 1);
    assertThatThrownBy(() -> network.warmUp(Duration.ZERO))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("PT0S");
    network.close();
    assertThatThrownBy(network::warmUp)
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("closed");
  }

  @Test
  @Tag("process")
  void aJvmThatDoesNotTellWhatItCompilesIsWarmedUpAllTheSame() {
    assertThat(Jvm.run(WithoutDiagnostics.class).output()).contains("known false, finished true");
  }
}
