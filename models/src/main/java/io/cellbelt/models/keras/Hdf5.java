package io.cellbelt.models.keras;

import io.jhdf.HdfFile;
import io.jhdf.api.Dataset;
import io.jhdf.api.Group;
import io.jhdf.api.Node;
import java.nio.BufferUnderflowException;
import java.util.Arrays;
import java.util.function.Supplier;

/**
 * An HDF5 file in memory, read by jhdf, which is told nothing of the file's path and so follows no
 * link out of it. Whatever jhdf throws at a damaged file becomes a {@link Misfit}.
 */
final class Hdf5 {
  /** How an HDF5 file begins. */
  static final String SIGNATURE = "\u0089HDF\r\n\u001a\n";

  private static final int DEEPEST = 64;

  /** No group or array takes fewer bytes, with its header and its link. */
  private static final int LEAST_BYTES_OF_A_NODE = 16;

  private final Hdf5Array.Budget budget;
  private long nodesLeft;

  private Hdf5(long size) {
    this.budget = new Hdf5Array.Budget(size);
    this.nodesLeft = size / LEAST_BYTES_OF_A_NODE;
  }

  /**
   * The groups and arrays of a file, of which no element has been read.
   *
   * @param bytes the whole file, which nobody may write to any more
   * @throws Misfit if it is damaged
   */
  static Hdf5Group read(byte[] bytes) {
    Hdf5 file = new Hdf5(bytes.length);
    return guarded(
        () -> {
          // In memory, closing does nothing, and arrays are read later.
          @SuppressWarnings("resource")
          HdfFile root = HdfFile.fromBytes(bytes);
          Hdf5Group group = new Hdf5Group();
          file.walk(root, group, "", 0);
          return group;
        });
  }

  private void walk(Group from, Hdf5Group to, String path, int depth) {
    if (depth > DEEPEST) {
      throw Misfit.of("its groups are nested deeper than %d levels.", DEEPEST);
    }
    to.attributes().putAll(from.getAttributes());
    for (Node child : from) {
      if (--nodesLeft < 0) {
        throw new Misfit("its groups hold each other in a circle. The file is damaged.");
      }
      String[] parts = parts(child.getName());
      if (parts.length == 0 || child.isLink()) {
        continue;
      }
      String name = path + "/" + String.join("/", parts);
      Hdf5Group group = to;
      for (String part : Arrays.copyOf(parts, parts.length - 1)) {
        group = group.made(part);
      }
      String last = parts[parts.length - 1];
      if (child instanceof Dataset data) {
        group.arrays().put(last, Hdf5Array.of(name.substring(1), data, budget));
      } else if (child instanceof Group inner) {
        walk(inner, group.made(last), name, depth + 1);
      }
    }
  }

  /** The parts of a path, which may have been written on Windows. */
  static String[] parts(String path) {
    return Arrays.stream(path.split("[/\\\\]", -1))
        .filter(part -> !part.isEmpty())
        .toArray(String[]::new);
  }

  /**
   * What jhdf gives.
   *
   * @throws Misfit if it fails, by whatever exception, or runs in circles
   */
  static <T> T guarded(Supplier<T> read) {
    try {
      return read.get();
    } catch (Misfit e) {
      throw e;
    } catch (RuntimeException | StackOverflowError e) {
      throw new Misfit(
          "its HDF5 content is damaged, or of a kind that Keras does not write"
              + reason(e)
              + ". Copy it again, or save the model again in Keras.",
          e);
    }
  }

  private static String reason(Throwable e) {
    if (e instanceof BufferUnderflowException) {
      return ": it ends too early";
    }
    String message = e.getMessage();
    return message == null || message.length() > 200
        ? ""
        : " (the reader says: " + message.replaceAll("\\p{C}", "?") + ")";
  }
}
