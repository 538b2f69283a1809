package io.cellbelt.models.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.cellbelt.graphs.ElementType;
import io.cellbelt.graphs.ElementType.Storage;
import io.cellbelt.graphs.Tensor;
import io.cellbelt.models.ModelFileException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/** Tensors come back from every kind of file as they went in, and broken files are sentences. */
class ValueFilesTest {
  @TempDir Path folder;

  /** A tensor with the smallest and largest values of its type. */
  private static Tensor tensor(ElementType type, int... shape) {
    Random random = new Random(type.bits());
    int size = Arrays.stream(shape).reduce(1, (a, b) -> a * b);
    if (type.storage() == Storage.LONG) {
      long[] longs = random.longs(size).map(type::wrapped).toArray();
      if (size > 1) {
        longs[0] = type.wrapped(-1);
        longs[1] = type.wrapped(1L << Math.max(0, type.bits() - 1));
      }
      return Tensor.wrap(type, longs, shape);
    }
    if (type.storage() == Storage.DOUBLE) {
      double[] doubles = random.doubles(size, -1e300, 1e300).toArray();
      return Tensor.wrap(doubles, shape);
    }
    float[] floats = new float[size];
    for (int i = 0; i < size; i++) {
      floats[i] = type.rounded(random.nextFloat() * 100 - 50);
    }
    if (size > 1) {
      floats[0] = Float.NEGATIVE_INFINITY;
      floats[1] = Float.NaN;
    }
    return Tensor.wrap(type, floats, shape);
  }

  private static void same(Tensor actual, Tensor expected, ElementType type) {
    assertThat(actual.type()).isEqualTo(type);
    assertThat(actual.shape()).containsExactly(expected.shape());
    assertThat(actual.shared()).isEqualTo(expected.shared());
  }

  @ParameterizedTest
  @EnumSource
  void everyTypeComesBack(ElementType type) throws IOException {
    Map<String, Tensor> tensors = new LinkedHashMap<>();
    tensors.put("z", tensor(type, 3, 4));
    tensors.put("a/b", tensor(type));
    tensors.put("größe", tensor(type, 0, 5));
    tensors.put("long", tensor(type, 66_001));
    for (String ending : List.of(".safetensors", ".npz")) {
      Path file = folder.resolve("values" + ending);
      ValueFiles.write(file, tensors);
      Map<String, Tensor> read = ValueFiles.read(file);
      boolean isWidened = type == ElementType.BF16 && ending.equals(".npz");
      assertThat(read.keySet()).containsExactlyElementsOf(tensors.keySet());
      tensors.forEach(
          (name, tensor) -> same(read.get(name), tensor, isWidened ? ElementType.F32 : type));
      byte[] bytes = Files.readAllBytes(file);
      ValueFiles.write(file, tensors);
      assertThat(Files.readAllBytes(file)).isEqualTo(bytes);
    }
    Path one = folder.resolve("input.1.npy");
    ValueFiles.write(one, Map.of("anything", tensors.get("z")));
    Map<String, Tensor> read = ValueFiles.read(one);
    assertThat(read).containsOnlyKeys("input.1");
    same(read.get("input.1"), tensors.get("z"), type == ElementType.BF16 ? ElementType.F32 : type);
  }

  @Test
  void tables() throws IOException {
    Map<String, Tensor> tensors = new LinkedHashMap<>();
    tensors.put("ids", Tensor.of(new long[] {Long.MAX_VALUE / 10, -2, 3}, 3));
    tensors.put("x, \"y\"", Tensor.of(new float[] {1, 2.5f, 0.1f, -4, 5, 6e-20f}, 3, 2));
    tensors.put("one", Tensor.of(new double[] {Double.NaN, Double.NEGATIVE_INFINITY, 0.1}, 3, 1));
    for (String ending : List.of(".csv", ".tsv")) {
      Path file = folder.resolve("table" + ending);
      ValueFiles.write(file, tensors);
      Map<String, Tensor> read = ValueFiles.read(file);
      assertThat(read.keySet()).containsExactlyElementsOf(tensors.keySet());
      same(read.get("ids"), tensors.get("ids"), ElementType.I64);
      same(read.get("one"), tensors.get("one"), ElementType.F64);
      Tensor x = read.get("x, \"y\"");
      assertThat(x.shape()).containsExactly(3, 2);
      assertThat(x.floats()).containsExactly(tensors.get("x, \"y\"").floats());
    }
    assertThat(Files.readString(folder.resolve("table.csv")))
        .isEqualTo(
            """
            ids,"x, ""y""[0]","x, ""y""[1]",one[0]
            922337203685477580,1.0,2.5,NaN
            -2,0.1,-4.0,-Infinity
            3,5.0,6.0E-20,0.1
            """);
  }

