package io.cellbelt.cells.engine;

import io.cellbelt.cells.Architecture;
import io.cellbelt.cells.Cell;
import io.cellbelt.cells.Layer;
import io.cellbelt.cells.Parameter;
import io.cellbelt.kernels.PanelMatrix;
import java.util.List;
import java.util.stream.LongStream;

/**
 * Recurrent weights that a cell does not have: they are 0, their gradients are 0, and nothing else
 * is taken. Only cells with a clock have such.
 */
public final class Connections {
  private Connections() {}

  /** What is done with an entry that must be 0. */
  private interface Absent {
    void at(int row, int from);
  }

  /** The cell whose recurrent weights the parameter holds, if some of them must be 0, or null. */
  private static Cell cell(Architecture architecture, String parameter) {
    for (int l = 0; l < architecture.layers().size(); l++) {
      Layer layer = architecture.layers().get(l);
      for (int d = 0; d < layer.directions(); d++) {
        if (layer.checkedCell().clock() > 0
            && architecture.name(l, d, "weight_hh").equals(parameter)) {
          return layer.checkedCell();
        }
      }
    }
    return null;
  }

  /** Whether an entry of a parameter, row-major, must be 0. */
  public static boolean isAbsent(Architecture architecture, String parameter, int index) {
    Cell cell = cell(architecture, parameter);
    return cell != null && !isConnected(cell, index / cell.hiddenSize(), index % cell.hiddenSize());
  }

  /** A row of U belongs to a unit of one of the gates. */
  private static boolean isConnected(Cell cell, int row, int from) {
    return cell.connected(row % cell.hiddenSize(), from);
  }

  private static void forEachAbsent(Architecture architecture, Parameter parameter, Absent absent) {
    Cell cell = cell(architecture, parameter.name());
    for (int row = 0; cell != null && row < parameter.rows(); row++) {
      for (int from = 0; from < cell.hiddenSize(); from++) {
        if (!isConnected(cell, row, from)) {
          absent.at(row, from);
        }
      }
    }
  }

  /**
   * Refuses values other than 0 where there is no connection.
   *
   * @throws IllegalArgumentException if there is one
   */
  public static void check(Architecture architecture, Parameter parameter, float[] values) {
    forEachAbsent(
        architecture,
        parameter,
        (row, from) -> {
          float value = values[row * parameter.columns() + from];
          if (value != 0) {
            throw new IllegalArgumentException(
                "In '"
                    + parameter.name()
                    + "' the fast unit "
                    + from
                    + " does not feed the slower unit "
                    + row
                    + ", so that weight is 0, but got "
                    + value
                    + ".");
          }
        });
  }

  /** Sets values to 0 where there is no connection. */
  public static void clear(Architecture architecture, Parameter parameter, float[] values) {
    forEachAbsent(
        architecture, parameter, (row, from) -> values[row * parameter.columns() + from] = 0);
  }

  /** Raw addresses of the entries of all parameters that are 0. */
  public static long[] addresses(ParameterSlab parameters) {
    LongStream.Builder all = LongStream.builder();
    for (Parameter parameter : parameters.architecture().parameters()) {
      List<PanelMatrix> gates = parameters.parts(parameter.name());
      forEachAbsent(
          parameters.architecture(),
          parameter,
          (row, from) -> {
            PanelMatrix gate = gates.get(row / gates.getFirst().shape().blockSize());
            int unit = row % gate.shape().blockSize();
            all.add(gate.address() + Float.BYTES * gate.shape().index(from, unit));
          });
    }
    return all.build().toArray();
  }
}
