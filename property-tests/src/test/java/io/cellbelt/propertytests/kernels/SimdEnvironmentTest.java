package io.cellbelt.propertytests.kernels;

import static org.assertj.core.api.Assertions.assertThat;

import io.cellbelt.kernels.SimdEnvironment;
import io.cellbelt.kernels.simd.Lanes;
import org.junit.jupiter.api.Test;

class SimdEnvironmentTest {
  private final SimdEnvironment environment = SimdEnvironment.current();

  @Test
  void thisJvmIsGoodEnough() {
    assertThat(environment.problem()).isEmpty();
    assertThat(environment.c2()).isTrue();
    assertThat(environment.fma()).isTrue();
    assertThat(environment.supportedBits()).isBetween(128, 512);
    SimdEnvironment.require();
  }

  @Test
  void saysWhatIsThere() {
    assertThat(environment.cpu()).isNotBlank();
    assertThat(environment.cores()).isEqualTo(Runtime.getRuntime().availableProcessors());
    assertThat(environment.jdk()).startsWith(Integer.toString(Runtime.version().feature()));
    assertThat(environment.vectorBits()).isEqualTo(8 * Lanes.BYTES);
    assertThat(environment.checked()).isEqualTo(Lanes.CHECKED);
    assertThat(environment.summary())
        .doesNotContain("\n")
        .contains(environment.cpu(), environment.vectorBits() + "-bit vectors");
  }

  @Test
  void theForcedWidthIsTheWidth() {
    String forced = System.getProperty("cellbelt.vectorBits");
    int expected = forced == null ? environment.supportedBits() : Integer.parseInt(forced);
    assertThat(environment.vectorBits()).isEqualTo(expected);
    assertThat(environment.emulated()).isEqualTo(expected > environment.supportedBits());
  }

  @Test
  void everyKindOfProblemHasASentence() {
    assertThat(new SimdEnvironment("cpu", 1, "25", "vm", 256, 256, true, false, false).problem())
        .hasValueSatisfying(sentence -> assertThat(sentence).contains("C2").endsWith("."));
    assertThat(new SimdEnvironment("cpu", 1, "25", "vm", 256, 256, false, true, false).problem())
        .hasValueSatisfying(sentence -> assertThat(sentence).contains("multiply-add"));
    assertThat(new SimdEnvironment("cpu", 1, "25", "vm", 64, 64, true, true, false).problem())
        .hasValueSatisfying(sentence -> assertThat(sentence).contains("64 bits"));
    assertThat(new SimdEnvironment("cpu", 1, "25", "vm", 128, 0, true, true, false).problem())
        .hasValueSatisfying(sentence -> assertThat(sentence).contains("0 bits"));
  }
}
