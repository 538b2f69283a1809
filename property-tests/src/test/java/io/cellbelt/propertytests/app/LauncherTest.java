package io.cellbelt.propertytests.app;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.spi.ToolProvider;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The launcher {@code cellbelt} finds and judges its build, wherever that was copied to. */
@Tag("process")
@DisabledOnOs(value = OS.WINDOWS, disabledReason = "the launcher is a shell script")
final class LauncherTest {
  private static final Path PROJECT = Path.of("..").toAbsolutePath().normalize();

  @TempDir static Path made;
  @TempDir Path folder;

  /** A checkout with a build of what is tested here. */
  @BeforeAll
  static void makeCheckout() throws IOException {
    Path lib = Files.createDirectories(made.resolve("app/target/lib"));
    for (String entry : System.getProperty("jdk.module.path").split(":")) {
      Path from = Path.of(entry);
      if (Files.isDirectory(from)) {
        boolean app = Files.exists(from.resolve("io/cellbelt/app"));
        String name = "classes" + lib.toFile().list().length + ".jar";
        jar(from, app ? made.resolve("app/target/cellbelt-app.jar") : lib.resolve(name));
      } else {
        // The name matters: it is that of the module where a library does not say.
        boolean app = from.getFileName().toString().startsWith("cellbelt-app");
        Files.copy(
            from,
            app ? made.resolve("app/target/cellbelt-app.jar") : lib.resolve(from.getFileName()));
      }
    }
    Files.copy(PROJECT.resolve("cellbelt"), made.resolve("cellbelt"));
    Files.copy(PROJECT.resolve("pom.xml"), made.resolve("pom.xml"));
    for (String module : List.of("kernels", "cells", "bptt", "graphs", "models", "app")) {
      Path sources = Files.createDirectories(made.resolve(module).resolve("src/main"));
      Files.writeString(sources.resolve("Some.java"), module);
      Files.writeString(made.resolve(module).resolve("pom.xml"), module);
    }
    allFrom(made, Instant.parse("2026-01-01T00:00:00Z"));
    allFrom(made.resolve("app/target"), Instant.parse("2026-01-02T00:00:00Z"));
  }

  private static void jar(Path classes, Path jar) {
    ToolProvider tool = ToolProvider.findFirst("jar").orElseThrow();
    int failed =
        tool.run(
            new PrintWriter(System.out, true, StandardCharsets.UTF_8),
            new PrintWriter(System.err, true, StandardCharsets.UTF_8),
            "--create",
            "--file",
            jar.toString(),
            "-C",
            classes.toString(),
            ".");
    assertThat(failed).isZero();
  }

  private static void allFrom(Path root, Instant time) throws IOException {
    for (Path file : files(root)) {
      Files.setLastModifiedTime(file, FileTime.from(time));
    }
  }

  private static List<Path> files(Path root) throws IOException {
    try (var files = Files.walk(root)) {
      return files.toList();
    }
  }

  /** Copies the checkout with the times of its files. */
  private Path copy(String name) throws IOException {
    Path target = folder.resolve(name);
    Files.walkFileTree(
        made,
        new SimpleFileVisitor<>() {
          @Override
          public FileVisitResult preVisitDirectory(Path from, BasicFileAttributes attributes)
              throws IOException {
            Files.createDirectories(target.resolve(made.relativize(from)));
            return FileVisitResult.CONTINUE;
          }

          @Override
          public FileVisitResult visitFile(Path from, BasicFileAttributes attributes)
              throws IOException {
            Path to = target.resolve(made.relativize(from));
            Files.copy(from, to, StandardCopyOption.COPY_ATTRIBUTES);
            return FileVisitResult.CONTINUE;
          }

          @Override
          public FileVisitResult postVisitDirectory(Path from, IOException e) throws IOException {
            Files.setLastModifiedTime(
                target.resolve(made.relativize(from)), Files.getLastModifiedTime(from));
            return FileVisitResult.CONTINUE;
          }
        });
    return target;
  }

  private Cellbelt run(String... command) throws Exception {
    return run(List.of(), command);
  }

  /** Runs it with a Maven of the test's, which counts and does nothing. */
  private Cellbelt run(List<String> environment, String... command) throws Exception {
    Path bin = Files.createDirectories(folder.resolve("bin"));
    Path maven = bin.resolve("mvn");
    if (!Files.exists(maven)) {
      Files.writeString(maven, "#!/bin/sh\necho built >> '" + folder.resolve("builds") + "'\n");
      Files.setPosixFilePermissions(maven, PosixFilePermissions.fromString("rwxr-xr-x"));
    }
    List<String> all = new ArrayList<>();
    all.add("env");
    all.add("PATH=" + bin + ":" + System.getenv("PATH"));
    all.add("CELLBELT_JAVA_HOME=" + System.getProperty("java.home"));
    all.addAll(environment);
    all.addAll(List.of(command));
    return Cellbelt.await(new ProcessBuilder(all).directory(folder.toFile()).start());
  }

