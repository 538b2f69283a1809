package io.cellbelt.app;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.nio.file.Files;
import java.nio.file.Path;

/** Models and sounds of others, which lie beside the project. */
public final class Shared {
  private Shared() {}

  /** A file or folder; where there is none, the test is left out. */
  public static Path file(String name) {
    Path file = Path.of("..", "..", "shared").resolve(name);
    assumeTrue(
        Files.exists(file),
        () -> "Not run: there is no " + file.toAbsolutePath().normalize() + ".");
    return file;
  }
}
