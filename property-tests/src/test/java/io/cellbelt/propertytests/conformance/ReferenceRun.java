package io.cellbelt.propertytests.conformance;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** A forward pass of the reference over all directions and sequences, and the way back. */
final class ReferenceRun {
  private final Recurrence recurrence;
  private final List<ReferenceCell> cells = new ArrayList<>();

  /** The steps of each sequence in each direction. */
  private final List<List<ReferenceCell.Step>> tapes = new ArrayList<>();

  private final int hidden;
  private final int batch;
  private final int directions;

  ReferenceRun(OnnxCase operator) {
    recurrence = Recurrence.of(operator);
    hidden = recurrence.hidden();
    batch = recurrence.batch();
    directions = recurrence.directions();
    for (int d = 0; d < directions; d++) {
      ReferenceCell cell = ReferenceCell.of(recurrence, d);
      cells.add(cell);
      for (int s = 0; s < batch; s++) {
        tapes.add(tape(cell, d, s));
      }
    }
  }

  private List<ReferenceCell.Step> tape(ReferenceCell cell, int direction, int sequence) {
    List<ReferenceCell.Step> tape = new ArrayList<>();
    double[] h = state(recurrence.h0(), direction, sequence);
    double[] c = state(recurrence.c0(), direction, sequence);
    for (int t : recurrence.order(direction, sequence)) {
      int from = (t * batch + sequence) * recurrence.inputs();
      double[] x = Arrays.copyOfRange(recurrence.x(), from, from + recurrence.inputs());
      ReferenceCell.Step step = new ReferenceCell.Step(t, x, h, c, cell.rows);
      cell.forward(step);
      tape.add(step);
      h = step.h;
      c = step.c;
    }
    return tape;
  }

  private double[] state(double[] all, int direction, int sequence) {
    int from = (direction * batch + sequence) * hidden;
    return Arrays.copyOfRange(all, from, from + hidden);
  }

  /** Y, Y_h and Y_c, laid out as the operator says. */
  Map<String, NamedTensor> outputs() {
    NamedTensor y = overTime("Y", hidden, step -> step.h, true);
    NamedTensor h = last("Y_h", recurrence.h0(), step -> step.h);
    NamedTensor c = last("Y_c", recurrence.c0(), step -> step.c);
    Map<String, NamedTensor> outputs = new LinkedHashMap<>();
    boolean batchFirst = recurrence.operator().attributes().batchFirst();
    outputs.put("Y", batchFirst ? y.permuted(2, 0, 1, 3) : y);
    outputs.put("Y_h", batchFirst ? h.firstTwoSwapped() : h);
    if (recurrence.operator().op().equals("LSTM")) {
      outputs.put("Y_c", batchFirst ? c.firstTwoSwapped() : c);
    }
    return outputs;
  }

  /** Returns the gates after their activation, in ONNX's order: [time][direction][batch][rows]. */
  NamedTensor gates(String name) {
    return overTime(name, cells.get(0).rows, step -> step.gates, false);
  }

  /** Returns the cell states of all steps. */
  NamedTensor cellStates(String name) {
    return overTime(name, hidden, step -> step.c, false);
  }

  /** Steps that do not count are zero, or where masks say so what the step before them was. */
  private NamedTensor overTime(String name, int size, Part part, boolean mayCarry) {
    double[] all = new double[recurrence.steps() * directions * batch * size];
    boolean carry = mayCarry && !recurrence.operator().zeroOutputForMask();
    for (int d = 0; d < directions; d++) {
      boolean reverse = recurrence.operator().attributes().reverse(d);
      for (int s = 0; s < batch; s++) {
        double[][] byTime = new double[recurrence.steps()][];
        tape(d, s).forEach(step -> byTime[step.t] = part.of(step));
        double[] previous = new double[size];
        int length = recurrence.lengths()[s];
        for (int i = 0; i < length; i++) {
          int t = reverse ? length - 1 - i : i;
          previous = byTime[t] != null ? byTime[t] : carry ? previous : new double[size];
          System.arraycopy(previous, 0, all, ((t * directions + d) * batch + s) * size, size);
        }
      }
    }
    return NamedTensor.of(name, all, recurrence.steps(), directions, batch, size);
  }

