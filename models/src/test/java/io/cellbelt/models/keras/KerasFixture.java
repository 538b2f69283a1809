package io.cellbelt.models.keras;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.cellbelt.graphs.Attribute;
import io.cellbelt.graphs.Graph;
import io.cellbelt.graphs.Node;
import io.cellbelt.graphs.Port;
import io.cellbelt.models.ModelFileException;
import io.jhdf.HdfFile;
import io.jhdf.WritableHdfFile;
import io.jhdf.api.WritableGroup;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;

/** Small files as Keras writes them. */
final class KerasFixture {
  private KerasFixture() {}

  /** A layer as JSON, with options such as {@code "units":2}. */
  static String layer(String className, String name, String... options) {
    String all = options.length == 0 ? "" : "," + String.join(",", options);
    return "{\"class_name\":\"%s\",\"config\":{\"name\":\"%s\"%s}}".formatted(className, name, all);
  }

  /** A sequential model of these layers, behind an input of a shape such as {@code null,5,3}. */
  static String sequential(String shape, String... layers) {
    String input = layer("InputLayer", "x", "\"batch_input_shape\":[" + shape + "]");
    return "{\"class_name\":\"Sequential\",\"config\":{\"name\":\"model\",\"layers\":["
        + input
        + ","
        + String.join(",", layers)
        + "]}}";
  }

  /** A functional model; its layers are {@link #called}. */
  static String functional(String inputs, String outputs, String... layers) {
    return "{\"class_name\":\"Functional\",\"config\":{\"name\":\"model\",\"layers\":["
        + String.join(",", layers)
        + "],\"input_layers\":"
        + inputs
        + ",\"output_layers\":"
        + outputs
        + "}}";
  }

  /** A layer with its calls, such as {@code [["x",0,0,{}]]}. */
  static String called(String layer, String... calls) {
    String name = layer.replaceFirst(".*?\"name\":\"([^\"]*)\".*", "$1");
    return layer.substring(0, layer.length() - 1)
        + ",\"name\":\""
        + name
        + "\",\"inbound_nodes\":["
        + String.join(",", calls)
        + "]}";
  }

  /** An input layer of a functional model. */
  static String input(String name, String shape) {
    return called(layer("InputLayer", name, "\"batch_input_shape\":[" + shape + "]"));
  }

  /** A matrix in which each element tells its column, and its row as a fraction. */
  static float[][] matrix(int rows, int columns) {
    float[][] matrix = new float[rows][columns];
    for (int row = 0; row < rows; row++) {
      for (int column = 0; column < columns; column++) {
        matrix[row][column] = column + row / 16f;
      }
    }
    return matrix;
  }

  /** A vector in which each element tells its place. */
  static float[] vector(int size) {
    return matrix(1, size)[0];
  }

  /** Kernel, recurrent kernel and bias of a recurrent layer with some gates. */
  static Object[] recurrent(int features, int units, int gates) {
    return new Object[] {
      matrix(features, gates * units), matrix(units, gates * units), vector(gates * units)
    };
  }

  /**
   * Writes a file of Keras 2.
   *
   * @param weights the arrays of each layer
   */
  static Path legacy(Path file, String version, String config, Map<String, Object[]> weights) {
    Map<String, Map<String, Object>> named = new LinkedHashMap<>();
    weights.forEach(
        (layer, arrays) -> {
          Map<String, Object> all = new LinkedHashMap<>();
          for (int i = 0; i < arrays.length; i++) {
            all.put("w" + i + ":0", arrays[i]);
          }
          named.put(layer, all);
        });
    return legacyNamed(file, version, config, named);
  }

  /** Writes a file of Keras 1 or 2, whose arrays have these names. */
  static Path legacyNamed(
      Path file, String version, String config, Map<String, Map<String, Object>> weights) {
    try (WritableHdfFile hdf = HdfFile.write(file)) {
      hdf.putAttribute("keras_version", version);
      hdf.putAttribute("backend", version.contains("theano") ? "theano" : "tensorflow");
      if (config != null) {
        hdf.putAttribute("model_config", config);
      }
      WritableGroup root = hdf.putGroup("model_weights");
      root.putAttribute("layer_names", weights.keySet().toArray(String[]::new));
      weights.forEach(
          (layer, arrays) -> {
            WritableGroup group = root.putGroup(layer);
            if (!arrays.isEmpty()) {
              group.putAttribute("weight_names", arrays.keySet().toArray(String[]::new));
            }
            Map<String, WritableGroup> groups = new LinkedHashMap<>();
            arrays.forEach(
                (name, array) -> {
                  int slash = name.indexOf('/');
                  WritableGroup owner =
                      slash < 0
                          ? group
                          : groups.computeIfAbsent(name.substring(0, slash), group::putGroup);
                  owner.putDataset(name.substring(slash + 1), array);
                });
          });
    }
    return file;
  }

