package io.cellbelt.models.onnx;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.ByteString;
import com.google.protobuf.CodedOutputStream;
import io.cellbelt.models.ModelFileException;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Damaged files: each is a graph still, or gets a sentence. */
final class OnnxAbuseTest {
  private static final long MEMORY = 64 << 20;

  private static final List<String> SHARED =
      List.of(
          "conformance/onnx-node/test_lstm_with_initial_bias/model.onnx",
          "conformance/onnx-pytorch-operator/test_operator_rnn_single_layer/model.onnx");

  @TempDir Path folder;

  private int graphs;
  private int sentences;

  @Test
  void everyBeginningOfAModel() throws IOException {
    byte[] model = RichModel.build().toByteArray();
    for (int length = 0; length < model.length; length++) {
      read(Arrays.copyOf(model, length));
    }
    assertThat(sentences).as("of %d beginnings", model.length).isGreaterThan(model.length / 2);
  }

  @Test
  void changedBytesOfAModelWithEverything() throws IOException {
    change(RichModel.build().toByteArray(), 4000);
    assertThat(graphs).as("graphs").isPositive();
    assertThat(sentences).as("sentences").isPositive();
  }

  @Test
  void changedBytesAndBeginningsOfModelsOfOthers() throws IOException {
    for (String name : SHARED) {
      byte[] model = Files.readAllBytes(SharedOnnx.file(name));
      change(model, 1000);
      for (int length = 0; length < model.length; length += 1 + model.length / 500) {
        read(Arrays.copyOf(model, length));
      }
    }
    assertThat(graphs).as("graphs").isPositive();
    assertThat(sentences).as("sentences").isPositive();
  }

  private void change(byte[] model, int times) throws IOException {
    Random random = new Random(7);
    for (int i = 0; i < times; i++) {
      byte[] changed = model.clone();
      for (int flips = 1 + random.nextInt(3); flips > 0; flips--) {
        changed[random.nextInt(changed.length)] ^= (byte) (1 << random.nextInt(8));
      }
      read(changed);
    }
  }

  @Test
  void noise() throws IOException {
    Random random = new Random(8);
    for (int i = 0; i < 1000; i++) {
      byte[] noise = new byte[random.nextInt(200)];
      random.nextBytes(noise);
      read(noise);
    }
    assertThat(graphs).isZero();
  }

  private void read(byte[] bytes) throws IOException {
    Path file = Files.write(folder.resolve("model.onnx"), bytes);
    try {
      assertThat(OnnxReader.read(file, MEMORY).graph()).isNotNull();
      graphs++;
    } catch (ModelFileException e) {
      assertThat(e.getMessage()).startsWith("Cannot read " + file + ": ").endsWith(".");
      sentences++;
    }
  }

  @Test
  void lengthsBeyondTheFile() throws IOException {
    // The graph, with a length of nearly 2^31 and of more.
    for (String hex : List.of("3affffffff07", "3affffffff0f", "3affffffffffffffffff01")) {
      assertRefused(hex(hex), MEMORY, "no valid protocol buffer");
    }
  }

  @Test
  void groupsWithoutEnd() throws IOException {
    byte[] groups = new byte[1 << 20];
    Arrays.fill(groups, (byte) 0x0b);
    assertRefused(groups, MEMORY, "no valid protocol buffer");
  }

  @Test
  void manyEmptyMessages() throws IOException {
    // A graph of empty nodes: two bytes each in the file.
    byte[] nodes = new byte[1 << 20];
    for (int i = 0; i < nodes.length; i += 2) {
      nodes[i] = 0x0a;
    }
    ByteArrayOutputStream file = new ByteArrayOutputStream();
    file.write(hex("08083a"));
    varint(file, nodes.length);
    file.write(nodes);
    assertRefused(file.toByteArray(), MEMORY, "more than the 64 MB of memory");
    assertRefused(file.toByteArray(), 1L << 30, "needs an operator and an output");
  }

  private static void varint(OutputStream out, int value) throws IOException {
    CodedOutputStream coded = CodedOutputStream.newInstance(out);
    coded.writeUInt32NoTag(value);
    coded.flush();
  }

  @Test
  void filesThatDoNotFitMemory() throws IOException {
    assertRefused(new byte[2 << 20], 1 << 20, "more than the 1 MB of memory");
  }

  @Test
  void filesOfTwoGigabytes() throws IOException {
    Path path = folder.resolve("large.onnx");
    try (RandomAccessFile file = new RandomAccessFile(path.toFile(), "rw")) {
      file.setLength(1L << 31);
    }
    assertThatThrownBy(() -> OnnxReader.read(path))
        .isInstanceOf(ModelFileException.class)
        .hasMessageContaining("it has 2147483648 bytes, but a protocol buffer has fewer than 2^31")
        .hasMessageEndingWith(".");
  }

  private void assertRefused(byte[] bytes, long memory, String sentence) throws IOException {
    Path file = Files.write(folder.resolve("model.onnx"), bytes);
    assertThatThrownBy(() -> OnnxReader.read(file, memory))
        .isInstanceOf(ModelFileException.class)
        .hasMessageStartingWith("Cannot read " + file)
        .hasMessageContaining(sentence)
        .hasMessageEndingWith(".");
  }

  private static byte[] hex(String hex) {
    return ByteString.fromHex(hex).toByteArray();
  }
}