  /** A sequence without any step ends in zeros; one whose steps are all masked where it began. */
  private NamedTensor last(String name, double[] initial, Part part) {
    double[] all = new double[directions * batch * hidden];
    for (int d = 0; d < directions; d++) {
      for (int s = 0; s < batch; s++) {
        List<ReferenceCell.Step> tape = tape(d, s);
        if (recurrence.lengths()[s] > 0) {
          double[] state = tape.isEmpty() ? state(initial, d, s) : part.of(tape.getLast());
          System.arraycopy(state, 0, all, (d * batch + s) * hidden, hidden);
        }
      }
    }
    return NamedTensor.of(name, all, directions, batch, hidden);
  }

  private List<ReferenceCell.Step> tape(int direction, int sequence) {
    return tapes.get(direction * batch + sequence);
  }

  /**
   * Returns dX, dW, dR, dB, dP, dinitial_h and dinitial_c, for gradients of the outputs with time
   * first; those that are null are zeros.
   */
  Map<String, NamedTensor> gradients(NamedTensor dY, NamedTensor dYh, NamedTensor dYc) {
    int steps = recurrence.steps();
    int inputs = recurrence.inputs();
    double[] dX = new double[steps * batch * inputs];
    double[] dh0 = new double[directions * batch * hidden];
    double[] dc0 = new double[directions * batch * hidden];
    double[] y = dY == null ? new double[steps * directions * batch * hidden] : dY.values();
    double[] yh = dYh == null ? new double[dh0.length] : dYh.values();
    double[] yc = dYc == null ? new double[dc0.length] : dYc.values();
    for (int d = 0; d < directions; d++) {
      for (int s = 0; s < batch; s++) {
        if (recurrence.lengths()[s] == 0) {
          continue;
        }
        double[] dh = state(yh, d, s);
        double[] dc = state(yc, d, s);
        for (ReferenceCell.Step step : tape(d, s).reversed()) {
          for (int u = 0; u < hidden; u++) {
            dh[u] += y[((step.t * directions + d) * batch + s) * hidden + u];
          }
          double[] dx = new double[inputs];
          cells.get(d).backward(step, dh, dc, dx);
          for (int k = 0; k < inputs; k++) {
            dX[(step.t * batch + s) * inputs + k] += dx[k];
          }
        }
        System.arraycopy(dh, 0, dh0, (d * batch + s) * hidden, hidden);
        System.arraycopy(dc, 0, dc0, (d * batch + s) * hidden, hidden);
      }
    }
    int rows = cells.get(0).rows;
    Map<String, NamedTensor> gradients = new LinkedHashMap<>();
    for (NamedTensor gradient :
        List.of(
            NamedTensor.of("dX", dX, steps, batch, inputs),
            NamedTensor.of("dW", joined(cell -> cell.dW), directions, rows, inputs),
            NamedTensor.of("dR", joined(cell -> cell.dR), directions, rows, hidden),
            NamedTensor.of("dB", joined(cell -> cell.dB), directions, 2 * rows),
            NamedTensor.of("dP", joined(cell -> cell.dP), directions, 3 * hidden),
            NamedTensor.of("dinitial_h", dh0, directions, batch, hidden),
            NamedTensor.of("dinitial_c", dc0, directions, batch, hidden))) {
      gradients.put(gradient.name(), gradient);
    }
    return gradients;
  }

  private double[] joined(Gradient gradient) {
    return cells.stream().flatMapToDouble(cell -> Arrays.stream(gradient.of(cell))).toArray();
  }

  private interface Part {
    double[] of(ReferenceCell.Step step);
  }

  private interface Gradient {
    double[] of(ReferenceCell cell);
  }
}
