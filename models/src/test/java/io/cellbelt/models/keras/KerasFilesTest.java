package io.cellbelt.models.keras;

import static io.cellbelt.models.keras.KerasFixture.archive;
import static io.cellbelt.models.keras.KerasFixture.assertRefused;
import static io.cellbelt.models.keras.KerasFixture.layer;
import static io.cellbelt.models.keras.KerasFixture.legacy;
import static io.cellbelt.models.keras.KerasFixture.matrix;
import static io.cellbelt.models.keras.KerasFixture.node;
import static io.cellbelt.models.keras.KerasFixture.operators;
import static io.cellbelt.models.keras.KerasFixture.ports;
import static io.cellbelt.models.keras.KerasFixture.recurrent;
import static io.cellbelt.models.keras.KerasFixture.sequential;
import static io.cellbelt.models.keras.KerasFixture.vector;
import static io.cellbelt.models.keras.KerasFixture.zip;
import static org.assertj.core.api.Assertions.assertThat;

import io.cellbelt.graphs.Graph;
import io.cellbelt.models.ModelFileException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Random;
import java.util.zip.CRC32;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** All forms of files, and files that are damaged or made to do harm. */
final class KerasFilesTest {
  private static final String TWO_LAYERS =
      sequential(
          "null,5,3",
          layer("LSTM", "encoder", "\"units\":2", "\"return_sequences\":true"),
          layer("LSTM", "decoder", "\"units\":2"),
          layer("Dense", "head", "\"units\":1"));

  private static final Object[] DENSE = {matrix(2, 1), vector(1)};

  @TempDir Path folder;

  private static void assertTwoLayers(Graph graph) {
    assertThat(ports(graph.inputs())).containsExactly("x [batch, 5, 3]");
    assertThat(ports(graph.outputs())).containsExactly("head [batch, 1]");
    assertThat(operators(graph)).isEqualTo("LSTM Squeeze LSTM Squeeze MatMul Add");
    assertThat(graph.constants().get("encoder.W").shape()).containsExactly(1, 8, 3);
    assertThat(graph.constants().get("decoder.W").shape()).containsExactly(1, 8, 2);
  }

  private static Map<String, Object[]> grouped(String container, String first, String second) {
    Map<String, Object[]> weights = new LinkedHashMap<>();
    weights.put(container + "/" + first + "/cell", recurrent(3, 2, 4));
    weights.put(container + "/" + second + "/cell", recurrent(2, 2, 4));
    weights.put(container + "/dense", DENSE);
    weights.put("optimizer", new Object[] {matrix(3, 8), matrix(2, 8)});
    return weights;
  }

  /** Groups are called after classes and their order, and not after the layers. */
  @ParameterizedTest
  @CsvSource({
    "3.4.0, layers, lstm, lstm_1, false",
    "2.15.0, layers, lstm, lstm_1, true",
    "2.12.0, _layer_checkpoint_dependencies, lstm, lstm_2, false",
    "2.12.0, _layer_checkpoint_dependencies, lstm, lstm_2, true",
    "3.0.0, layers, encoder, decoder, false"
  })
  void groupsOfArchivesAreFound(
      String version, String container, String first, String second, boolean onWindows)
      throws IOException {
    assertTwoLayers(
        KerasReader.read(
            archive(
                folder.resolve("model.keras"),
                version,
                TWO_LAYERS,
                grouped(container, first, second),
                onWindows)));
  }

  @Test
  void theTenthGroupOfAClassComesAfterTheNinth() throws IOException {
    String[] layers = new String[11];
    Map<String, Object[]> weights = new LinkedHashMap<>();
    for (int i = 0; i < layers.length; i++) {
      layers[i] = layer("Dense", "d" + (char) ('a' + i), "\"units\":1", "\"use_bias\":false");
      weights.put("layers/dense" + (i == 0 ? "" : "_" + i), new Object[] {new float[][] {{i}}});
    }
    Graph graph =
        KerasReader.read(
            archive(
                folder.resolve("m.keras"), "3.0.0", sequential("null,1", layers), weights, false));
    assertThat(graph.constants().get("dk.kernel").floats()).containsExactly(10);
    assertThat(graph.constants().get("dc.kernel").floats()).containsExactly(2);
  }

