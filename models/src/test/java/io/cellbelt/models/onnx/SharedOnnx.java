package io.cellbelt.models.onnx;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.function.Predicate;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;

/** ONNX files of others, which lie beside the project; where they do not, tests are left out. */
final class SharedOnnx {
  private static final Path ROOT = Path.of("..", "..", "shared");

  private static final List<String> FOLDERS =
      List.of(
          "models",
          "conformance/real",
          "conformance/onnx-node",
          "conformance/onnx-pytorch-operator");

  private SharedOnnx() {}

  /** A test for each model that is wanted. */
  static List<DynamicTest> each(Predicate<Path> wanted, Check check) {
    if (!Files.isDirectory(ROOT)) {
      // A test that aborts is reported; a factory that does is not.
      return List.of(DynamicTest.dynamicTest("folder", () -> file("models")));
    }
    return models().stream()
        .filter(wanted)
        .map(path -> DynamicTest.dynamicTest(path.toString(), () -> check.of(path)))
        .toList();
  }

  /** What is tested of a model. */
  interface Check {
    void of(Path model) throws IOException;
  }

  private static List<Path> models() {
    return files(FOLDERS, path -> path.toString().endsWith(".onnx"));
  }

  /** The models that the table of operators counts. */
  static List<Path> countedModels() {
    return files(FOLDERS.subList(0, 2), path -> path.toString().endsWith(".onnx"));
  }

  /** What the table of operators calls a model. */
  static String name(Path model) {
    String file = model.getFileName().toString();
    return file.equals("model.onnx")
        ? model.getParent().getFileName().toString()
        : file.replace(".onnx", "");
  }

  /** Tensors in the folders of a model's test data; none where it has no such folders. */
  static List<Path> tensors(Path model, String kind) {
    return walk(model.getParent())
        .filter(path -> path.getParent().getFileName().toString().startsWith("test_data_set"))
        .filter(path -> path.getFileName().toString().matches(kind + "_\\d+\\.pb"))
        .toList();
  }

  static Path file(String name) {
    Path file = ROOT.resolve(name);
    assumeTrue(
        Files.exists(file), () -> "Not run: there is no " + file.toAbsolutePath().normalize());
    return file;
  }

  private static List<Path> files(List<String> folders, Predicate<Path> wanted) {
    List<Path> files =
        folders.stream().map(SharedOnnx::file).flatMap(SharedOnnx::walk).filter(wanted).toList();
    assertThat(files).as("ONNX models in %s", ROOT.toAbsolutePath().normalize()).isNotEmpty();
    return files;
  }

  private static Stream<Path> walk(Path folder) {
    try (Stream<Path> files = Files.walk(folder)) {
      return files.sorted().toList().stream();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
