package io.cellbelt.propertytests.kernels;

import static org.assertj.core.api.Assertions.assertThat;

import io.cellbelt.propertytests.support.EveryProduct;
import io.cellbelt.propertytests.support.Jvm;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/**
 * C1 compiles every product, also from the middle of its loop. A method that it refuses there ("out
 * of virtual registers"), after it has compiled it without a profile, stays in that code for ever,
 * a thousand times slower: C2 waits for a profile that nobody takes.
 */
class CompilableTest {
  private static final String NEVER = "=1000000000";

  @Test
  @Tag("slow")
  void noLoopIsRefusedByTheFirstCompiler() {
    Jvm jvm =
        Jvm.run(
            EveryProduct.class,
            "-Dcellbelt.vectorBits=" + System.getProperty("cellbelt.vectorBits", "preferred"),
            "-XX:+PrintCompilation",
            // Whole methods are not compiled, only loops, early, and not by C2.
            "-XX:Tier3InvocationThreshold" + NEVER,
            "-XX:Tier3MinInvocationThreshold" + NEVER,
            "-XX:Tier3CompileThreshold" + NEVER,
            "-XX:Tier3BackEdgeThreshold=100",
            "-XX:Tier0BackedgeNotifyFreqLog=4",
            "-XX:Tier3DelayOn=1000",
            "-XX:Tier4InvocationThreshold" + NEVER,
            "-XX:Tier4MinInvocationThreshold" + NEVER,
            "-XX:Tier4CompileThreshold" + NEVER,
            "-XX:Tier4BackEdgeThreshold" + NEVER);
    assertThat(jvm.exitCode()).as(jvm.output()).isZero();
    List<String> ours = jvm.output().lines().filter(l -> l.contains("io.cellbelt")).toList();
    assertThat(ours).anyMatch(line -> line.matches(".* % .*Gemv::twoGroups.*"));
    assertThat(ours).anyMatch(line -> line.matches(".* % .*Gemm::(four|six)Rows.*"));
    assertThat(ours).anyMatch(line -> line.matches(".* % .*Gemm::fourNarrowRows.*"));
    assertThat(ours).noneMatch(line -> line.contains("COMPILE SKIPPED"));
  }
}