  private long builds() throws IOException {
    Path builds = folder.resolve("builds");
    return Files.exists(builds) ? Files.readAllLines(builds).size() : 0;
  }

  private static void works(Cellbelt done) {
    assertThat(done.errors()).isEmpty();
    assertThat(done.out()).startsWith("cellbelt ").contains("-bit vectors");
    assertThat(done.exitCode()).isZero();
  }

  @ParameterizedTest
  @ValueSource(strings = {"-it's a \"100%\" #1 $HOME `x` [y]* & é;\\", "100%20 done"})
  void worksInAFolderOfAnyName(String name) throws Exception {
    copy(name);
    works(run(List.of("LC_ALL=C"), "./" + name + "/cellbelt", "--version"));
    works(run(name + "/cellbelt", "--version"));
    Files.createSymbolicLink(folder.resolve("link"), Path.of(name, "cellbelt"));
    works(run("./link", "--version"));
    assertThat(builds()).isZero();
  }

  @Test
  void saysWhichFolderCannotWork() throws Exception {
    copy("a:b");
    Cellbelt refused = run("a:b/cellbelt", "--version");
    assertThat(refused.exitCode()).isEqualTo(1);
    assertThat(refused.errors()).hasSize(1);
    assertThat(refused.errors().getFirst()).contains("has a ':' in its name");
  }

  @Test
  void knowsByContentWhetherTheBuildIsOld() throws Exception {
    Path checkout = copy("checkout");
    Path source = checkout.resolve("cells/src/main/Some.java");
    Files.writeString(source, "changed");
    String launcher = checkout.resolve("cellbelt").toString();
    run(launcher, "--version");
    assertThat(builds()).as("after a change").isEqualTo(1);
    works(run(launcher, "--version"));
    assertThat(builds()).as("built once").isEqualTo(1);

    allFrom(checkout, Instant.parse("2026-01-03T00:00:00Z"));
    Files.setLastModifiedTime(
        checkout.resolve("app/target/cellbelt-app.jar"),
        FileTime.from(Instant.parse("2026-01-02T00:00:00Z")));
    Path moved = Files.move(checkout, folder.resolve("moved"));
    works(run(moved.resolve("cellbelt").toString(), "--version"));
    assertThat(builds()).as("a copy without times").isEqualTo(1);

    Files.writeString(moved.resolve("cells/src/main/Some.java"), "changed again");
    allFrom(moved, Instant.parse("2026-01-01T00:00:00Z"));
    run(moved.resolve("cellbelt").toString(), "--version");
    assertThat(builds()).as("other sources with older times").isEqualTo(2);
  }

  @Test
  void passesOptionsOfTheJvmOn() throws Exception {
    String launcher = copy("checkout").resolve("cellbelt").toString();
    Cellbelt warned = run(launcher, "-J-Dcellbelt.none=a b", "--version", "-J-Xmx99m");
    assertThat(warned.errors()).hasSize(1);
    assertThat(warned.errors().getFirst()).contains("There is no property cellbelt.none");
    Cellbelt left = run(launcher, "generate", "--", "-J-Dcellbelt.none=x");
    assertThat(left.errors()).hasSize(1);
    assertThat(left.errors().getFirst()).contains("Cannot read -J-Dcellbelt.none=x");
    Cellbelt prompt = run(launcher, "generate", "none", "--prompt", "-J-Dcellbelt.none=x");
    assertThat(prompt.errors()).hasSize(1);
    assertThat(prompt.errors().getFirst()).contains("Cannot read none");
    Cellbelt split = run(launcher, "generate", "a b  c\n$x");
    assertThat(split.errors()).hasSize(1);
    assertThat(split.errors().getFirst()).contains("Cannot read a b  c $x");
  }

  @Test
  void theCLocalePassesAllCharactersOn() throws Exception {
    String launcher = copy("checkout").resolve("cellbelt").toString();
    Cellbelt refused = run(List.of("LC_ALL=C"), launcher, "generate", "models/café.safetensors");
    assertThat(refused.errors()).hasSize(1);
    assertThat(refused.errors().getFirst()).contains("Cannot read models/café.safetensors");
  }

  @Test
  void closedOutputIsASentence() throws Exception {
    String launcher = copy("checkout").resolve("cellbelt").toString();
    Cellbelt refused = run("sh", "-c", "'" + launcher + "' --version >&-");
    assertThat(refused.exitCode()).isEqualTo(1);
    assertThat(refused.errors()).hasSize(1);
    assertThat(refused.errors().getFirst()).contains("standard output is closed");
    works(run("sh", "-c", "'" + launcher + "' --version <&- 2>&-"));
  }
}
