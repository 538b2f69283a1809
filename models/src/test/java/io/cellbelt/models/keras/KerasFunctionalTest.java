package io.cellbelt.models.keras;

import static io.cellbelt.models.keras.KerasFixture.assertRefused;
import static io.cellbelt.models.keras.KerasFixture.called;
import static io.cellbelt.models.keras.KerasFixture.functional;
import static io.cellbelt.models.keras.KerasFixture.input;
import static io.cellbelt.models.keras.KerasFixture.layer;
import static io.cellbelt.models.keras.KerasFixture.legacy;
import static io.cellbelt.models.keras.KerasFixture.legacyNamed;
import static io.cellbelt.models.keras.KerasFixture.matrix;
import static io.cellbelt.models.keras.KerasFixture.node;
import static io.cellbelt.models.keras.KerasFixture.nodes;
import static io.cellbelt.models.keras.KerasFixture.operators;
import static io.cellbelt.models.keras.KerasFixture.ports;
import static io.cellbelt.models.keras.KerasFixture.recurrent;
import static io.cellbelt.models.keras.KerasFixture.sequential;
import static io.cellbelt.models.keras.KerasFixture.vector;
import static org.assertj.core.api.Assertions.assertThat;

import io.cellbelt.graphs.Graph;
import io.cellbelt.graphs.Node;
import java.io.IOException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Models whose layers take values from several others, and masks on their way. */
final class KerasFunctionalTest {
  private static final String TWO = "\"units\":2";
  private static final String SEQUENCES = "\"return_sequences\":true";
  private static final String FROM_X = "[[\"x\",0,0,{}]]";

  @TempDir Path folder;

  private Path file(String config, Map<String, Object[]> weights) {
    return legacy(folder.resolve("model.h5"), "2.3.0-tf", config, weights);
  }

  private Graph read(String config, Map<String, Object[]> weights) throws IOException {
    return KerasReader.read(file(config, weights));
  }

  private static Object[] dense(int features, int units) {
    return new Object[] {matrix(features, units), vector(units)};
  }

  @Test
  void severalInputsAndOutputsKeepTheirNamesAndOrder() throws IOException {
    String config =
        functional(
            "[[\"b\",0,0],[\"a\",0,0]]",
            "[[\"sum\",0,0],[\"head\",0,0]]",
            input("a", "null,3"),
            input("b", "null,3"),
            called(layer("Add", "sum"), "[[\"a\",0,0,{}],[\"b\",0,0,{}]]"),
            called(layer("Dense", "head", TWO), "[[\"sum\",0,0,{}]]"));
    Graph graph = read(config, Map.of("head", dense(3, 2)));
    assertThat(ports(graph.inputs())).containsExactly("b [batch, 3]", "a [batch, 3]");
    assertThat(ports(graph.outputs())).containsExactly("sum [batch, 3]", "head [batch, 2]");
    assertThat(node(graph, "Sum").inputs()).containsExactly("a", "b");
  }

  @Test
  void aSharedLayerHasItsWeightsOnce() throws IOException {
    String config =
        functional(
            "[[\"a\",0,0],[\"b\",0,0]]",
            "[[\"both\",0,0]]",
            input("a", "null,5,3"),
            input("b", "null,null,3"),
            called(layer("LSTM", "rnn", TWO), "[[\"a\",0,0,{}]]", "[[\"b\",0,0,{}]]"),
            called(layer("Concatenate", "both"), "[[\"rnn\",0,0,{}],[\"rnn\",1,0,{}]]"));
    Graph graph = read(config, Map.of("rnn", recurrent(3, 2, 4)));
    List<Node> calls = nodes(graph, "LSTM");
    assertThat(calls).hasSize(2);
    assertThat(calls.getFirst().inputs()).containsExactly("a", "rnn.W", "rnn.R", "rnn.B");
    assertThat(calls.get(1).inputs()).containsExactly("b", "rnn.W", "rnn.R", "rnn.B");
    assertThat(node(graph, "Concat").inputs()).containsExactly("rnn", "rnn#2");
    // Only one of the inputs is open in time.
    assertThat(ports(graph.inputs())).containsExactly("a [batch, 5, 3]", "b [batch, time, 3]");
  }