  private Map<String, Tensor> csv(String text) throws IOException {
    return ValueFiles.read(Files.writeString(folder.resolve("t.csv"), text));
  }

  @Test
  void tablesOfOthers() throws IOException {
    same(csv("1,2\r\n3,4\r\n").get("t"), Tensor.of(new long[] {1, 2, 3, 4}, 2, 2), ElementType.I64);
    same(
        csv("\ufeff1;2\n.5;+4e1\n").get("t"),
        Tensor.of(new double[] {1, 2, 0.5, 40}, 2, 2),
        ElementType.F64);
    same(csv("7").get("t"), Tensor.of(new long[] {7}, 1, 1), ElementType.I64);
    Map<String, Tensor> named = csv("b[0], b[1] ,b[3],c\n 1 ,inf,3,-NaN\n\n");
    assertThat(named.keySet()).containsExactly("b", "b[3]", "c");
    same(
        named.get("b"),
        Tensor.of(new double[] {1, Double.POSITIVE_INFINITY}, 1, 2),
        ElementType.F64);
    assertThat(named.get("c").doubleAt(0)).isNaN();
    Map<String, Tensor> dated = csv("date,x[0],x[1]\n2026-01-01,1,2\n2026-01-02,3,4");
    assertThat(dated.keySet()).containsExactly("x");
    assertThat(dated.get("x").longs()).containsExactly(1, 2, 3, 4);
    // More than one piece of every buffer.
    StringBuilder many = new StringBuilder("i\n");
    for (int i = 0; i < 100_000; i++) {
      many.append(i).append(i == 99_999 ? ".5\n" : "\n");
    }
    Tensor column = csv(many.toString()).get("i");
    assertThat(column.shape()).containsExactly(100_000);
    assertThat(column.doubleAt(99_998)).isEqualTo(99_998);
    assertThat(column.doubleAt(99_999)).isEqualTo(99_999.5);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '~',
      value = {
        "1,2\\n3 | as a table, it is wrong:",
        "1,2\\n3,4,5 | as a table, it is wrong:",
        "a,b\\n1,2\\n1,x | in line 3, column 2 must be a number, but is \"x\".",
        "a,b\\n | it has names but no rows.",
        "a,b\\nx,y | it has no column of numbers.",
        "1,x\\n3,4 | in line 1, column 2 must be a number, but is \"x\".",
        "1,0x10 | column 2 must be a number, but is \"0x10\".",
        "1,2f | column 2 must be a number",
        "a,a\\n1,2 | the name a stands above two columns",
        "a[0],b,a[0]\\n1,2,3 | the name a stands above two columns",
        "1,\"2 | as a table, it is wrong",
      })
  void wrongTables(String text, String sentence) {
    assertThatThrownBy(() -> csv(text.replace("\\n", "\n")))
        .isInstanceOf(ModelFileException.class)
        .hasMessageContaining(sentence)
        .hasMessageEndingWith(".");
  }

  @Test
  void tablesThatAreNoText() throws IOException {
    Path file = Files.write(folder.resolve("t.csv"), new byte[] {'1', ',', (byte) 0xff});
    assertThatThrownBy(() -> ValueFiles.read(file)).hasMessageContaining("it is not valid UTF-8");
    assertThatThrownBy(() -> csv("1," + "1,".repeat(20_000) + "1"))
        .isInstanceOf(ModelFileException.class)
        .hasMessageContaining("as a table, it is wrong");
  }

