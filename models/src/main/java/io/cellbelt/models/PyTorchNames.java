package io.cellbelt.models;

import io.cellbelt.cells.Architecture;
import io.cellbelt.cells.Cell;
import io.cellbelt.cells.Gru;
import io.cellbelt.cells.Layer;
import io.cellbelt.cells.Lstm;
import io.cellbelt.cells.Parameter;
import io.cellbelt.cells.Rnn;
import io.cellbelt.cells.Schedule;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;

/** What PyTorch calls the tensors of an architecture, and how it lays them out. */
final class PyTorchNames {
  private PyTorchNames() {}

  /**
   * Where a file keeps a parameter.
   *
   * @param parameter by the library's name
   * @param tensors their names in the file: one; or two for a bias, of which PyTorch adds one to
   *     {@code W x} and one to {@code U h'}; or none for a bias that is zero
   * @param shape of each of the tensors
   * @param summed of two biases, how many of the first rows are summed up; of the others, this
   *     library keeps both
   */
  record Slot(Parameter parameter, List<String> tensors, List<Integer> shape, int summed) {
    /** With other names in the file. */
    Slot renamed(UnaryOperator<String> names) {
      return new Slot(parameter, tensors.stream().map(names).toList(), shape, summed);
    }

    /** A bias that is zero. */
    Slot absent() {
      return new Slot(parameter, List.of(), shape, summed);
    }

    /** The library's values from those of the tensors. */
    float[] join(List<float[]> values) {
      if (values.size() < 2) {
        return values.isEmpty() ? new float[parameter.size()] : values.getFirst();
      }
      float[] ofInput = values.getFirst();
      float[] ofRecurrent = values.getLast();
      int length = ofInput.length;
      float[] bias = new float[2 * length - summed];
      for (int i = 0; i < length; i++) {
        bias[i] = i < summed ? ofInput[i] + ofRecurrent[i] : ofInput[i];
      }
      System.arraycopy(ofRecurrent, summed, bias, length, length - summed);
      return bias;
    }

    /** The values of the tensors; of biases that are summed up, the second is zero. */
    List<float[]> split(float[] values) {
      if (tensors.size() < 2) {
        return List.of(values);
      }
      int length = shape.getFirst();
      float[] ofInput = new float[length];
      float[] ofRecurrent = new float[length];
      System.arraycopy(values, 0, ofInput, 0, length);
      System.arraycopy(values, length, ofRecurrent, summed, length - summed);
      return List.of(ofInput, ofRecurrent);
    }
  }

  /**
   * Where a file of this library keeps the parameters: under their names, but with PyTorch's two
   * biases in the cells that PyTorch has.
   *
   * @throws ArithmeticException if a size is 2^31 or more
   */
  static List<Slot> slots(Architecture architecture) {
    Map<String, Cell> biased = biased(architecture);
    List<Slot> slots = new ArrayList<>();
    for (Parameter parameter : architecture.parameters()) {
      Cell cell = biased.get(parameter.name());
      slots.add(
          cell == null
              ? new Slot(parameter, List.of(parameter.name()), parameter.shape(), 0)
              : twoBiases(parameter, cell));
    }
    return slots;
  }

  private static Slot twoBiases(Parameter parameter, Cell cell) {
    int rows = parameter.rows();
    boolean gru = cell instanceof Gru;
    List<String> tensors =
        Stream.of("_ih", "_hh")
            .map(side -> parameter.name().replace(".bias", ".bias" + side))
            .toList();
    // Of a GRU's gates r, z, n and m, the last two are PyTorch's n.
    return new Slot(
        parameter, tensors, List.of(gru ? rows / 4 * 3 : rows), gru ? 2 * cell.hiddenSize() : rows);
  }

  /** The cells of PyTorch by the names of their biases. */
  private static Map<String, Cell> biased(Architecture architecture) {
    Map<String, Cell> biased = new HashMap<>();
    for (int l = 0; l < architecture.layers().size(); l++) {
      Layer layer = architecture.layers().get(l);
      for (int d = 0; d < layer.directions() && isOfPyTorch(layer.cell()); d++) {
        biased.put(architecture.name(l, d, Schedule.BIAS), layer.cell());
      }
    }
    return biased;
  }

  /** Whether PyTorch has the kind, whatever its options. */
  private static boolean isOfPyTorch(Cell cell) {
    return switch (cell) {
      case Rnn rnn -> true;
      case Lstm lstm -> true;
      case Gru gru -> gru.reset() == Gru.Reset.AFTER;
      default -> false;
    };
  }
}