  @ParameterizedTest
  @ValueSource(strings = {"model.h5", "model.keras", "model"})
  void whatAFileIsItsContentSays(String name) throws IOException {
    assertTwoLayers(KerasReader.read(legacy(folder.resolve(name), "2.3.0", TWO_LAYERS, named())));
  }

  private static Map<String, Object[]> named() {
    Map<String, Object[]> weights = new LinkedHashMap<>();
    weights.put("encoder", recurrent(3, 2, 4));
    weights.put("none", new Object[0]);
    weights.put("decoder", recurrent(2, 2, 4));
    weights.put("head", DENSE);
    return weights;
  }

  @Test
  void weightsUnderOtherNamesAreTakenInOrder() throws IOException {
    Map<String, Object[]> weights = new LinkedHashMap<>();
    weights.put("lstm_7", recurrent(3, 2, 4));
    weights.put("lstm_8", recurrent(2, 2, 4));
    weights.put("dense_4", DENSE);
    assertTwoLayers(KerasReader.read(legacy(folder.resolve("m.h5"), "2.3.0", TWO_LAYERS, weights)));
  }

  @ParameterizedTest
  @CsvSource({"model.json, model.h5", "config.json, weights.h5", "a.json, b.h5"})
  void configAndWeightsMayBeApart(String config, String weights) throws IOException {
    Files.writeString(folder.resolve(config), TWO_LAYERS);
    legacy(folder.resolve(weights), "2.3.0", null, named());
    assertTwoLayers(KerasReader.read(folder.resolve(config)));
    assertTwoLayers(KerasReader.read(folder.resolve(weights)));
    assertTwoLayers(KerasReader.read(folder));
  }

  @Test
  void oneOfConfigAndWeightsIsNotEnough() throws IOException {
    Path config = Files.writeString(folder.resolve("config.json"), TWO_LAYERS);
    assertRefused(config, "its weights are not beside it");
    Files.delete(config);
    assertRefused(
        legacy(folder.resolve("weights.h5"), "2.3.0", null, named()),
        "weights without the model that they belong to");
    assertRefused(folder, "a folder without the config");
  }

  @Test
  void weightsOfAnotherModelAreRefused() {
    Map<String, Object[]> weights = named();
    weights.put("decoder", recurrent(3, 2, 4));
    weights.put("head", new Object[] {matrix(2, 1), vector(1), vector(3)});
    assertRefused(
        legacy(folder.resolve("m.h5"), "2.3.0", TWO_LAYERS, weights),
        "LSTM \"decoder\": its kernel should have the shape [2, 8] by its config and its input,"
            + " but is \"w0:0\" [3, 8]");
    weights.put("decoder", recurrent(2, 2, 4));
    assertRefused(
        legacy(folder.resolve("m.h5"), "2.3.0", TWO_LAYERS, weights),
        "Dense \"head\": the file has 1 arrays more for it than its config asks for");
    weights.put("head", new Object[] {matrix(2, 1)});
    assertRefused(
        legacy(folder.resolve("m.h5"), "2.3.0", TWO_LAYERS, weights),
        "Dense \"head\": its bias is missing in the file");
    weights.remove("decoder");
    assertRefused(
        legacy(folder.resolve("m.h5"), "2.3.0", TWO_LAYERS, weights),
        "no layer there is called \"decoder\"");
  }

  @Test
  void aSubclassedModelIsRefused() {
    assertRefused(
        legacy(
            folder.resolve("m.h5"),
            "2.3.0",
            "{\"class_name\":\"Mine\",\"config\":{\"name\":\"mine\"}}",
            named()),
        "the class \"Mine\" is a model by Python code");
  }

  @Test
  void archivesWithoutTheirPartsAreRefused() throws IOException {
    byte[] config = TWO_LAYERS.getBytes(StandardCharsets.UTF_8);
    Path file = folder.resolve("m.keras");
    assertRefused(zip(file, Map.of("a.txt", config)), "without config.json");
    assertRefused(zip(file, Map.of("config.json", config)), "it has no weights");
    assertRefused(
        zip(file, Map.of("config.json", config, "model.weights.npz", config)), "model.weights.npz");
    assertRefused(
        zip(file, Map.of("config.json", config, "model.weights.h5", config)), "HDF5 content");
    assertRefused(
        zip(file, Map.of("config.json", "{".getBytes(StandardCharsets.UTF_8))), "not valid JSON");
  }

