package io.cellbelt.propertytests.conformance;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

/**
 * Where others' material lies, which is read and never copied: {@code -Dconformance=DIR}, by
 * default {@code shared/conformance} beside the project.
 */
public final class ConformanceFolder {
  private static final Path ROOT = Path.of("..");

  private ConformanceFolder() {}

  /** Returns the folder, or aborts the test that asks. A relative one starts at the root. */
  public static Path find() {
    Path folder = path();
    assumeTrue(
        Files.isDirectory(folder),
        () ->
            "Not run: there is no folder "
                + folder.toAbsolutePath().normalize()
                + "; -Dconformance=DIR names another.");
    return folder;
  }

  static boolean exists() {
    return Files.isDirectory(path());
  }

  private static Path path() {
    return ROOT.resolve(System.getProperty("conformance", "../shared/conformance"));
  }

  /** Returns where models of others lie, beside the folder, if they are there. */
  public static Path ofModels() {
    return path().resolveSibling("models");
  }

  /** Returns a file in the folder, or aborts the test that asks. */
  public static Path file(String name) {
    Path file = find().resolve(name);
    assumeTrue(
        Files.exists(file), () -> "Not run: there is no " + file.toAbsolutePath().normalize());
    return file;
  }

  /** Returns what lies in a folder, by name. */
  static List<Path> list(Path folder) {
    try (Stream<Path> files = Files.list(folder)) {
      return files.sorted().toList();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
