package io.cellbelt.propertytests.kernels;

import static org.assertj.core.api.Assertions.assertThat;

import io.cellbelt.propertytests.support.ColdKernels;
import io.cellbelt.propertytests.support.Jvm;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** What a JVM that has just started calculates in plain Java has the bits of the vectors. */
@Tag("process")
class ColdTest {
  @Test
  void plainFormsHaveTheBitsOfTheVectors() {
    Jvm jvm =
        Jvm.run(
            ColdKernels.class,
            "-Dcellbelt.vectorBits=" + System.getProperty("cellbelt.vectorBits", "preferred"));
    assertThat(jvm.output()).contains("cold true, 53 results").doesNotContain("differs");
    assertThat(jvm.exitCode()).isZero();
  }
}
