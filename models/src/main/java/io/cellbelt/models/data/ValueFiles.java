package io.cellbelt.models.data;

import io.cellbelt.graphs.Tensor;
import io.cellbelt.models.ModelFileException;
import io.cellbelt.models.SafetensorsValues;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;

/**
 * Tensors in files of several kinds: what a graph is fed, and what it gives.
 *
 * <ul>
 *   <li>{@code .safetensors}: any tensors.
 *   <li>{@code .npz}: any tensors. {@code .npy}: one, with the name of the file. BF16, which NumPy
 *       has not, is written as F32.
 *   <li>{@code .wav}: one tensor [frames, channels] of F32 with the name of the file, and {@code
 *       sample_rate}, a scalar of I64. Written as 32-bit floats.
 *   <li>{@code .csv}, {@code .tsv}: a column for each name of the first row, and with names such as
 *       {@code x[0]}, {@code x[1]} the columns of one tensor; columns that begin with a text, such
 *       as dates, are left out. Without names, one tensor [rows, columns] with the name of the
 *       file. I64 where all values are whole, or else F64.
 *   <li>{@code .pb}: one tensor of ONNX, with its name or that of the file; read alone.
 * </ul>
 *
 * <p>Thread-safe.
 */
public final class ValueFiles {
  private static final int FIRST_BYTES = 512;

  /** In the order in which they are asked; a table may begin with anything. */
  private static final List<ValueFormat> FORMATS =
      List.of(
          new SafetensorsFormat(),
          new NpyFormat(),
          new NpzFormat(),
          new WavFormat(),
          new PbFormat(),
          new CsvFormat());

  private ValueFiles() {}

  /**
   * Reads a file of the kind that its content tells. Values may be NaN and infinite. They take up
   * to 16 times the size of the file in memory, and, of a compressed file, of what it unpacks to.
   *
   * @return tensors by name; unmodifiable
   * @throws ModelFileException if the file cannot be read, is of no kind that is known, breaks its
   *     format, or needs more than the memory of this JVM
   */
  public static Map<String, Tensor> read(Path file) throws ModelFileException {
    Objects.requireNonNull(file, "Values are read from a file, but got null.");
    String first = first(file);
    for (ValueFormat format : FORMATS) {
      if (format.recognises(file, first)) {
        return format.read(file);
      }
    }
    throw ModelFileException.unreadable(
        file, "it is of no kind that is known. Those that are: " + endings() + ".");
  }

  /**
   * Writes a file of the kind that its ending tells. A file that is already there is replaced in
   * one step at the very end, and untouched after any failure.
   *
   * @throws IllegalArgumentException if the ending is not known, or the tensors do not fit such a
   *     file
   * @throws ModelFileException if the file cannot be written
   */
  public static void write(Path file, Map<String, Tensor> tensors) throws ModelFileException {
    Objects.requireNonNull(file, "Values are written to a file, but got null.");
    Objects.requireNonNull(tensors, "There are tensors to write, but got null.");
    tensors.forEach(
        (name, tensor) -> {
          Objects.requireNonNull(name, "A tensor has a name, but got null.");
          Objects.requireNonNull(tensor, "There are tensors to write, but one of them is null.");
        });
    formatOf(file).write(file, tensors);
  }

  /**
   * Refuses a file of a kind that {@link #write} does not know, before there is anything to write.
   *
   * @throws IllegalArgumentException if the ending is not known
   */
  public static void requireKind(Path file) {
    Objects.requireNonNull(file, "Values are written to a file, but got null.");
    if (formatOf(file) instanceof PbFormat format) {
      format.write(file, Map.of());
    }
  }

  private static ValueFormat formatOf(Path file) {
    String name = String.valueOf(file.getFileName()).toLowerCase(Locale.ROOT);
    return FORMATS.stream()
        .filter(one -> one.endings().stream().anyMatch(name::endsWith))
        .findFirst()
        .orElseThrow(
            () ->
                new IllegalArgumentException(
                    "The ending of a file tells its kind, one of "
                        + endings()
                        + ", but got "
                        + file
                        + "."));
  }

  private static String endings() {
    return String.join(
        ", ",
        FORMATS.stream()
            .filter(one -> !(one instanceof PbFormat))
            .flatMap(one -> one.endings().stream())
            .toList());
  }

  /** The first bytes, each as a character. */
  private static String first(Path file) throws ModelFileException {
    if (!Files.isRegularFile(file)) {
      throw ModelFileException.unreadable(file, "there is no such file. Check the path.");
    }
    try (InputStream in = Files.newInputStream(file)) {
      return new String(in.readNBytes(FIRST_BYTES), StandardCharsets.ISO_8859_1);
    } catch (IOException e) {
      throw ModelFileException.unreadable(file, e);
    }
  }

  /** Tensors by name, of any type. */
  private static final class SafetensorsFormat implements ValueFormat {
    @Override
    public List<String> endings() {
      return List.of(".safetensors");
    }

    @Override
    public boolean recognises(Path file, String first) {
      return first.startsWith("\0\0\0\0{", 4);
    }

    @Override
    public Map<String, Tensor> read(Path file) throws ModelFileException {
      return SafetensorsValues.read(file);
    }

    @Override
    public void write(Path file, Map<String, Tensor> tensors) throws ModelFileException {
      SafetensorsValues.write(file, tensors);
    }
  }
}
