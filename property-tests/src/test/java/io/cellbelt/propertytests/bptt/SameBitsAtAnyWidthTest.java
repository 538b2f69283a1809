package io.cellbelt.propertytests.bptt;

import static org.assertj.core.api.Assertions.assertThat;

import io.cellbelt.propertytests.support.Jvm;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** The width is the JVM's; the result is not. */
@Tag("process")
class SameBitsAtAnyWidthTest {
  private static List<String> hashes(String bits) {
    Jvm jvm = Jvm.run(TrainingHash.class, "-Dcellbelt.vectorBits=" + bits);
    assertThat(jvm.exitCode()).as(jvm.output()).isZero();
    return jvm.output().lines().filter(line -> line.contains(": trained ")).toList();
  }

  @Test
  void trainingAndStreamsHaveTheSameBitsAtEveryWidth() {
    List<String> expected = hashes("128");
    assertThat(expected).hasSize(2 + Optimisers.values().length).doesNotHaveDuplicates();
    assertThat(hashes("256")).isEqualTo(expected);
    assertThat(hashes("preferred")).isEqualTo(expected);
  }
}
