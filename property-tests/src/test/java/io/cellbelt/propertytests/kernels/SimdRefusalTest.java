package io.cellbelt.propertytests.kernels;

import static org.assertj.core.api.Assertions.assertThat;

import io.cellbelt.propertytests.support.FirstUse;
import io.cellbelt.propertytests.support.Jvm;
import io.cellbelt.propertytests.support.OneStep;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Where kernels would run hundreds of times slower, the library says so and what to do. */
@Tag("process")
class SimdRefusalTest {
  private static void refused(String sentence, String... options) {
    Jvm jvm = Jvm.run(OneStep.class, options);
    assertThat(jvm.exitCode()).isEqualTo(1);
    assertThat(jvm.output())
        .contains("IllegalStateException: Cellbelt needs " + sentence)
        .contains("set -Dcellbelt.allowSlow=true.");
  }

  @Test
  void stepsOnThisJvm() {
    Jvm jvm = Jvm.run(OneStep.class);
    assertThat(jvm.output()).contains("stepped");
    assertThat(jvm.exitCode()).isZero();
  }

  @ParameterizedTest
  @ValueSource(strings = {"-Xint", "-XX:TieredStopAtLevel=1"})
  void needsTheOptimisingCompiler(String option) {
    refused("HotSpot's C2 compiler", option);
  }

  @ParameterizedTest
  @ValueSource(strings = {"-XX:UseAVX=1", "-XX:UseAVX=0", "-XX:MaxVectorSize=16"})
  @EnabledIfSystemProperty(
      named = "os.arch",
      matches = "amd64|x86_64",
      disabledReason = "the options are those of x86-64")
  void needsAvx2(String option) {
    refused("AVX2 on x86-64", option);
  }

  @Test
  void needsFusedMultiplyAdd() {
    refused("fused multiply-add", "-XX:-UseFMA");
  }

  @Test
  void runsSlowlyWhereThatIsAllowed() {
    Jvm jvm = Jvm.run(OneStep.class, "-XX:TieredStopAtLevel=1", "-Dcellbelt.allowSlow=true");
    assertThat(jvm.output()).contains("stepped");
    assertThat(jvm.exitCode()).isZero();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "-Dcellbelt.vectorBits=99",
        "-Dcellbelt.vectorBits=",
        "-Dcellbelt.allowSlow=maybe",
        "-Dcellbelt.checkedSegments=yes"
      })
  void everyDoorSaysThatAPropertyIsWrong(String option) {
    String property = option.substring(2).replaceFirst("=.*", "");
    refusedAtEveryDoor(Jvm.run(FirstUse.class, option), property + " is ");
  }

  @Test
  void everyDoorSaysThatTheModuleOfTheVectorApiIsMissing() {
    refusedAtEveryDoor(
        Jvm.runWithoutModules(FirstUse.class), "start it with --add-modules jdk.incubator.vector.");
  }

  @Test
  void everyDoorSaysThatNativeAccessIsDenied() {
    String deny = "--illegal-native-access=deny";
    String other = "--enable-native-access=java.desktop";
    refusedAtEveryDoor(
        Jvm.runWithoutModules(
            FirstUse.class, "--add-modules=jdk.incubator.vector,java.desktop", other, deny),
        "start it with --enable-native-access=");
  }

  /** The same sentence by every door, also the second time. */
  private static void refusedAtEveryDoor(Jvm jvm, String sentence) {
    assertThat(jvm.exitCode()).isZero();
    assertThat(jvm.output().lines().filter(line -> line.contains(": ")))
        .filteredOn(line -> !line.startsWith("WARNING"))
        .hasSize(20)
        .allSatisfy(
            line -> assertThat(line).contains(": java.lang.IllegalStateException: ", sentence));
  }

  @Test
  void allDoorsAreOpenHere() {
    Jvm jvm = Jvm.run(FirstUse.class);
    assertThat(jvm.output().lines().filter(line -> line.endsWith(": fine"))).hasSize(20);
  }
}