  @Test
  void whatDoesNotFitAFileIsRefused() throws IOException {
    Tensor one = Tensor.of(new float[2], 2);
    Tensor cube = Tensor.of(new float[8], 2, 2, 2);
    refusedToWrite("x.csv", Map.of("a", cube), "Tensors of a table are [rows] or [rows, columns]");
    refusedToWrite("x.csv", Map.of("a", Tensor.of(new float[0], 0)), "[rows] or [rows, columns]");
    refusedToWrite("x.csv", Map.of(), "A table has a tensor or more, but got none.");
    refusedToWrite("x.csv", Map.of("1", one), "have names that are no numbers");
    refusedToWrite("x.csv", Map.of("a", one, "b", Tensor.of(new float[3], 3)), "the same rows");
    refusedToWrite("x.npy", Map.of("a", one, "b", one), "Such a file holds one tensor");
    refusedToWrite("x.wav", Map.of("a", one), "has a 'sample_rate', one number from 1 on");
    Tensor rate = Tensor.of(new long[] {8000});
    refusedToWrite("x.wav", Map.of("a", cube, "sample_rate", rate), "Sound is [frames]");
    refusedToWrite("x.wav", Map.of("sample_rate", rate), "Such a file holds one tensor");
    refusedToWrite("x.txt", Map.of("a", one), "one of .safetensors, .npy, .npz, .wav, .csv, .tsv");
    refusedToWrite("x.safetensors", Map.of("__metadata__", one), "is reserved");
    try (var files = Files.list(folder)) {
      assertThat(files).isEmpty();
    }
  }

  private void refusedToWrite(String name, Map<String, Tensor> tensors, String sentence) {
    assertThatThrownBy(() -> ValueFiles.write(folder.resolve(name), tensors))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining(sentence)
        .hasMessageEndingWith(".");
  }

  @Test
  void filesOfNoKnownKind() throws IOException {
    Path file = folder.resolve("x.bin");
    assertThatThrownBy(() -> ValueFiles.read(file)).hasMessageContaining("there is no such file");
    assertThatThrownBy(() -> ValueFiles.read(folder)).isInstanceOf(ModelFileException.class);
    for (byte[] bytes : List.of(new byte[0], new byte[] {0, 1, 2})) {
      Files.write(file, bytes);
      assertThatThrownBy(() -> ValueFiles.read(file))
          .isInstanceOf(ModelFileException.class)
          .hasMessageContaining("it is of no kind that is known. Those that are: .safetensors");
    }
    Files.write(file, "{\"a\": 1}\n".getBytes(StandardCharsets.UTF_8));
    assertThatThrownBy(() -> ValueFiles.read(file)).isInstanceOf(ModelFileException.class);
  }

  /** Tensors or a sentence, whatever becomes of a file. */
  @ParameterizedTest
  @CsvSource({".npz", ".npy", ".wav", ".csv", ".safetensors"})
  void brokenFilesEndInASentence(String ending) throws IOException {
    Path file = folder.resolve("values" + ending);
    Map<String, Tensor> tensors = new LinkedHashMap<>();
    tensors.put("values", tensor(ElementType.I16, 5, 2));
    if (ending.equals(".wav")) {
      tensors.put("sample_rate", Tensor.of(new long[] {44_100}));
    }
    ValueFiles.write(file, tensors);
    byte[] bytes = Files.readAllBytes(file);
    int refused = 0;
    for (int i = 0; i < bytes.length; i++) {
      refused += tryToRead(file, Arrays.copyOf(bytes, i));
      for (int bit = i % 4; bit < 8; bit += 4) {
        byte[] flipped = bytes.clone();
        flipped[i] ^= (byte) (1 << bit);
        refused += tryToRead(file, flipped);
      }
    }
    assertThat(refused).isPositive();
  }

  private static int tryToRead(Path file, byte[] bytes) throws IOException {
    Files.write(file, bytes);
    try {
      ValueFiles.read(file);
      return 0;
    } catch (ModelFileException e) {
      assertThat(e.getMessage()).startsWith("Cannot read " + file + ": ").matches("(?s).*[.]");
      return 1;
    }
  }
}
