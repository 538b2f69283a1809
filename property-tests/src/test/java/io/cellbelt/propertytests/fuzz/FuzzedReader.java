package io.cellbelt.propertytests.fuzz;

import com.sun.management.ThreadMXBean;
import io.cellbelt.models.ModelFileException;
import io.cellbelt.models.ModelFiles;
import io.cellbelt.models.Models;
import io.cellbelt.models.data.ValueFiles;
import java.io.IOException;
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

  /** What a file of any size may allocate: the readers' own bound of 32 MB, and garbage. */
  private static final long LEAST = 256 << 20;

  /** The largest multiple of the readers' own bounds, of what is garbage too. */
  private static final long MULTIPLE = 1024;

  /** Tests run in the folder of their module, and so does what they start. */
  private static final Path FILES = Path.of("src", "test", "resources", "fuzz");

  private static final ThreadMXBean THREADS = (ThreadMXBean) ManagementFactory.getThreadMXBean();

  private final String file;

  FuzzedReader(String file) {
    this.file = file;
  }

  /**
   * Files to start from, written by this library or by hand, and what the fuzzer found from there:
   * files that reach code of their own, or on which a reader once failed. The names of those begin
   * with "found".
   */
  Path folder() {
    return FILES.resolve(name().toLowerCase(Locale.ROOT).replace('_', '-'));
  }

  /**
   * Reads a file of these bytes.
   *
   * @param folder where the file is written, and those that it may name beside it
   * @param slack times what the reader may allocate: hooks of a fuzzer allocate too
   * @return whether it was read, and not refused
   * @throws IllegalStateException if it ends in something else than a sentence, or in too much
   *     memory
   */
  boolean read(Path folder, byte[] bytes, int slack) throws IOException {
    Path path = folder.resolve(file);
    Files.write(path, bytes);
    if (!Files.exists(folder.resolve("data.bin"))) {
      Files.write(folder.resolve("data.bin"), new byte[Double.BYTES]);
      Files.copy(FILES.resolve("keras-hdf5/two-layers.h5"), folder.resolve("config.h5"));
      Files.copy(FILES.resolve("safetensors/lstm.safetensors"), folder.resolve("a.safetensors"));
    }
    long most = slack * (LEAST + MULTIPLE * bytes.length);
    long before = THREADS.getCurrentThreadAllocatedBytes();
    boolean isRead = attempt(path);
    long between = THREADS.getCurrentThreadAllocatedBytes();
    if (between - before > most) {
      // The first time, classes are loaded too.
      attempt(path);
      long allocated = THREADS.getCurrentThreadAllocatedBytes() - between;
      if (allocated > most) {
        throw new IllegalStateException(
            "a file of " + bytes.length + " bytes allocated " + allocated + " bytes");
      }
    }
    return isRead;
  }

  private boolean attempt(Path path) {
    boolean isRead = false;
    for (Attempt attempt : attempts()) {
      try {
        attempt.read(path);
        isRead = true;
      } catch (ModelFileException e) {
        String message = e.getMessage();
        if (!message.startsWith("Cannot read " + path.getParent()) || !message.endsWith(".")) {
          throw new IllegalStateException("no sentence about the file: " + message, e);
        }
      }
    }
    return isRead;
  }

  private interface Attempt {
    void read(Path path) throws ModelFileException;
  }

  private List<Attempt> attempts() {
    return switch (this) {
      case SAFETENSORS -> List.of(ValueFiles::read, ModelFiles::inspect, ModelFiles::read);
      case SHARD_INDEX -> List.of(ModelFiles::inspect, ModelFiles::read);
      case ONNX -> List.of(Models::readGraph, path -> Models.open(path).close());
      case KERAS_HDF5, KERAS_ARCHIVE, KERAS_CONFIG, AUDIO_JSON ->
          List.of(path -> Models.open(path).close());
      case NPY, NPZ, CSV, WAV, PB -> List.of(ValueFiles::read);
    };
  }
}