  @Test
  void aDamagedPartOfAnArchiveIsRefused() throws IOException {
    byte[] config = TWO_LAYERS.getBytes(StandardCharsets.UTF_8);
    Path file = folder.resolve("m.keras");
    try (ZipOutputStream zip = new ZipOutputStream(Files.newOutputStream(file))) {
      zip.setMethod(ZipOutputStream.STORED);
      ZipEntry entry = new ZipEntry("config.json");
      CRC32 sum = new CRC32();
      sum.update(config);
      entry.setCrc(sum.getValue());
      entry.setSize(config.length);
      zip.putNextEntry(entry);
      zip.write(config);
    }
    byte[] bytes = Files.readAllBytes(file);
    bytes[100] ^= 1;
    Files.write(file, bytes);
    assertRefused(file, "its config.json is damaged, as it has another checksum");
  }

  @Test
  void anArchiveThatUnpacksToFarMoreIsRefused() throws IOException {
    byte[] zeros = new byte[64 << 20];
    assertRefused(
        zip(folder.resolve("m.keras"), Map.of("config.json", zeros)),
        "its config.json is more than 100 times as large as the whole archive");
  }

  @Test
  void deepNestingIsRefused() throws IOException {
    String layer = layer("Dense", "inner", "\"units\":1");
    for (int i = 0; i < 60; i++) {
      layer = layer("TimeDistributed", "outer", "\"layer\":" + layer);
    }
    assertRefused(
        legacy(folder.resolve("m.h5"), "2.3.0", sequential("null,5,3", layer), named()),
        "nested deeper than 32 levels");
    Path json = Files.writeString(folder.resolve("m.json"), "{\"a\":" + "[".repeat(100_000));
    assertRefused(json, "not valid JSON");
  }

  @ParameterizedTest
  @CsvSource({
    "'', it is no Keras model",
    "GGUF, it is no Keras model",
    "PK\u0003\u0004 and no more, a zip archive that is damaged",
    "'{}', its weights are not beside it"
  })
  void otherFilesAreRefused(String content, String message) throws IOException {
    assertRefused(Files.writeString(folder.resolve("file"), content), message);
  }

  @Test
  void aFileThatIsNotThereIsRefused() {
    assertRefused(folder.resolve("none.h5"), "there is no such file");
  }

  /** Whatever is changed, either a graph or a sentence comes out. */
  @Test
  void damagedFilesGiveSentences() throws IOException {
    byte[] whole = Files.readAllBytes(legacy(folder.resolve("m.h5"), "2.3.0", TWO_LAYERS, named()));
    Random random = new Random(5);
    int refused = 0;
    for (int i = 0; i < 600; i++) {
      byte[] damaged = whole.clone();
      if (i % 3 == 0) {
        damaged = Arrays.copyOf(whole, random.nextInt(whole.length));
      } else {
        for (int j = 0; j < 1 + i % 7; j++) {
          damaged[random.nextInt(whole.length)] = (byte) random.nextInt();
        }
      }
      Path file = Files.write(folder.resolve("damaged"), damaged);
      try {
        assertThat(KerasReader.read(file)).isNotNull();
      } catch (ModelFileException e) {
        refused++;
        assertThat(e).hasMessageEndingWith(".").hasMessageStartingWith("Cannot read ");
      }
    }
    assertThat(refused).isGreaterThan(200);
  }

  @Test
  void aModelWithoutTheShapeOfItsInputTakesItFromItsWeights() throws IOException {
    String config = TWO_LAYERS.replaceFirst("\\{\"class_name\":\"InputLayer\".*?\\}\\},", "");
    Graph graph = KerasReader.read(legacy(folder.resolve("m.h5"), "2.3.0", config, named()));
    assertThat(ports(graph.inputs())).containsExactly("input [batch, time, 3]");
    assertThat(node(graph, "MatMul").inputs()).endsWith("head.kernel");
  }
}
