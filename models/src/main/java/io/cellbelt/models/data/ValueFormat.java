package io.cellbelt.models.data;

import io.cellbelt.graphs.Tensor;
import io.cellbelt.models.ModelFileException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/** A kind of files of values. */
interface ValueFormat {
  /** Endings of such files, in lower case, with a dot. */
  List<String> endings();

  /**
   * Whether a file is of this kind.
   *
   * @param first bytes of the file, each as a character; a kind without a mark may ask the name
   */
  boolean recognises(Path file, String first);

  /** Tensors by name, in the order of the file. */
  Map<String, Tensor> read(Path file) throws ModelFileException;

  /** Writes tensors by name, in the order of the map. */
  void write(Path file, Map<String, Tensor> tensors) throws ModelFileException;

  /** The name of what has none in its file: that of the file without its ending. */
  static String nameOf(Path file) {
    String name = String.valueOf(file.getFileName());
    int dot = name.lastIndexOf('.');
    return dot > 0 ? name.substring(0, dot) : name;
  }

  /** The only tensor, of files that hold one. */
  static Tensor only(Path file, Map<String, Tensor> tensors) {
    if (tensors.size() != 1) {
      throw new IllegalArgumentException(
          "Such a file holds one tensor, but there are "
              + tensors.keySet()
              + " for "
              + file
              + ". Write several files, or an .npz or .safetensors.");
    }
    return tensors.values().iterator().next();
  }
}