  /** In the order in which calls can run, and not in that of the file. */
  @Test
  void layersMayStandInAnyOrder() throws IOException {
    String config =
        functional(
            "[\"x\",0,0]",
            "[\"second\",0,0]",
            called(layer("Dense", "second", TWO), "[[\"first\",0,0,{}]]"),
            called(layer("Dense", "first", TWO), FROM_X),
            input("x", "null,3"));
    Graph graph = read(config, Map.of("first", dense(3, 2), "second", dense(2, 2)));
    assertThat(nodes(graph, "MatMul").getFirst().inputs()).containsExactly("x", "first.kernel");
  }

  /** The call that made a model counts in most versions, and did not in some. */
  @ParameterizedTest
  @ValueSource(ints = {0, 1})
  void aNestedModelIsCalledWithEitherNumbering(int first) throws IOException {
    String inner =
        functional(
            "[[\"y\",0,0]]",
            "[[\"norm\",0,0]]",
            input("y", "null,3"),
            called(layer("Dense", "inside", TWO), "[[\"y\",0,0,{}]]"),
            called(layer("BatchNormalization", "norm"), "[[\"inside\",0,0,{}]]"));
    String config =
        functional(
            "[[\"x\",0,0]]",
            "[[\"sum\",0,0]]",
            input("x", "null,3"),
            called(inner.replace("\"name\":\"model\"", "\"name\":\"nested\""), FROM_X, FROM_X),
            called(
                layer("Add", "sum"),
                "[[\"nested\",%d,0,{}],[\"nested\",%d,0,{}]]".formatted(first, first + 1)));
    // Statistics stand behind all that is trained.
    Map<String, Object> arrays = new LinkedHashMap<>();
    arrays.put("inside/kernel:0", matrix(3, 2));
    arrays.put("inside/bias:0", vector(2));
    arrays.put("norm/gamma:0", new float[] {2, 4});
    arrays.put("norm/beta:0", new float[] {0, 1});
    arrays.put("norm/moving_mean:0", new float[] {3, 0});
    arrays.put("norm/moving_variance:0", new float[] {1, 4});
    Graph graph =
        KerasReader.read(
            legacyNamed(folder.resolve("model.h5"), "2.3.0-tf", config, Map.of("nested", arrays)));
    assertThat(operators(graph)).isEqualTo("MatMul Add Mul Add MatMul Add Mul Add Sum");
    assertThat(graph.constants()).containsKeys("nested/inside.kernel", "nested/norm.scale");
    assertThat(graph.constants().get("nested/norm.offset").floats()[1]).isEqualTo(1);
  }

  @Test
  void valuesOfKeras3AreObjects() throws IOException {
    String x = keras3("x");
    String config =
        functional(
            "[[\"x\",0,0]]",
            "[[\"rnn\",0,0]]",
            input("x", "null,5"),
            called(
                layer("Embedding", "ids", "\"input_dim\":9", "\"output_dim\":3"),
                "{\"args\":[" + x + "],\"kwargs\":{}}"),
            called(
                layer("NotEqual", "differs").replace("{\"class", "{\"module\":\"a.ops.b\",\"class"),
                "{\"args\":[" + x + ",0],\"kwargs\":{}}"),
            called(
                layer("GRU", "rnn", TWO),
                "{\"args\":["
                    + keras3("ids")
                    + "],\"kwargs\":{\"training\":false,\"mask\":"
                    + keras3("differs")
                    + "}}"));
    Map<String, Object[]> weights =
        Map.of("ids", new Object[] {matrix(9, 3)}, "rnn", recurrent(3, 2, 3));
    Graph graph = read(config, weights);
    assertThat(operators(graph)).isEqualTo("Cast Gather Equal Not MaskedGRU Squeeze");
    assertThat(node(graph, "MaskedGRU").inputs()).hasSize(7).endsWith("differs");
  }

