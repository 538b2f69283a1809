package io.cellbelt.models.onnx;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

/** Others' models, which lie beside the project and are read in place. */
final class SharedFolder {
  private static final Path ROOT = Path.of("..", "..", "shared");

  private SharedFolder() {}

  /** A file or folder there; without it the test that asks is not run. */
  static Path find(String name) {
    Path path = ROOT.resolve(name);
    assumeTrue(
        Files.exists(path), () -> "Not run: there is no " + path.toAbsolutePath().normalize());
    return path;
  }

  /** All ONNX models, or none where the folder is not there. */
  static List<Path> models() throws IOException {
    if (!Files.isDirectory(ROOT)) {
      return List.of();
    }
    try (Stream<Path> files = Files.walk(ROOT)) {
      return files.filter(file -> file.toString().endsWith(".onnx")).sorted().toList();
    }
  }

  /** The files in a folder whose names begin so, by their numbers from 0 on. */
  static List<Path> numbered(Path folder, String prefix) {
    return Stream.iterate(0, i -> i + 1)
        .map(i -> folder.resolve(prefix + i + ".pb"))
        .takeWhile(Files::exists)
        .toList();
  }
}
