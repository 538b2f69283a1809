package io.cellbelt.models;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.stream.Stream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Files of other formats are known by their content, whatever they are called. */
final class ForeignFileTest {
  @TempDir Path folder;

  private static byte[] zip(String... names) throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (ZipOutputStream zip = new ZipOutputStream(bytes)) {
      for (String name : names) {
        zip.putNextEntry(new ZipEntry(name));
      }
    }
    return bytes.toByteArray();
  }

  private static byte[] latin(String text) {
    return text.getBytes(StandardCharsets.ISO_8859_1);
  }

  static Stream<Arguments> foreign() throws IOException {
    String load = "torch.load(\"model.pt\", map_location=\"cpu\", weights_only=True)";
    return Stream.of(
        arguments(zip("archive/data.pkl", "archive/data/0"), load),
        arguments(zip("m/data.pkl", "m/constants.pkl"), "torch.jit.load(\"model.pt\""),
        arguments(zip("config.json", "model.weights.h5"), "it is a Keras model"),
        arguments(zip("a.npy"), "it is an archive of NumPy arrays"),
        arguments(zip("readme.txt"), "it holds \"readme.txt\", but one of Keras has 'config.json'"),
        arguments(latin("PK\5\6" + "\0".repeat(18)), "a zip archive that holds nothing"),
        arguments(latin("PK\3\4 archive/data.pkl"), load),
        arguments(
            latin("PK\3\4 and no more"), "it is a zip archive that cannot be opened, as its list"),
        arguments(latin("\u0080\2\u008a\nl\u00fc\u009cF\u00f9 j\u00a8P\u0019."), load),
        arguments(latin("\u0080\4\u0095\0\0\0\0\0\0\0\0}\u0094."), "it is a pickle"),
        arguments(latin("\u0089HDF\r\n\u001a\n"), "it is an HDF5 file"),
        arguments(latin("GGUF\3\0\0\0"), "it is a GGUF file"),
        arguments(latin("\u001c\0\0\0TFL3"), "it is a TensorFlow Lite model"),
        arguments(latin("\u0093NUMPY\1\0"), "it is a NumPy array"),
        arguments(latin("\u001f\u008b\b\0"), "compressed by gzip"),
        arguments(latin("version https://git-lfs.github.com/spec/v1\n"), "git lfs pull"),
        arguments(latin("\n<!DOCTYPE html><html>"), "it is a web page"),
        arguments(latin("<html lang=en>"), "it is a web page"),
        arguments(latin("\b\b\u0012\u0007pytorch"), "it is probably an ONNX model"),
        arguments(latin("\b\7:\u0010"), "it is probably an ONNX model"),
        arguments(latin("\u00ef\u00bb\u00bf {\"lstm\": [[0.5]]}"), "it is JSON"),
        arguments(latin("[0.5]"), "it is JSON"));
  }

  @ParameterizedTest
  @MethodSource("foreign")
  void isNamedWithWhatToDo(byte[] content, String sentence) throws IOException {
    Path file = Files.write(folder.resolve("model.pt"), content);
    for (String message :
        new String[] {
          assertThrows(ModelFileException.class, () -> ModelFiles.read(file)).getMessage(),
          assertThrows(ModelFileException.class, () -> PyTorch.module("").read(file)).getMessage(),
          assertThrows(ModelFileException.class, () -> ModelFiles.inspect(file)).getMessage()
        }) {
      assertTrue(message.startsWith("Cannot read " + file + ": "), message);
      assertTrue(message.contains(sentence), message);
      assertTrue(message.endsWith("."), message);
    }
  }

  /** The length of a header may look like the start of anything. */
  @Test
  void safetensorsAreNotTakenForSomethingElse() throws IOException {
    for (int length : new int[] {'{', ('{' << 8) | ' ', 0x280, 0x480, 0x120a08, 0x8b1f, '['}) {
      String header = "{" + " ".repeat(length - 2) + "}";
      Path file = RawSafetensors.save(folder, RawSafetensors.bytes(header));
      assertEquals(Optional.empty(), ForeignFile.recognise(file));
      assertEquals(0, SafetensorsFile.read(file).tensors().size());
      assertEquals(0, ModelFiles.inspect(file).tensors().size());
    }
  }
}