  private static String keras3(String layer) {
    return "{\"class_name\":\"__keras_tensor__\",\"config\":{\"keras_history\":[\"%s\",0,0]}}"
        .formatted(layer);
  }

  @Test
  void layersInACircleAreRefused() {
    String config =
        functional(
            "[[\"x\",0,0]]",
            "[[\"b\",0,0]]",
            input("x", "null,3"),
            called(layer("Add", "a"), "[[\"x\",0,0,{}],[\"b\",0,0,{}]]"),
            called(layer("Activation", "b"), "[[\"a\",0,0,{}]]"));
    assertRefused(file(config, Map.of("none", new Object[0])), "\"a\", \"b\"", "in a circle");
  }

  @Test
  void anOutputThatThereIsNotIsRefused() {
    String config =
        functional(
            "[[\"x\",0,0]]",
            "[[\"b\",0,3]]",
            input("x", "null,3"),
            called(layer("Activation", "b"), FROM_X));
    assertRefused(file(config, Map.of("none", new Object[0])), "output 3 of the layer \"b\"");
  }

  @Test
  void aLayerThatChangesNothingMayBeAnOutput() throws IOException {
    String config =
        functional(
            "[[\"x\",0,0]]",
            "[[\"drop\",0,0],[\"x\",0,0]]",
            input("x", "null,3"),
            called(layer("Dropout", "drop", "\"rate\":0.5"), FROM_X));
    Graph graph = read(config, Map.of("none", new Object[0]));
    assertThat(ports(graph.outputs())).containsExactly("drop [batch, 3]", "x#2 [batch, 3]");
    assertThat(operators(graph)).isEqualTo("Identity Identity");
  }

