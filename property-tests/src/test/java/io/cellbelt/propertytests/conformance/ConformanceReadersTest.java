package io.cellbelt.propertytests.conformance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What the readers do where the cases at hand would let them do otherwise. */
class ConformanceReadersTest {
  private static Attributes lstm(List<String> activations, List<Double> alphas) {
    Map<String, Object> values = new LinkedHashMap<>();
    values.put("activations", activations);
    values.put("activation_alpha", alphas);
    return new Attributes("LSTM", values);
  }

  @Test
  void alphasGoToFunctionsThatTakeOne() {
    Attributes attributes = lstm(List.of("Tanh", "Elu", "LeakyRelu"), List.of(0.3));
    assertThat(attributes.activations())
        .containsExactly(
            new Attributes.Function("tanh", 0, 0),
            new Attributes.Function("elu", 0.3, 0),
            new Attributes.Function("leakyrelu", 0.01, 0));
  }

  @Test
  void asManyAlphasAsFunctionsGoByPosition() {
    Attributes attributes = lstm(List.of("Sigmoid", "Tanh", "HardSigmoid"), List.of(0.0, 0.0, 1.8));
    assertThat(attributes.activations(0).getLast())
        .isEqualTo(new Attributes.Function("hardsigmoid", 1.8, 0.5));
  }

  @Test
  void aWrongNumberOfActivationsIsRefused() {
    assertThatThrownBy(() -> lstm(List.of("Tanh"), List.of()).activations())
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("The attribute activations must have 3 names, but has 1.");
  }

  @Test
  void tolerancesStandInTheSources(@TempDir Path folder) throws IOException {
    Files.writeString(
        folder.resolve("SOURCES.md"),
        "# X\n\n- Tolerance: 1e-4 for a_b and c_d (rounded\n  literals), 1e-6 elsewhere.\n- 1e-1 e_f");
    Tolerances tolerances = Tolerances.of(folder);
    assertThat(tolerances.of("c_d")).isEqualTo(new Closeness(1e-4, 1e-4));
    assertThat(tolerances.of("e_f")).isEqualTo(new Closeness(1e-6, 1e-6));
  }

  @Test
  void graphsOfShapesAreEvaluated() throws Exception {
    NamedTensor x = NamedTensor.of("x", new float[] {1, 2, 3, 4, 5, 6}, 2, 3);
    assertThat(
            run("Slice", Map.of("starts", List.of(-2), "ends", List.of(9), "axes", List.of(1)), x))
        .containsExactly(2, 3, 5, 6);
    assertThat(run("Transpose", Map.of(), x)).containsExactly(1, 4, 2, 5, 3, 6);
    assertThat(
            run("Gather", Map.of("axis", 1), x, NamedTensor.ofInts("i", new double[] {-1, 0}, 2)))
        .containsExactly(3, 1, 6, 4);
    assertThat(run("Concat", Map.of("axis", 1), x, x.named("y")))
        .containsExactly(1, 2, 3, 1, 2, 3, 4, 5, 6, 4, 5, 6);
    assertThat(run("Split", Map.of("axis", 1, "split", List.of(1, 2)), x)).containsExactly(1, 4);
    assertThat(run("Add", Map.of(), x, NamedTensor.of("b", new float[] {10, 20}, 2, 1)))
        .containsExactly(11, 12, 13, 24, 25, 26);
    assertThat(run("Shape", Map.of(), x)).containsExactly(2, 3);
    NamedTensor shape = NamedTensor.ofInts("s", new double[] {2, 2, 3}, 3);
    assertThat(run("Expand", Map.of(), x, shape)).hasSize(12).endsWith(4, 5, 6);
    assertThatThrownBy(() -> run("Softmax", Map.of(), x))
        .isInstanceOf(OnnxInterpreter.UnknownOpException.class)
        .hasMessage("op Softmax");
  }

  private static double[] run(String op, Map<String, Object> attributes, NamedTensor... inputs)
      throws Exception {
    Map<String, NamedTensor> byName = new LinkedHashMap<>();
    for (NamedTensor input : inputs) {
      byName.put(input.name(), input);
    }
    List<String> names = List.copyOf(byName.keySet());
    OnnxModel.Node node =
        new OnnxModel.Node(op, "", names, List.of("out"), new Attributes(op, attributes));
    OnnxModel model = new OnnxModel(14, List.of(node), Map.of(), names, List.of("out"));
    OnnxModelCase run = new OnnxModelCase("", model, byName, Map.of(), Closeness.DEFAULT);
    return OnnxInterpreter.run(run, new OnnxReference()::run).get("out").values();
  }
}
