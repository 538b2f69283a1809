package io.cellbelt.propertytests.conformance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.Predicate;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.DynamicContainer;
import org.junit.jupiter.api.DynamicNode;
import org.junit.jupiter.api.DynamicTest;

/** Runs others' cases through an engine: every folder of JSON files, models and safetensors. */
final class Conformance {
  private final String name;
  private final Engine engine;
  private final NotApplicable notApplicable = new NotApplicable();
  private final Map<String, Count> counts = new TreeMap<>();
  private final List<String> reasons = new ArrayList<>();

  /**
   * Cases for an engine.
   *
   * @param name what printed lines begin with
   */
  Conformance(String name, Engine engine) {
    this.name = name;
    this.engine = engine;
  }

  /** Returns a container of tests for each folder. */
  List<DynamicNode> tests() throws IOException {
    return tests(folder -> true);
  }

  /** Returns a container of tests for each folder whose name is wanted. */
  List<DynamicNode> tests(Predicate<String> wanted) throws IOException {
    if (!ConformanceFolder.exists()) {
      // A test that aborts is reported; a factory that does is not.
      return List.of(DynamicTest.dynamicTest("folder", ConformanceFolder::find));
    }
    Path root = ConformanceFolder.find();
    List<DynamicNode> folders = new ArrayList<>();
    for (Path folder : ConformanceFolder.list(root)) {
      String name = folder.getFileName().toString();
      if (Files.isDirectory(folder) && wanted.test(name)) {
        List<DynamicTest> tests = folder(folder, name);
        if (!tests.isEmpty()) {
          folders.add(DynamicContainer.dynamicContainer(name, tests));
        }
      }
    }
    assertThat(folders).as("folders with cases in %s", root.toAbsolutePath()).isNotEmpty();
    return folders;
  }

  private List<DynamicTest> folder(Path folder, String name) throws IOException {
    Tolerances tolerances = Tolerances.of(folder);
    List<DynamicTest> tests = new ArrayList<>();
    for (Path path : ConformanceFolder.list(folder)) {
      String file = path.getFileName().toString();
      String id = name + "/" + file.replaceFirst("\\.(json|safetensors)$", "");
      Closeness closeness = tolerances.of(id.substring(id.indexOf('/') + 1));
      if (Files.exists(path.resolve("model.onnx"))) {
        tests.add(test(name, id, () -> models(OnnxModelCase.read(path, id, closeness))));
      } else if (file.endsWith(".json") && JsonCases.isCase(path)) {
        tests.add(test(name, id, () -> operator(JsonCases.read(path, id, closeness))));
      } else if (file.endsWith(".safetensors") && TorchGradCases.isCase(path)) {
        tests.add(test(name, id, () -> stack(TorchGradCases.read(path, id, closeness))));
      }
    }
    return tests;
  }

  private DynamicTest test(String folder, String id, Body body) {
    return DynamicTest.dynamicTest(id, () -> counted(folder, id, body));
  }

  private void counted(String folder, String id, Body body) throws Exception {
    Count count = counts.computeIfAbsent(folder, name -> new Count());
    Optional<String> reason = notApplicable.reason(id);
    if (reason.isEmpty()) {
      try {
        count.ran++;
        body.run();
        count.passed++;
      } catch (OnnxInterpreter.UnknownOpException e) {
        count.ran--;
        reason = Optional.of(e.getMessage());
      } catch (Engine.LeftOutException e) {
        count.ran--;
        count.leftOut++;
        Assumptions.abort("Not run: " + id + ". " + e.getMessage());
      } catch (AssertionError | RuntimeException e) {
        reasons.add("failed: %s: %s".formatted(id, e.getMessage()));
        throw new AssertionError(id + ": " + e.getMessage(), e);
      }
    }
    if (reason.isPresent()) {
      count.notApplicable++;
      reasons.add("not applicable: %s: %s".formatted(id, reason.get()));
      Assumptions.abort("Not applicable: " + reason.get());
    }
  }

  private void operator(OnnxCase operator) throws Exception {
    if (operator.expectFailure()) {
      assertThatThrownBy(() -> outputs(operator))
          .as("must be refused: %s", operator.failure().get())
          .isInstanceOf(IllegalArgumentException.class)
          .message()
          .endsWith(".");
      return;
    }
    assertThat(operator.outputs()).as("expected outputs").isNotEmpty();
    operator.closeness().check(outputs(operator), operator.outputs());
  }

  private Map<String, NamedTensor> outputs(OnnxCase operator) throws Exception {
    return switch (operator.op()) {
      case "RNN", "GRU", "LSTM" -> engine.run(operator);
      case "GRUTraining", "LSTMTraining" -> engine.forwardTraining(operator);
      case "GRUGrad", "LSTMGrad" -> engine.gradient(operator);
      default -> throw new OnnxInterpreter.UnknownOpException(operator.op());
    };
  }

  private void models(List<OnnxModelCase> runs) throws Exception {
    assertThat(runs).as("data sets").isNotEmpty();
    for (OnnxModelCase run : runs) {
      assertThat(run.outputs()).as("expected outputs").isNotEmpty();
      run.closeness().check(OnnxInterpreter.run(run, engine::run), run.outputs());
    }
  }

  private void stack(TorchGradCase stack) throws Exception {
    assertThat(stack.expected()).as("expected outputs").isNotEmpty();
    Map<String, NamedTensor> actual =
        stack.incoming().isEmpty()
            ? engine.run(stack.layer(0, stack.inputs().get("X")))
            : engine.train(stack);
    stack.expected().forEach((name, tensor) -> near(stack, name, tensor, actual));
  }

  /** Gradients are sums of many terms: small ones are as exact as the largest. */
  private static void near(
      TorchGradCase stack, String name, NamedTensor expected, Map<String, NamedTensor> actual) {
    double scale = Math.max(1, expected.largest());
    Closeness closeness = stack.closeness();
    assertThat(actual).as("outputs").containsKey(name);
    new Closeness(closeness.atol() * scale, closeness.rtol())
        .check(Map.of(name, actual.get(name)), Map.of(name, expected));
  }

  /** Prints how many cases ran, by folder, and those that did not with their reason. */
  void print() {
    counts.forEach(
        (folder, count) ->
            System.out.printf(
                "%s: %s ran %d, passed %d, not applicable %d%s%n",
                name,
                folder,
                count.ran,
                count.passed,
                count.notApplicable,
                count.leftOut == 0 ? "" : ", left out by the engine " + count.leftOut));
    reasons.forEach(reason -> System.out.println(name + ": " + reason));
  }

  private interface Body {
    void run() throws Exception;
  }

  private static final class Count {
    private int ran;
    private int passed;
    private int notApplicable;
    private int leftOut;
  }
}