  private Graph masked(String layer, Map<String, Object[]> weights) throws IOException {
    String embedding =
        layer("Embedding", "ids", "\"input_dim\":9", "\"output_dim\":3", "\"mask_zero\":true");
    Map<String, Object[]> all = new LinkedHashMap<>(weights);
    all.put("ids", new Object[] {matrix(9, 3)});
    String rnn = layer("GRU", "rnn", TWO);
    all.put("rnn", recurrent(3, 2, 3));
    return read(sequential("null,5", embedding, layer, rnn), all);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"Dropout", "Activation", "GaussianNoise", "SpatialDropout1D", "LeakyReLU"})
  void layersOfSingleStepsHandTheMaskOn(String className) throws IOException {
    Graph graph = masked(layer(className, "between"), Map.of());
    assertThat(node(graph, "MaskedGRU").inputs()).endsWith("ids/Not");
  }

  @Test
  void denseAndRecurrentLayersHandTheMaskOn() throws IOException {
    Map<String, Object[]> dense = Map.of("between", dense(3, 3));
    String units = "\"units\":3";
    assertThat(operators(masked(layer("Dense", "between", units), dense))).contains("MaskedGRU");
    String each = layer("Dense", "inner", units);
    assertThat(operators(masked(layer("TimeDistributed", "between", "\"layer\":" + each), dense)))
        .contains("MaskedGRU");
    Graph both =
        masked(
            layer("SimpleRNN", "between", units, SEQUENCES), Map.of("between", recurrent(3, 3, 1)));
    assertThat(operators(both)).contains("MaskedRNN", "MaskedGRU");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "\"Permute\",\"dims\":[1,2]",
        "\"Reshape\",\"target_shape\":[5,3]",
        "\"MaxPooling1D\",\"pool_size\":1",
        "\"ZeroPadding1D\",\"padding\":1"
      })
  void layersThatMoveStepsDropTheMask(String classAndOption) throws IOException {
    String[] parts = classAndOption.split(",", 2);
    Graph graph = masked(layer(parts[0].replace("\"", ""), "between", parts[1]), Map.of());
    assertThat(operators(graph)).contains(" GRU").doesNotContain("Masked");
  }

  @Test
  void theMeanOverTimeLeavesMaskedStepsOut() throws IOException {
    String config =
        sequential("null,5,3", layer("Masking", "mask"), layer("GlobalAveragePooling1D", "mean"));
    assertThat(operators(read(config, Map.of("none", new Object[0]))))
        .endsWith("Cast Unsqueeze Mul ReduceSum ReduceSum Div");
  }

  private Path merged(String version, String className) {
    String merge = layer(className, "sum", "\"trainable\":true");
    String config =
        functional(
            "[[\"a\",0,0],[\"b\",0,0]]",
            "[[\"rnn\",0,0]]",
            input("a", "null,5,3"),
            input("b", "null,5,3"),
            called(layer("Masking", "m"), "[[\"a\",0,0,{}]]"),
            called(layer("Masking", "n"), "[[\"b\",0,0,{}]]"),
            called(merge, "[[\"m\",0,0,{}],[\"n\",0,0,{}]]"),
            called(layer("GRU", "rnn", TWO), "[[\"sum\",0,0,{}]]"));
    return legacy(folder.resolve("merged.h5"), version, config, Map.of("rnn", recurrent(3, 2, 3)));
  }

  @Test
  void differentMasksMeetByTheRulesOfTheVersion() throws IOException {
    assertThat(operators(KerasReader.read(merged("2.3.0", "Add")))).contains("And MaskedGRU");
    assertThat(operators(KerasReader.read(merged("3.5.0", "Add")))).contains("Or MaskedGRU");
    assertThat(operators(KerasReader.read(merged("3.5.0", "Maximum"))))
        .contains("Where Unsqueeze Where Max MaskedGRU");
    assertRefused(
        merged("3.3.0", "Add"), "GRU \"rnn\": its input merges others", "before version 3.4");
  }

  /** In Keras 3, the operator + is a layer of the class that a layer has, too. */
  @Test
  void functionsAreNotTakenForLayersOfTheirName() throws IOException {
    String config =
        functional(
            "[[\"x\",0,0]]",
            "[[\"sum\",0,0]]",
            input("x", "null,3"),
            called(layer("Add", "sum"), "{\"args\":[" + keras3("x") + ",2.5],\"kwargs\":{}}"));
    Path file = legacy(folder.resolve("m.h5"), "3.5.0", config, Map.of("none", new Object[0]));
    assertThat(node(KerasReader.read(file), "Add").inputs()).containsExactly("x", "float 2.5");
    String layer = config.replace("\"name\":\"sum\"}", "\"name\":\"sum\",\"trainable\":true}");
    assertRefused(
        legacy(folder.resolve("m.h5"), "3.5.0", layer, Map.of("none", new Object[0])),
        "Add \"sum\": it is called with 2 arguments, but 1 are supported");
  }

  @Test
  void partsOfValuesAreTakenAsInPython() throws IOException {
    String slice = "{\"class_name\":\"__slice__\",\"config\":{\"start\":%s,\"stop\":%s}}";
    String index = "[" + slice.formatted("null", "null") + ",-1]";
    String config =
        functional(
            "[[\"x\",0,0]]",
            "[[\"last\",0,0],[\"some\",0,0]]",
            input("x", "null,5,3"),
            called(
                layer("GetItem", "last"),
                "{\"args\":[" + keras3("x") + "," + index + "],\"kwargs\":{}}"),
            called(
                layer("GetItem", "some"),
                "{\"args\":["
                    + keras3("x")
                    + ",["
                    + slice.formatted("null", "null")
                    + ","
                    + slice.formatted("1", "-1")
                    + "]],\"kwargs\":{}}"));
    Graph graph =
        KerasReader.read(
            legacy(folder.resolve("m.h5"), "3.5.0", config, Map.of("none", new Object[0])));
    assertThat(ports(graph.outputs())).containsExactly("last [batch, 3]", "some [batch, 3, 3]");
    assertThat(operators(graph)).isEqualTo("Slice Squeeze Slice");
  }
}
