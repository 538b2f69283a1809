package io.cellbelt.propertytests.fuzz;

import com.sun.management.ThreadMXBean;
import io.cellbelt.models.ModelFileException;
import io.cellbelt.models.ModelFiles;
import io.cellbelt.models.Models;
import io.cellbelt.models.data.ValueFiles;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;

/** A reader of files, given any bytes at all: it makes something of them, or gives a sentence. */
enum FuzzedReader {
  SAFETENSORS("model.safetensors"),
  SHARD_INDEX("model.safetensors.index.json"),
  ONNX("model.onnx"),
  KERAS_HDF5("model.h5"),
  KERAS_ARCHIVE("model.keras"),
  KERAS_CONFIG("config.json"),
  AUDIO_JSON("model.json"),
  NPY("values.npy"),
  NPZ("values.npz"),
  CSV("values.csv"),
  WAV("values.wav"),
  PB("values.pb");

  /** The most bytes of a file that is tried. */
  static final int LONGEST = 1 << 16;

  /** What a file may allocate at any size: the largest of the readers' own bounds, and some. */
  private static final long LEAST = 96 << 20;

  /** The largest multiple of the readers' own bounds, of what is garbage too. */
  private static final long MULTIPLE = 1024;

  private static final ThreadMXBean THREADS =
      (ThreadMXBean) ManagementFactory.getThreadMXBean();

  private final String file;

  FuzzedReader(String file) {
    this.file = file;
  }

  /** The folder of resources with what was found once. */
  String folder() {
    return "/fuzz/" + name().toLowerCase(Locale.ROOT).replace('_', '-');
  }

  /** The ending of its files. */
  String ending() {
    return file.substring(file.indexOf('.'));
  }

  /**
   * Reads a file of these bytes.
   *
   * @param folder where the file is written, and those beside it
   * @throws IllegalStateException if it ends in something else than a sentence, or in too much
   *     memory
   */
  void read(Path folder, byte[] bytes) throws IOException {
    Path path = folder.resolve(file);
    Files.write(path, bytes);
    if (this == KERAS_CONFIG && !Files.exists(folder.resolve("config.h5"))) {
      Files.write(folder.resolve("config.h5"), resource("/fuzz/keras-hdf5/two-layers.h5"));
    } else if (this == SHARD_INDEX && !Files.exists(folder.resolve("a.safetensors"))) {
      Files.write(folder.resolve("a.safetensors"), resource("/fuzz/safetensors/lstm.safetensors"));
    }
    // The first time, classes are loaded too.
    if (allocated(path) > most(bytes) && allocated(path) > most(bytes)) {
      throw new IllegalStateException(
          "a file of " + bytes.length + " bytes allocated more than " + most(bytes) + " bytes");
    }
  }

  private static long most(byte[] bytes) {
    return LEAST + MULTIPLE * bytes.length;
  }

  /** Reads, and returns what that allocated. */
  private long allocated(Path path) {
    long before = THREADS.getCurrentThreadAllocatedBytes();
    for (Attempt attempt : attempts()) {
      try {
        attempt.read(path);
      } catch (ModelFileException e) {
        String message = e.getMessage();
        if (!message.startsWith("Cannot read " + path.getParent()) || !message.endsWith(".")) {
          throw new IllegalStateException("no sentence about the file: " + message, e);
        }
      }
    }
    return THREADS.getCurrentThreadAllocatedBytes() - before;
  }

  private interface Attempt {
    void read(Path path) throws ModelFileException;
  }

  private List<Attempt> attempts() {
    return switch (this) {
      case SAFETENSORS -> List.of(ValueFiles::read, ModelFiles::inspect, ModelFiles::read);
      case SHARD_INDEX -> List.of(ModelFiles::inspect, ModelFiles::read);
      case ONNX, KERAS_HDF5, KERAS_ARCHIVE, KERAS_CONFIG, AUDIO_JSON ->
          List.of(path -> Models.open(path).close());
      case NPY, NPZ, CSV, WAV, PB -> List.of(ValueFiles::read);
    };
  }

  static byte[] resource(String name) {
    try (InputStream in = FuzzedReader.class.getResourceAsStream(name)) {
      return in.readAllBytes();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
