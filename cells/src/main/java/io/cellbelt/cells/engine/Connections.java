package io.cellbelt.cells.engine;

import io.cellbelt.cells.Architecture;
import io.cellbelt.cells.Cell;
import io.cellbelt.cells.Layer;
import io.cellbelt.cells.Parameter;
import io.cellbelt.kernels.PanelMatrix;
import java.util.stream.LongStream;

/**
 * Recurrent weights that a cell does not have: they are 0, their gradients are 0, and nothing else
 * is taken. Only cells with a clock have such.
 */
public final class Connections {
  private Connections() {}

  /** What is done with an entry that must be 0. */
  private interface Absent {
    void at(int unit, int from);
  }

  /** The cell whose recurrent weights the parameter holds, if some of them must be 0, or null. */
  private static Cell cell(Architecture architecture, String parameter) {
    for (int l = 0; l < architecture.layers().size(); l++) {
      Layer layer = architecture.layers().get(l);
      for (int d = 0; d < layer.directions(); d++) {
        if (layer.cell().clock() > 0 && architecture.name(l, d, "weight_hh").equals(parameter)) {
          return layer.cell();
        }
      }
    }
    return null;
  }

  /** Whether an entry of a parameter, row-major, must be 0. */
  public static boolean isAbsent(Architecture architecture, String parameter, int index) {
    Cell cell = cell(architecture, parameter);
    return cell != null && !cell.connected(index / cell.hiddenSize(), index % cell.hiddenSize());
  }

  private static void forEachAbsent(Architecture architecture, String parameter, Absent absent) {
    Cell cell = cell(architecture, parameter);
    for (int unit = 0; cell != null && unit < cell.hiddenSize(); unit++) {
      for (int from = 0; from < cell.hiddenSize(); from++) {
        if (!cell.connected(unit, from)) {
          absent.at(unit, from);
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
        parameter.name(),
        (unit, from) -> {
          float value = values[unit * parameter.columns() + from];
          if (value != 0) {
            throw new IllegalArgumentException(
                "In '"
                    + parameter.name()
                    + "' the fast unit "
                    + from
                    + " does not feed the slower unit "
                    + unit
                    + ", so that weight is 0, but got "
                    + value
                    + ".");
          }
        });
  }

  /** Sets values to 0 where there is no connection. */
  public static void clear(Architecture architecture, Parameter parameter, float[] values) {
    forEachAbsent(
        architecture,
        parameter.name(),
        (unit, from) -> values[unit * parameter.columns() + from] = 0);
  }

  /** Raw addresses of the entries of all parameters that are 0. */
  public static long[] addresses(ParameterSlab parameters) {
    LongStream.Builder all = LongStream.builder();
    for (Parameter parameter : parameters.architecture().parameters()) {
      PanelMatrix matrix = parameters.matrix(parameter.name());
      forEachAbsent(
          parameters.architecture(),
          parameter.name(),
          (unit, from) ->
              all.add(matrix.address() + Float.BYTES * matrix.shape().index(from, unit)));
    }
    return all.build().toArray();
  }
}
