package io.cellbelt.models.keras;

import static io.cellbelt.models.ModelFileException.quote;

import io.jhdf.api.Dataset;
import io.jhdf.dataset.CompactDataset;
import io.jhdf.dataset.ContiguousDatasetImpl;
import io.jhdf.object.datatype.FloatingPoint;
import java.util.Arrays;

/** An array of an HDF5 file, which is read when its elements are asked for. Not thread-safe. */
final class Hdf5Array {
  private final String name;
  private final int[] shape;
  private final Dataset data;
  private final Budget budget;
  private boolean isCounted;

  private Hdf5Array(String name, int[] shape, Dataset data, Budget budget) {
    this.name = name;
    this.shape = shape;
    this.data = data;
    this.budget = budget;
  }

  /** How many bytes of arrays may still be read: arrays of a sound file do not overlap. */
  static final class Budget {
    private static final int TIMES = 4;

    private final long fileSize;
    private long left;

    Budget(long fileSize) {
      this.fileSize = fileSize;
      this.left = TIMES * fileSize;
    }
  }

  /**
   * An array that is known by its header.
   *
   * @param budget of the whole file
   */
  static Hdf5Array of(String name, Dataset data, Budget budget) {
    return new Hdf5Array(name, Hdf5.guarded(data::getDimensions), data, budget);
  }

  /** The same array under another name. */
  Hdf5Array named(String other) {
    return new Hdf5Array(other, shape, data, budget);
  }

  /** The whole path, or what the file calls it. */
  String name() {
    return name;
  }

  int[] shape() {
    return shape.clone();
  }

  /** Name and shape, harmless on a terminal. */
  String describe() {
    return quote(name) + " " + Arrays.toString(shape);
  }

  /**
   * The elements in row-major order, rounded to 32 bits where the file has more of them, as Keras
   * does.
   */
  float[] floats() {
    if (!(data.getDataType() instanceof FloatingPoint type) || !isStandard(type)) {
      throw Misfit.of(
          "the array %s does not hold floats of 16, 32 or 64 bits. Save the model with the dtype"
              + " policy \"float32\".",
          describe());
    }
    if (!(data instanceof ContiguousDatasetImpl || data instanceof CompactDataset)) {
      throw Misfit.of(
          "the array %s is compressed or in chunks, which Keras does not write. Save the model"
              + " again in Keras, or unpack it with 'h5repack -f NONE -l CONTI'.",
          describe());
    }
    long bytes = bytes(type);
    if (bytes == 0) {
      return new float[0];
    }
    if (!isCounted) {
      isCounted = true;
      budget.left -= Math.max(bytes, bytes / type.getSize() * Float.BYTES);
    }
    if (budget.left < 0) {
      throw Misfit.of(
          "its arrays together, up to %s, hold more than %d times as much as the whole file. The"
              + " file is damaged; copy it again.",
          describe(), Budget.TIMES);
    }
    return asFloats(Hdf5.guarded(data::getDataFlat));
  }

  private long bytes(FloatingPoint type) {
    long bytes = type.getSize();
    for (int dimension : shape) {
      bytes *= dimension;
      if (bytes > budget.fileSize) {
        throw Misfit.of(
            "the array %s is larger than the whole file, which has %d bytes. The file is damaged or"
                + " incomplete; copy it again.",
            describe(), budget.fileSize);
      }
    }
    return bytes;
  }

  private static boolean isStandard(FloatingPoint type) {
    int exponent =
        switch (type.getSize()) {
          case 2 -> 5;
          case 4 -> 8;
          case 8 -> 11;
          default -> -1;
        };
    return type.getExponentSize() == exponent;
  }

  private float[] asFloats(Object flat) {
    return switch (flat) {
      case float[] floats -> floats;
      case double[] doubles -> {
        float[] floats = new float[doubles.length];
        for (int i = 0; i < floats.length; i++) {
          floats[i] = (float) doubles[i];
        }
        yield floats;
      }
      case Float one -> new float[] {one};
      case Double one -> new float[] {one.floatValue()};
      default -> throw Misfit.of("the array %s cannot be read as floats.", describe());
    };
  }
}
