package io.cellbelt.propertytests.models;

import static org.assertj.core.api.Assertions.assertThat;

import io.cellbelt.cells.Weights;
import io.cellbelt.models.Model;
import io.cellbelt.models.ModelFiles;
import io.cellbelt.models.PyTorch;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.SplittableRandom;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.lifecycle.AfterContainer;
import net.jqwik.api.lifecycle.BeforeContainer;

/** State dicts with any names, sizes, types and neighbours open with the weights that they hold. */
class StateDictProperties {
  private static Path folder;

  @BeforeContainer
  static void makeFolder() throws IOException {
    folder = Files.createTempDirectory("state-dicts");
  }

  @AfterContainer
  static void deleteFolder() throws IOException {
    Files.deleteIfExists(folder.resolve("model.safetensors"));
    Files.delete(folder);
  }

  /** PyTorch's modules; the cells have one layer and one direction. */
  enum Kind {
    RNN("rnn", 1, false, false),
    GRU("gru", 3, false, false),
    LSTM("lstm", 4, false, false),
    PROJECTED("lstm", 4, true, false),
    RNN_CELL("rnn", 1, false, true),
    GRU_CELL("gru", 3, false, true),
    LSTM_CELL("lstm", 4, false, true);

    private final String name;
    private final int gates;
    private final boolean projected;
    private final boolean cell;

    Kind(String name, int gates, boolean projected, boolean cell) {
      this.name = name;
      this.gates = gates;
      this.projected = projected;
      this.cell = cell;
    }
  }

  /** A module's shape. */
  record Shape(Kind kind, int inputs, int hidden, int layers, boolean both, boolean biases) {
    int depth() {
      return kind.cell ? 1 : layers;
    }

    int directions() {
      return both && !kind.cell ? 2 : 1;
    }

    /** Length of h. */
    int projection() {
      return kind.projected ? 1 + hidden / 2 : hidden;
    }

    int outputs() {
      return directions() * projection();
    }
  }

  @Provide
  Arbitrary<Shape> shapes() {
    Arbitrary<Integer> sizes = Arbitraries.integers().between(1, 6);
    return Combinators.combine(
            Arbitraries.of(Kind.class),
            sizes,
            sizes,
            Arbitraries.integers().between(1, 3),
            Arbitraries.of(true, false),
            Arbitraries.of(true, false))
        .as(Shape::new);
  }

  /** Names of members, dots among them. */
  @Provide
  Arbitrary<String> members() {
    Arbitrary<String> part =
        Arbitraries.oneOf(
            Arbitraries.of("lstm", "0", "encoder", "weight", "module", "net_l0", "größe", "\n\"\\"),
            Arbitraries.strings().ofMinLength(1).ofMaxLength(4).filter(StateDictProperties::sound));
    return part.list().ofMinSize(0).ofMaxSize(3).map(parts -> String.join(".", parts));
  }

  private static boolean sound(String text) {
    return StandardCharsets.UTF_8.newEncoder().canEncode(text);
  }

  @Property(tries = 300)
  void whatIsWrittenIsRead(
      @ForAll("shapes") Shape shape,
      @ForAll("members") String member,
      @ForAll StateDictFile.Type type,
      @ForAll @IntRange(max = 3) int head,
      @ForAll @IntRange(max = 3) int vocabulary,
      @ForAll boolean others,
      @ForAll long seed)
      throws IOException {
    StateDictFile file = new StateDictFile(type, new SplittableRandom(seed));
    Map<String, float[]> expected = new LinkedHashMap<>();
    PyTorch builder = PyTorch.module(member).rounded();
    if (vocabulary > 0) {
      builder = builder.embedding("a table of tokens");
      expected.put(
          "embedding.weight", file.add("a table of tokens.weight", vocabulary, shape.inputs()));
    }
    addModule(file, shape, member.isEmpty() ? "" : member + ".", expected);
    if (head > 0) {
      builder = builder.head("out.");
      expected.put("head.weight", file.add("out.weight", head, shape.outputs()));
      expected.put("head.bias", seed % 2 == 0 ? file.add("out.bias", head) : new float[head]);
    }
    if (others) {
      file.addOthers();
    }
    Path path = folder.resolve("model.safetensors");
    Files.write(path, file.bytes());

    assertSame(builder.read(path), expected);
    boolean alone = head == 0 && vocabulary == 0 && !others;
    if (alone && type != StateDictFile.Type.F64) {
      assertSame(ModelFiles.read(path), expected);
    }
  }

  private static void addModule(
      StateDictFile file, Shape shape, String prefix, Map<String, float[]> expected) {
    for (int layer = 0; layer < shape.depth(); layer++) {
      int inputs = layer == 0 ? shape.inputs() : shape.outputs();
      for (int d = 0; d < shape.directions(); d++) {
        String reverse = d == 1 ? "_reverse" : "";
        String suffix = (shape.kind().cell ? "" : "_l" + layer) + reverse;
        String name = shape.kind().name + ".%s_l" + layer + reverse;
        int rows = shape.kind().gates * shape.hidden();
        float[] w = file.add(prefix + "weight_ih" + suffix, rows, inputs);
        float[] u = file.add(prefix + "weight_hh" + suffix, rows, shape.projection());
        expected.put(name.replace("%s", "weight_ih"), w);
        expected.put(name.replace("%s", "weight_hh"), u);
        float[] ofInput = new float[rows];
        float[] ofHidden = new float[rows];
        if (shape.biases()) {
          ofInput = file.add(prefix + "bias_ih" + suffix, rows);
          ofHidden = file.add(prefix + "bias_hh" + suffix, rows);
        }
        expected.put(name.replace("%s", "bias"), bias(shape, ofInput, ofHidden));
        if (shape.kind().projected) {
          float[] p = file.add(prefix + "weight_hr" + suffix, shape.projection(), shape.hidden());
          expected.put(name.replace("%s", "weight_hr"), p);
        }
      }
    }
  }

  /** One bias of two; the n of a GRU keeps both. */
  private static float[] bias(Shape shape, float[] ofInput, float[] ofHidden) {
    int rows = ofInput.length;
    int summed = shape.kind().gates == 3 ? 2 * shape.hidden() : rows;
    float[] bias = new float[2 * rows - summed];
    for (int i = 0; i < rows; i++) {
      bias[i] = ofInput[i];
      if (i < summed) {
        bias[i] += ofHidden[i];
      } else {
        bias[i + rows - summed] = ofHidden[i];
      }
    }
    return bias;
  }

  private static void assertSame(Model model, Map<String, float[]> expected) {
    Weights weights = model.weights();
    Map<String, float[]> values = weights.values();
    assertThat(values.keySet()).isEqualTo(expected.keySet());
    values.forEach((name, tensor) -> assertThat(tensor).as(name).isEqualTo(expected.get(name)));
  }
}
