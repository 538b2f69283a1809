package io.cellbelt.models;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.zip.ZipFile;

/** Which of the formats of models a file has, by its content: endings may be anything. */
enum ModelFormat {
  /** Tensors by name, of this library or PyTorch. */
  SAFETENSORS("safetensors"),
  /** A graph of operators. */
  ONNX("ONNX"),
  /** Layers of Keras, in HDF5, in a zip archive, or as JSON with weights beside it. */
  KERAS("Keras"),
  /** RTNeural, AIDA-X, PyTorch's state as JSON, Neural Amp Modeler. */
  AUDIO_JSON("JSON of real-time audio");

  private static final int KERAS_WORDS = 4096;

  private final String title;

  ModelFormat(String title) {
    this.title = title;
  }

  String title() {
    return title;
  }

  /**
   * The format of a file.
   *
   * @throws ModelFileException if it is certainly another kind of file, with what to do, or cannot
   *     be read
   */
  static ModelFormat of(Path path) throws ModelFileException {
    if (Files.isDirectory(path)) {
      return KERAS;
    }
    String first = ForeignFile.first(path);
    if (first.isEmpty()) {
      throw ModelFileException.unreadable(path, "it is empty. Download or copy it again.");
    }
    if (first.startsWith("\u0089HDF\r\n") || isKerasArchive(path, first)) {
      return KERAS;
    }
    if (ForeignFile.isSafetensors(first)) {
      return SAFETENSORS;
    }
    if (ForeignFile.startsWithBrace(first)) {
      return json(path);
    }
    if (ForeignFile.isOnnx(first)) {
      return ONNX;
    }
    var foreign = ForeignFile.recognise(path);
    if (foreign.isPresent()) {
      throw ModelFileException.unreadable(path, foreign.get());
    }
    // Protobuf has no first bytes of its own; its reader says what is wrong with others.
    return ONNX;
  }

  private static boolean isKerasArchive(Path path, String first) {
    if (!first.startsWith("PK\u0003\u0004")) {
      return false;
    }
    try (ZipFile zip = new ZipFile(path.toFile())) {
      // Without weights, its reader says that they are missing.
      boolean config = zip.getEntry("config.json") != null && zip.getEntry("metadata.json") != null;
      return config || zip.getEntry("model.weights.h5") != null;
    } catch (IOException | UnsupportedOperationException e) {
      return false;
    }
  }

  private static ModelFormat json(Path path) throws ModelFileException {
    String start;
    try (var in = Files.newInputStream(path)) {
      start = new String(in.readNBytes(KERAS_WORDS), StandardCharsets.ISO_8859_1);
    } catch (IOException e) {
      throw ModelFileException.unreadable(path, e);
    }
    if (start.contains("\"weight_map\"") || path.toString().endsWith(".safetensors.index.json")) {
      return SAFETENSORS;
    }
    return start.contains("\"class_name\"") ? KERAS : AUDIO_JSON;
  }
}
