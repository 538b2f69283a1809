package io.cellbelt.models;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;

/** Files that are no safetensors file: what they are, by their first bytes, and what to do. */
final class ForeignFile {
  /** About JSON that is no index. */
  static final String JSON =
      "it is JSON and not a safetensors file. Open a model that is JSON (RTNeural, Keras) with"
          + " Models.open; ModelFiles and PyTorch read the index of a model in several files, which"
          + " has a 'weight_map'.";

  private static final int FIRST_BYTES = 512;
  private static final int MOST_ZIP_ENTRIES = 1000;
  private static final int NAMED_ZIP_ENTRIES = 3;

  /** The fields of an ONNX model that can follow its first one, the version. */
  private static final String ONNX_FIELDS = "\u0012\u001a\"(2:B";

  private ForeignFile() {}

  /**
   * A sentence about a file that is certainly no safetensors file, with what to do.
   *
   * @throws ModelFileException if there is no such file, or it cannot be read
   */
  static Optional<String> recognise(Path file) throws ModelFileException {
    String first = first(file);
    if (isSafetensors(first)) {
      return Optional.empty();
    }
    if (first.startsWith("PK\u0003\u0004")) {
      return Optional.of(zip(file, first));
    }
    if (first.startsWith("PK\u0005\u0006")) {
      return Optional.of("it is a zip archive that holds nothing. Download or copy it again.");
    }
    if (isPickle(first)) {
      return Optional.of(
          "it is a pickle, as torch.save wrote it before PyTorch 1.6. " + save(file));
    }
    if (startsWithBrace(first)) {
      return Optional.of(JSON);
    }
    if (first.startsWith("\u0089HDF\r\n")) {
      return Optional.of(
          "it is an HDF5 file, as Keras writes it. Open a Keras model with Models.open; save other"
              + " weights with safetensors, in PyTorch's layout.");
    }
    if (first.startsWith("GGUF")) {
      return Optional.of(
          "it is a GGUF file, which holds models of another kind, often quantised. This library"
              + " reads safetensors files: take the model that it was made from.");
    }
    if (first.startsWith("TFL3", 4)) {
      return Optional.of(
          "it is a TensorFlow Lite model. This library reads safetensors files: save the weights of"
              + " the model that it was made from, in PyTorch's layout.");
    }
    if (first.startsWith("\u0093NUMPY")) {
      return Optional.of(
          "it is a NumPy array. Save arrays by name, in Python: safetensors.numpy.save_file({\"name\":"
              + " array}, \"model.safetensors\").");
    }
    if (first.startsWith("\u001f\u008b")) {
      return Optional.of("it is compressed by gzip. Unpack it first.");
    }
    if (first.startsWith("version https://git-lfs")) {
      return Optional.of(
          "it is a pointer of Git LFS and not a safetensors file. Fetch the file itself with 'git"
              + " lfs pull'.");
    }
    if (first.stripLeading().regionMatches(true, 0, "<!doctype html", 0, 14)
        || first.stripLeading().regionMatches(true, 0, "<html", 0, 5)) {
      return Optional.of(
          "it is a web page, probably the one around a download. Download the file itself.");
    }
    if (isOnnx(first)) {
      return Optional.of(
          "it is probably an ONNX model. Open it with Models.open, which gives a graph that runs.");
    }
    return Optional.empty();
  }

  /** Whether a file is JSON, and so may be the index of a model in several files. */
  static boolean isJson(Path file) throws ModelFileException {
    String first = first(file);
    return !isSafetensors(first) && startsWithBrace(first);
  }

  /** Whether there is a length and a brace: the length alone could look like anything. */
  static boolean isSafetensors(String first) {
    return first.startsWith("\0\0\0\0{", 4);
  }

  private static boolean isPickle(String first) {
    return first.length() > 2
        && first.charAt(0) == 0x80
        && first.charAt(1) <= 5
        && first.charAt(2) != 0;
  }

  static boolean startsWithBrace(String first) {
    String text = first.startsWith("\u00ef\u00bb\u00bf") ? first.substring(3) : first;
    String start = text.stripLeading();
    return start.startsWith("{") || start.startsWith("[");
  }

  /** The first bytes, each as a character. */
  static String first(Path file) throws ModelFileException {
    if (!Files.exists(file)) {
      throw ModelFileException.unreadable(file, "there is no such file. Check the path.");
    }
    if (!Files.isRegularFile(file)) {
      throw ModelFileException.unreadable(
          file, "it is not a regular file. Name a .safetensors file.");
    }
    try (InputStream in = Files.newInputStream(file)) {
      return new String(in.readNBytes(FIRST_BYTES), StandardCharsets.ISO_8859_1);
    } catch (IOException e) {
      throw ModelFileException.unreadable(file, e);
    }
  }

  static boolean isOnnx(String first) {
    return first.length() > 2
        && first.charAt(0) == 8
        && first.charAt(1) >= 1
        && first.charAt(1) <= 20
        && ONNX_FIELDS.indexOf(first.charAt(2)) >= 0;
  }

  private static String zip(Path file, String first) {
    List<String> names;
    try (ZipFile zip = new ZipFile(file.toFile())) {
      names = zip.stream().limit(MOST_ZIP_ENTRIES).map(ZipEntry::getName).toList();
    } catch (IOException | UnsupportedOperationException e) {
      return "it is a zip archive that cannot be opened, as its list of contents, at the end, is"
          + " missing or damaged. Download or copy it again."
          + (first.contains("data.pkl") ? " When it is whole: " + save(file) : "");
    }
    if (names.stream().anyMatch(name -> name.endsWith("constants.pkl"))) {
      return "it is a TorchScript module. Save its state dict as safetensors, in Python:"
          + python(file, "torch.jit.load(%s, map_location=\"cpu\").state_dict()")
          + "and open that file.";
    }
    if (names.stream().anyMatch(name -> name.endsWith("data.pkl"))) {
      return "it is a pickle in a zip archive, as torch.save writes it. " + save(file);
    }
    if (names.contains("model.weights.h5")) {
      return "it is a Keras model. Open it with Models.open.";
    }
    if (names.stream().anyMatch(name -> name.endsWith(".npy"))) {
      return "it is an archive of NumPy arrays. Save them in Python:"
          + " safetensors.numpy.save_file(dict(numpy.load(\"arrays.npz\")), \"model.safetensors\").";
    }
    return "it is a zip archive that is no model: it holds "
        + names.stream()
            .limit(NAMED_ZIP_ENTRIES)
            .map(ModelFileException::quote)
            .collect(Collectors.joining(", "))
        + (names.size() > NAMED_ZIP_ENTRIES ? " and more" : "")
        + ", but one of Keras has 'config.json' and 'model.weights.h5'. If a model is in it, unpack"
        + " it and name that file.";
  }

  private static String save(Path file) {
    return "Save the state dict as safetensors, in Python:"
        + python(file, "torch.load(%s, map_location=\"cpu\", weights_only=True)")
        + "If it holds more than a state dict, take that out of it first; a whole module gives it by"
        + " module.state_dict().";
  }

  /** A line of Python on a line by itself, so that it can be pasted. */
  private static String python(Path file, String stateDict) {
    String name = String.valueOf(file.getFileName());
    boolean plain = name.codePoints().allMatch(c -> c != '"' && c != '\\' && c >= ' ' && c < 127);
    return "\n  import torch; from safetensors.torch import save_file; save_file("
        + stateDict.replace("%s", '"' + (plain ? name : "model.pt") + '"')
        + ", \"model.safetensors\")\n";
  }
}