  /** Writes an archive of Keras 2.12 or later; arrays by path, all of it one name on Windows. */
  static Path archive(
      Path file, String version, String config, Map<String, Object[]> weights, boolean onWindows)
      throws IOException {
    Path hdf = Files.createTempFile(file.toAbsolutePath().getParent(), "weights", ".h5");
    try (WritableHdfFile root = HdfFile.write(hdf)) {
      Map<String, WritableGroup> groups = new LinkedHashMap<>();
      weights.forEach(
          (path, arrays) -> {
            WritableGroup owner =
                onWindows ? root.putGroup(path.replace('/', '\\')) : group(root, groups, path);
            WritableGroup vars = owner.putGroup("vars");
            for (int i = 0; i < arrays.length; i++) {
              vars.putDataset(Integer.toString(i), arrays[i]);
            }
          });
    }
    byte[] bytes = Files.readAllBytes(hdf);
    Files.delete(hdf);
    return zip(
        file,
        Map.of(
            "config.json", config.getBytes(StandardCharsets.UTF_8),
            "metadata.json",
                "{\"keras_version\": \"%s\"}".formatted(version).getBytes(StandardCharsets.UTF_8),
            "model.weights.h5", bytes));
  }

  private static WritableGroup group(
      WritableGroup root, Map<String, WritableGroup> groups, String path) {
    WritableGroup known = groups.get(path);
    if (known == null) {
      int slash = path.lastIndexOf('/');
      WritableGroup parent = slash < 0 ? root : group(root, groups, path.substring(0, slash));
      known = parent.putGroup(path.substring(slash + 1));
      groups.put(path, known);
    }
    return known;
  }

  static Path zip(Path file, Map<String, byte[]> entries) throws IOException {
    try (OutputStream out = Files.newOutputStream(file);
        ZipOutputStream zip = new ZipOutputStream(out)) {
      for (Map.Entry<String, byte[]> entry : entries.entrySet()) {
        zip.putNextEntry(new ZipEntry(entry.getKey()));
        zip.write(entry.getValue());
        zip.closeEntry();
      }
    }
    return file;
  }

  /** The operators of a graph in order, with a space between. */
  static String operators(Graph graph) {
    return graph.nodes().stream().map(Node::operator).collect(Collectors.joining(" "));
  }

  /** The only node with an operator. */
  static Node node(Graph graph, String operator) {
    List<Node> all = nodes(graph, operator);
    if (all.size() != 1) {
      throw new AssertionError(all.size() + " nodes " + operator + " in " + operators(graph));
    }
    return all.getFirst();
  }

  static List<Node> nodes(Graph graph, String operator) {
    return graph.nodes().stream().filter(node -> node.operator().equals(operator)).toList();
  }

  /** What an attribute is, without its kind. */
  static Object attribute(Node node, String name) {
    return switch (node.attributes().get(name)) {
      case Attribute.Whole one -> one.value();
      case Attribute.Real one -> one.value();
      case Attribute.Text one -> one.value();
      case Attribute.Wholes all -> all.values();
      case Attribute.Reals all -> all.values();
      case Attribute.Texts all -> all.values();
      case null -> "none";
      default -> throw new AssertionError(name);
    };
  }

  /** Names and shapes, such as {@code x [batch, 5]}. */
  static List<String> ports(List<Port> ports) {
    return ports.stream().map(port -> port.name() + " " + port.shape()).toList();
  }

  /** The file is refused, and the message has all these parts. */
  static void assertRefused(Path file, String... parts) {
    assertThatThrownBy(() -> KerasReader.read(file))
        .isInstanceOf(ModelFileException.class)
        .hasMessageStartingWith("Cannot read " + file + ": ")
        .hasMessageContainingAll(parts)
        .message()
        .doesNotContain("Exception")
        .endsWith(".");
  }
}
