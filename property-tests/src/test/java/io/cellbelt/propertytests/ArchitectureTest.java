package io.cellbelt.propertytests;

import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAPackage;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.Location;
import java.io.PrintStream;
import java.io.PrintWriter;
import java.text.DecimalFormat;
import java.text.NumberFormat;
import java.time.format.DateTimeFormatter;
import java.util.Formatter;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * One direction of dependency, kernels, cells, bptt or graphs, models, app; and one home of SIMD.
 */
class ArchitectureTest {
  private static final String VECTOR_API = "jdk.incubator.vector..";
  private static final String KERNELS = "io.cellbelt.kernels..";
  private static final String CELLS = "io.cellbelt.cells..";
  private static final String BPTT = "io.cellbelt.bptt..";
  private static final String GRAPHS = "io.cellbelt.graphs..";
  private static final String MODELS = "io.cellbelt.models..";
  private static final String APP = "io.cellbelt.app..";
  private static final String[] JDK = {"java..", "javax..", "jdk..", "com.sun.management.."};

  private static final String FORMAT = "(java.lang.String, [Ljava.lang.Object;)";

  /** What formats or changes letters as the default locale has it. */
  private static final Set<String> LOCALISED =
      Set.of(
          "java.lang.String.format" + FORMAT,
          "java.lang.String.formatted([Ljava.lang.Object;)",
          "java.lang.String.toLowerCase()",
          "java.lang.String.toUpperCase()",
          "java.io.PrintStream.printf" + FORMAT,
          "java.io.PrintStream.format" + FORMAT,
          "java.io.PrintWriter.printf" + FORMAT,
          "java.io.PrintWriter.format" + FORMAT,
          "java.util.Formatter.<init>()",
          "java.text.DecimalFormat.<init>()",
          "java.text.DecimalFormat.<init>(java.lang.String)",
          "java.text.NumberFormat.getInstance()",
          "java.text.NumberFormat.getNumberInstance()",
          "java.text.NumberFormat.getIntegerInstance()",
          "java.text.NumberFormat.getPercentInstance()",
          "java.time.format.DateTimeFormatter.ofPattern(java.lang.String)");

  private static final JavaClasses CLASSES =
      new ClassFileImporter()
          .importLocations(
              Stream.of("kernels", "cells", "bptt", "graphs", "models", "app")
                  .map(ArchitectureTest::locationOfModule)
                  .toList());

  @ParameterizedTest
  @ValueSource(strings = {KERNELS, CELLS, BPTT, GRAPHS, MODELS, APP})
  void classesOfEveryModuleAreSeen(String module) {
    assertThat(CLASSES.that(resideInAPackage(module))).isNotEmpty();
  }

  @Test
  void onlyKernelsUseTheVectorApi() {
    noClasses()
        .that()
        .resideOutsideOfPackage(KERNELS)
        .should()
        .dependOnClassesThat()
        .resideInAPackage(VECTOR_API)
        .check(CLASSES);
  }

  @Test
  void kernelsAreSeenUsingTheVectorApi() {
    assertThat(CLASSES.that(resideInAPackage(KERNELS)))
        .anyMatch(
            kernel ->
                kernel.getDirectDependenciesFromSelf().stream()
                    .anyMatch(use -> resideInAPackage(VECTOR_API).test(use.getTargetClass())));
  }

  @Test
  void kernelsUseNothingButTheJdk() {
    checkUses(KERNELS, allowed(JDK, KERNELS));
  }

  @Test
  void cellsUseKernelsAndTheJdk() {
    checkUses(CELLS, allowed(JDK, KERNELS, CELLS));
  }

  @Test
  void bpttUsesCellsKernelsAndTheJdk() {
    checkUses(BPTT, allowed(JDK, KERNELS, CELLS, BPTT));
  }

  @Test
  void graphsUseCellsKernelsAndTheJdk() {
    checkUses(GRAPHS, allowed(JDK, KERNELS, CELLS, GRAPHS));
  }

  @Test
  void nothingUsesTheCommandLine() {
    noClasses()
        .that()
        .resideOutsideOfPackage(APP)
        .should()
        .dependOnClassesThat()
        .resideInAPackage(APP)
        .check(CLASSES);
  }

  /**
   * Else a number has other digits or a comma, and an i no dot, where a user's language wants it.
   */
  @Test
  void nothingDependsOnTheDefaultLocale() {
    noClasses()
        .should()
        .accessTargetWhere(
            DescribedPredicate.describe(
                "uses the default locale",
                access -> LOCALISED.contains(access.getTarget().getFullName())))
        .check(CLASSES);
  }

  @Test
  void theNamesOfWhatUsesTheDefaultLocaleAreRight() {
    JavaClasses self = new ClassFileImporter().importClasses(Localised.class);
    assertThat(
            self.get(Localised.class).getAccessesFromSelf().stream()
                .map(access -> access.getTarget().getFullName())
                .filter(LOCALISED::contains))
        .containsExactlyInAnyOrderElementsOf(LOCALISED);
  }

  /** Calls each of {@link #LOCALISED} once. */
  @SuppressWarnings({"all", "FormatStringAnnotation"})
  private static final class Localised {
    static void all(String text, PrintStream stream, PrintWriter writer) {
      String.format(text, 1);
      text.formatted(1);
      text.toLowerCase();
      text.toUpperCase();
      stream.printf(text, 1);
      stream.format(text, 1);
      writer.printf(text, 1);
      writer.format(text, 1);
      new Formatter();
      new DecimalFormat();
      new DecimalFormat(text);
      NumberFormat.getInstance();
      NumberFormat.getNumberInstance();
      NumberFormat.getIntegerInstance();
      NumberFormat.getPercentInstance();
      DateTimeFormatter.ofPattern(text);
    }
  }

  private static void checkUses(String module, String[] allowed) {
    classes()
        .that()
        .resideInAPackage(module)
        .should()
        .onlyDependOnClassesThat()
        .resideInAnyPackage(allowed)
        .check(CLASSES);
  }

  private static String[] allowed(String[] jdk, String... modules) {
    return Stream.concat(Stream.of(jdk), Stream.of(modules)).toArray(String[]::new);
  }

  private static Location locationOfModule(String name) {
    return ModuleLayer.boot()
        .configuration()
        .findModule("io.cellbelt." + name)
        .flatMap(module -> module.reference().location())
        .map(Location::of)
        .orElseThrow();
  }
}
