package io.cellbelt.models.onnx;

import static io.cellbelt.models.onnx.Protos.graph;
import static io.cellbelt.models.onnx.Protos.model;
import static io.cellbelt.models.onnx.Protos.node;
import static io.cellbelt.models.onnx.Protos.read;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.cellbelt.graphs.Tensor;
import io.cellbelt.models.ModelFileException;
import io.cellbelt.models.onnx.OnnxProto.GraphProto;
import io.cellbelt.models.onnx.OnnxProto.TensorProto;
import io.cellbelt.models.onnx.OnnxProto.TensorProto.DataLocation;
import io.cellbelt.models.onnx.OnnxProto.TensorProto.DataType;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Elements in a file beside the model, which holds the floats from 0 on. */
final class ExternalDataTest {
  private static final int FLOATS = 100_000;

  @TempDir Path parent;
  private Path folder;

  @BeforeEach
  void writeData() throws IOException {
    folder = Files.createDirectories(parent.resolve("model"));
    ByteBuffer data = ByteBuffer.allocate(FLOATS * Float.BYTES).order(ByteOrder.LITTLE_ENDIAN);
    for (int i = 0; i < FLOATS; i++) {
      data.putFloat(i);
    }
    Files.write(folder.resolve("weights.bin"), data.array());
    Files.createDirectories(folder.resolve("below"));
    Files.write(folder.resolve("below").resolve("weights.bin"), data.array());
    Files.write(parent.resolve("secret.bin"), data.array());
  }

  private Tensor tensor(int elements, String... entries) throws IOException {
    return read(folder, model(graph(node("Add", "x w", "y")).addInitializer(w(elements, entries))))
        .constants()
        .get("w");
  }

  private static TensorProto.Builder w(int elements, String... entries) {
    TensorProto.Builder tensor =
        Protos.tensor("w", DataType.FLOAT, elements).setDataLocation(DataLocation.EXTERNAL);
    for (int i = 0; i < entries.length; i += 2) {
      tensor.addExternalDataBuilder().setKey(entries[i]).setValue(entries[i + 1]);
    }
    return tensor;
  }

  @Test
  void readsAPartOfTheFile() throws IOException {
    assertThat(
            tensor(2, "location", "weights.bin", "offset", "8", "length", "8", "checksum", "-")
                .floats())
        .containsExactly(2, 3);
    assertThat(tensor(2, "location", "weights.bin").floats()).containsExactly(0, 1);
    assertThat(tensor(1, "location", "below/weights.bin", "offset", "12").floats())
        .containsExactly(3);
    assertThat(tensor(0, "location", "weights.bin", "offset", "400000").size()).isZero();
  }

  @Test
  void readsLargeDataInPieces() throws IOException {
    float[] floats = tensor(FLOATS, "location", "weights.bin").floats();
    for (int i = 0; i < FLOATS; i++) {
      assertThat(floats[i]).isEqualTo(i);
    }
  }

  @Test
  void readsElementsThatShareBytes() throws IOException {
    TensorProto.Builder tensor = w(0, "location", "weights.bin", "offset", "6");
    tensor.setDataType(DataType.UINT4.getNumber()).clearDims().addDims(3);
    GraphProto.Builder graph = graph(node("Add", "x w", "y")).addInitializer(tensor);
    // The float 1 is 0x3f800000.
    assertThat(read(folder, model(graph)).constants().get("w").longs()).containsExactly(0, 8, 15);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "../secret.bin",
        "below/../../secret.bin",
        "./../secret.bin",
        "below/../weights.bin",
        "/etc/passwd"
      })
  void refusesToLeaveTheFolder(String location) {
    assertRefused("which leads out of the folder", "location", location);
  }

  @Test
  void refusesLinksOutOfTheFolder() throws IOException {
    Files.createSymbolicLink(folder.resolve("link.bin"), parent.resolve("secret.bin"));
    Files.createSymbolicLink(folder.resolve("up"), parent);
    assertRefused("which leads out of the folder", "location", "link.bin");
    assertRefused("which leads out of the folder", "location", "up/secret.bin");
  }

  @Test
  void followsLinksWithinTheFolder() throws IOException {
    Files.createSymbolicLink(folder.resolve("link.bin"), folder.resolve("weights.bin"));
    assertThat(tensor(1, "location", "link.bin", "offset", "4").floats()).containsExactly(1);
  }

  @Test
  void aLinkToTheFolderIsTheFolder() throws IOException {
    tensor(1, "location", "weights.bin");
    Path link = Files.createSymbolicLink(parent.resolve("link"), folder);
    assertThat(OnnxReader.read(link.resolve("model.onnx")).graph().constants()).hasSize(1);
  }

  @Test
  void refusesPartsThatTheFileLacks() {
    String end = String.valueOf(FLOATS * Float.BYTES);
    assertRefused("that file has only 400000", "location", "weights.bin", "offset", end);
    assertRefused("that file has only", "location", "weights.bin", "offset", "9223372036854775807");
    assertRefused("needs 4 bytes of data, but it has 8", "location", "weights.bin", "length", "8");
    assertRefused("a number from 0 on", "location", "weights.bin", "offset", "-4");
    assertRefused("a number from 0 on", "location", "weights.bin", "offset", "4.0");
    assertRefused("a number from 0 on", "location", "weights.bin", "length", "");
    assertRefused("does not say in which", "offset", "4");
    assertRefused("there is no such file beside the model", "location", "other.bin");
    assertRefused("not a regular file", "location", "below");
    assertRefused("not a regular file", "location", ".");
    assertRefused("cannot be the name of a file", "location", "a\0b");
  }

  @Test
  void sharesTheMemoryThatTheFileMayTake() throws IOException {
    Path large = folder.resolve("large.bin");
    try (RandomAccessFile file = new RandomAccessFile(large.toFile(), "rw")) {
      file.setLength(1 << 16);
    }
    GraphProto.Builder graph = graph(node("Add", "x x", "y"));
    for (int i = 0; i < 1200; i++) {
      graph.addInitializer(w(1 << 14, "location", "large.bin").setName("w" + i));
    }
    assertThatThrownBy(() -> read(folder, model(graph)))
        .isInstanceOf(ModelFileException.class)
        .hasMessageContaining("names the same data");
  }

  private void assertRefused(String sentence, String... entries) {
    assertThatThrownBy(() -> tensor(1, entries))
        .isInstanceOf(ModelFileException.class)
        .hasMessageStartingWith("Cannot read " + folder)
        .hasMessageContaining(sentence)
        .hasMessageEndingWith(".");
  }
}
