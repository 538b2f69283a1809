package io.cellbelt.models.keras;

import io.cellbelt.graphs.Tensor;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The arrays of a recurrent layer: in Keras the kernel [features, gates * units], the recurrent
 * kernel [units, gates * units] and the bias [gates * units] or, for both products, twice as much;
 * in ONNX W [1, gates * units, features], R [1, gates * units, units] and B [1, 2 * gates * units].
 */
final class RecurrentWeights {
  /** Names of Keras 1, such as {@code lstm_1_W_i:0}. */
  private static final Pattern OF_FIRST = Pattern.compile(".*_([WUb])_([a-z])(?::0)?");

  private final RecurrentKind kind;
  private final int features;
  private final int units;
  private float[] kernel;
  private float[] recurrentKernel;

  /** The bias of both products, one after the other; null if there is none. */
  private float[] bias;

  private RecurrentWeights(RecurrentKind kind, int features, int units) {
    this.kind = kind;
    this.features = features;
    this.units = units;
  }

  /**
   * Reads the arrays of one direction, and converts those of Keras 1 and of cuDNN's layers.
   *
   * @param hasTwoBiases whether a GRU applies its reset gate after the product
   */
  static RecurrentWeights read(
      RecurrentLayer layer, int features, LayerWeights weights, boolean hasTwoBiases) {
    RecurrentWeights read = new RecurrentWeights(layer.kind(), features, layer.units());
    int width = Math.multiplyExact(layer.kind().gateCount(), layer.units());
    Hdf5Array first = weights.peek();
    boolean isByGate =
        layer.kind().gateCount() > 1
            && first != null
            && Arrays.equals(first.shape(), new int[] {features, layer.units()});
    if (isByGate) {
      read.readByGate(weights, width);
      return read;
    }
    read.kernel = weights.take("kernel", features, width);
    read.recurrentKernel = weights.take("recurrent kernel", layer.units(), width);
    if (layer.bias()) {
      read.readBias(layer, weights, width, hasTwoBiases);
    }
    return read;
  }

  private void readBias(
      RecurrentLayer layer, LayerWeights weights, int width, boolean hasTwoBiases) {
    Hdf5Array array = weights.take("bias");
    boolean isOfCudnn = Arrays.equals(array.shape(), new int[] {2 * width});
    if (isOfCudnn && kind != RecurrentKind.RNN) {
      bias = array.floats();
      kernel = ofCudnn(kernel, features);
      recurrentKernel = ofCudnn(recurrentKernel, units);
      if (kind == RecurrentKind.GRU && !hasTwoBiases) {
        throw new Misfit(
            "its weights are of a CuDNNGRU, but its option 'reset_after' is false. Load them into a"
                + " GRU with reset_after=True, and save the model again.");
      }
    } else if (hasTwoBiases) {
      bias = LayerWeights.fit("bias with reset_after", array, 2, width);
    } else {
      bias = Arrays.copyOf(LayerWeights.fit("bias", array, width), 2 * width);
    }
    if (layer.isOfCudnn() && !isOfCudnn) {
      throw Misfit.of(
          "its bias should have the shape [%d] by its class, but is %s.",
          2 * width, array.describe());
    }
  }

  /** An array for each gate and part, as in files of Keras 1. */
  private void readByGate(LayerWeights weights, int width) {
    int gates = kind.gateCount();
    List<Hdf5Array> arrays = new ArrayList<>();
    List<float[]> elements = new ArrayList<>();
    for (int i = 0; i < 3 * gates; i++) {
      arrays.add(weights.take("array " + (i + 1) + " of " + 3 * gates));
    }
    boolean isNamed = arrays.stream().allMatch(one -> OF_FIRST.matcher(one.name()).matches());
    StringBuilder parts = new StringBuilder();
    int[] places = new int[arrays.size()];
    for (int i = 0; i < arrays.size(); i++) {
      Hdf5Array array = arrays.get(i);
      Matcher matcher = OF_FIRST.matcher(array.name());
      boolean matches = isNamed && matcher.matches();
      char part = matches ? matcher.group(1).charAt(0) : "WUb".charAt(i % 3);
      places[i] =
          kind.placeOf(matches ? matcher.group(2).charAt(0) : kind.gatesOfFirst().charAt(i / 3));
      if (places[i] < 0) {
        throw Misfit.of("it has no gate for the array %s.", array.describe());
      }
      parts.append(part);
      elements.add(
          switch (part) {
            case 'W' -> LayerWeights.fit("kernel", array, features, units);
            case 'U' -> LayerWeights.fit("recurrent kernel", array, units, units);
            default -> LayerWeights.fit("bias", array, units);
          });
    }
    // What is in the file has been read, and so is no larger than it.
    kernel = new float[features * width];
    recurrentKernel = new float[units * width];
    bias = new float[2 * width];
    for (int i = 0; i < places.length; i++) {
      put(
          switch (parts.charAt(i)) {
            case 'W' -> kernel;
            case 'U' -> recurrentKernel;
            default -> bias;
          },
          places[i],
          elements.get(i));
    }
  }

  /** Puts the columns of one gate. */
  private void put(float[] all, int gate, float[] one) {
    int width = kind.gateCount() * units;
    for (int row = 0; row * units < one.length; row++) {
      System.arraycopy(one, row * units, all, row * width + gate * units, units);
    }
  }

  /**
   * The kernels of cuDNN's layers hold, gate by gate, a matrix of the same shape with its elements
   * in the order of its transpose.
   */
  private float[] ofCudnn(float[] all, int rows) {
    int width = kind.gateCount() * units;
    float[] converted = new float[all.length];
    for (int gate = 0; gate < kind.gateCount(); gate++) {
      for (int row = 0; row < rows; row++) {
        for (int column = 0; column < units; column++) {
          int flat = column * rows + row;
          converted[row * width + gate * units + column] =
              all[flat / units * width + gate * units + flat % units];
        }
      }
    }
    return converted;
  }

  Tensor w() {
    return turned(kernel, features);
  }

  Tensor r() {
    return turned(recurrentKernel, units);
  }

  boolean hasBias() {
    return bias != null;
  }

  Tensor b() {
    int width = kind.gateCount() * units;
    float[] all = new float[2 * width];
    for (int half = 0; half < 2; half++) {
      for (int gate = 0; gate < kind.gateCount(); gate++) {
        System.arraycopy(
            bias,
            half * width + kind.placeOf(gate) * units,
            all,
            half * width + gate * units,
            units);
      }
    }
    return Tensor.of(all, 1, 2 * width);
  }

  /** Rows of the gates in ONNX's order. */
  private Tensor turned(float[] columns, int rows) {
    int width = kind.gateCount() * units;
    float[] all = new float[columns.length];
    for (int gate = 0; gate < kind.gateCount(); gate++) {
      int from = kind.placeOf(gate) * units;
      for (int unit = 0; unit < units; unit++) {
        for (int row = 0; row < rows; row++) {
          all[(gate * units + unit) * rows + row] = columns[row * width + from + unit];
        }
      }
    }
    return Tensor.of(all, 1, width, rows);
  }
}
