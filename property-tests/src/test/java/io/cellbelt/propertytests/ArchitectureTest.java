package io.cellbelt.propertytests;

import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAPackage;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.Location;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** One direction of dependency, kernels, cells, bptt, models, app; and one home of SIMD. */
class ArchitectureTest {
  private static final String VECTOR_API = "jdk.incubator.vector..";
  private static final String KERNELS = "io.cellbelt.kernels..";
  private static final String CELLS = "io.cellbelt.cells..";
  private static final String BPTT = "io.cellbelt.bptt..";
  private static final String MODELS = "io.cellbelt.models..";
  private static final String APP = "io.cellbelt.app..";
  private static final String[] JDK = {"java..", "javax..", "jdk..", "com.sun.management.."};

  private static final JavaClasses CLASSES =
      new ClassFileImporter()
          .importLocations(
              Stream.of("kernels", "cells", "bptt", "models", "app")
                  .map(ArchitectureTest::locationOfModule)
                  .toList());

  @ParameterizedTest
  @ValueSource(strings = {KERNELS, CELLS, BPTT, MODELS, APP})
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
  void nothingUsesTheCommandLine() {
    noClasses()
        .that()
        .resideOutsideOfPackage(APP)
        .should()
        .dependOnClassesThat()
        .resideInAPackage(APP)
        .check(CLASSES);
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
