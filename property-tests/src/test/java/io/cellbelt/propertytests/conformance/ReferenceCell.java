package io.cellbelt.propertytests.conformance;

import java.util.Arrays;
import java.util.List;
import java.util.OptionalDouble;

/** One direction's cell in doubles, written as ONNX's formulas are, with gradients. */
abstract class ReferenceCell {
  final int hidden;
  final int inputs;
  final int rows;
  final List<Attributes.Function> functions;
  final Attributes attributes;
  final double[] p;

  /** Sums of gradients, laid out as the weights of one direction. */
  final double[] dW;

  final double[] dR;
  final double[] dB;
  final double[] dP;

  private final double[] w;
  private final double[] r;
  private final double[] b;
  private final OptionalDouble clip;

  ReferenceCell(Recurrence of, int direction) {
    hidden = of.hidden();
    inputs = of.inputs();
    attributes = of.operator().attributes();
    rows = attributes.gates() * hidden;
    functions = attributes.activations(direction);
    clip = attributes.clip();
    w = part(of.w(), direction, rows * inputs);
    r = part(of.r(), direction, rows * hidden);
    b = part(of.b(), direction, 2 * rows);
    p = part(of.p(), direction, 3 * hidden);
    dW = new double[w.length];
    dR = new double[r.length];
    dB = new double[b.length];
    dP = new double[p.length];
  }

  static ReferenceCell of(Recurrence recurrence, int direction) {
    return switch (recurrence.operator().op()) {
      case "LSTM" -> new Lstm(recurrence, direction);
      case "GRU" -> new Gru(recurrence, direction);
      case "RNN" -> new Rnn(recurrence, direction);
      default ->
          throw new IllegalArgumentException(
              "There is no operator " + recurrence.operator().op() + ".");
    };
  }

  private static double[] part(double[] all, int direction, int size) {
    return Arrays.copyOfRange(all, direction * size, (direction + 1) * size);
  }

  /** Fills in what a step makes of its x and the state before it. */
  abstract void forward(Step step);

  /** Adds to the gradients; {@code dh} and {@code dc} turn from those after into those before. */
  abstract void backward(Step step, double[] dh, double[] dc, double[] dx);

  double clipped(double a) {
    return clip.isPresent() ? Math.clamp(a, -clip.getAsDouble(), clip.getAsDouble()) : a;
  }

  /** The derivative of a function of a clipped sum. */
  double derivative(Attributes.Function function, double a) {
    return clip.isPresent() && Math.abs(a) > clip.getAsDouble() ? 0 : function.derivative(a);
  }

  double fromInput(Step step, int row) {
    double sum = b[row];
    for (int k = 0; k < inputs; k++) {
      sum += w[row * inputs + k] * step.x[k];
    }
    return sum;
  }

  double fromState(double[] h, int row) {
    double sum = b[rows + row];
    for (int k = 0; k < hidden; k++) {
      sum += r[row * hidden + k] * h[k];
    }
    return sum;
  }

  void backToInput(double da, int row, Step step, double[] dx) {
    dB[row] += da;
    for (int k = 0; k < inputs; k++) {
      dW[row * inputs + k] += da * step.x[k];
      dx[k] += da * w[row * inputs + k];
    }
  }

  void backToState(double da, int row, double[] h, double[] dh) {
    dB[rows + row] += da;
    for (int k = 0; k < hidden; k++) {
      dR[row * hidden + k] += da * h[k];
      dh[k] += da * r[row * hidden + k];
    }
  }

  /** A step as it was computed: sums before clipping, gates, states. */
  static final class Step {
    final int t;
    final double[] x;
    final double[] before;
    final double[] cellBefore;
    final double[] sums;
    final double[] gates;
    final double[] h;
    final double[] c;

    Step(int t, double[] x, double[] before, double[] cellBefore, int rows) {
      this.t = t;
      this.x = x;
      this.before = before;
      this.cellBefore = cellBefore;
      sums = new double[rows];
      gates = new double[rows];
      h = new double[before.length];
      c = new double[before.length];
    }
  }

  private static final class Rnn extends ReferenceCell {
    Rnn(Recurrence of, int direction) {
      super(of, direction);
    }

    @Override
    void forward(Step step) {
      for (int u = 0; u < hidden; u++) {
        step.sums[u] = fromInput(step, u) + fromState(step.before, u);
        step.gates[u] = functions.get(0).of(clipped(step.sums[u]));
        step.h[u] = step.gates[u];
      }
    }

    @Override
    void backward(Step step, double[] dh, double[] dc, double[] dx) {
      double[] after = dh.clone();
      Arrays.fill(dh, 0);
      for (int u = 0; u < hidden; u++) {
        double da = after[u] * derivative(functions.get(0), step.sums[u]);
        backToInput(da, u, step, dx);
        backToState(da, u, step.before, dh);
      }
    }
  }

  /** Gates z, r and the candidate n. */
  private static final class Gru extends ReferenceCell {
    Gru(Recurrence of, int direction) {
      super(of, direction);
    }

    @Override
    void forward(Step step) {
      for (int row = 0; row < 2 * hidden; row++) {
        step.sums[row] = fromInput(step, row) + fromState(step.before, row);
        step.gates[row] = functions.get(0).of(clipped(step.sums[row]));
      }
      double[] reset = reset(step);
      for (int u = 0; u < hidden; u++) {
        int n = 2 * hidden + u;
        double recurrent =
            attributes.linearBeforeReset()
                ? step.gates[hidden + u] * fromState(step.before, n)
                : fromState(reset, n);
        step.sums[n] = fromInput(step, n) + recurrent;
        step.gates[n] = functions.get(1).of(clipped(step.sums[n]));
        double z = step.gates[u];
        step.h[u] = (1 - z) * step.gates[n] + z * step.before[u];
      }
    }

    private double[] reset(Step step) {
      double[] reset = new double[hidden];
      Arrays.setAll(reset, u -> step.gates[hidden + u] * step.before[u]);
      return reset;
    }

    @Override
    void backward(Step step, double[] dh, double[] dc, double[] dx) {
      double[] after = dh.clone();
      double[] reset = reset(step);
      double[] dReset = new double[hidden];
      double[] dr = new double[hidden];
      for (int u = 0; u < hidden; u++) {
        dh[u] = after[u] * step.gates[u];
      }
      for (int u = 0; u < hidden; u++) {
        int n = 2 * hidden + u;
        double da = after[u] * (1 - step.gates[u]) * derivative(functions.get(1), step.sums[n]);
        backToInput(da, n, step, dx);
        if (attributes.linearBeforeReset()) {
          dr[u] = da * fromState(step.before, n);
          backToState(da * step.gates[hidden + u], n, step.before, dh);
        } else {
          backToState(da, n, reset, dReset);
        }
      }
      for (int u = 0; u < hidden; u++) {
        dr[u] += dReset[u] * step.before[u];
        dh[u] += dReset[u] * step.gates[hidden + u];
      }
      for (int u = 0; u < hidden; u++) {
        double dz = after[u] * (step.before[u] - step.gates[2 * hidden + u]);
        back(dz, u, step, dh, dx);
        back(dr[u], hidden + u, step, dh, dx);
      }
    }

    private void back(double dGate, int row, Step step, double[] dh, double[] dx) {
      double da = dGate * derivative(functions.get(0), step.sums[row]);
      backToInput(da, row, step, dx);
      backToState(da, row, step.before, dh);
    }
  }

  /** Gates i, o, f and the candidate g. */
  private static final class Lstm extends ReferenceCell {
    Lstm(Recurrence of, int direction) {
      super(of, direction);
    }

    @Override
    void forward(Step step) {
      for (int u = 0; u < hidden; u++) {
        int o = hidden + u;
        int f = 2 * hidden + u;
        int g = 3 * hidden + u;
        double before = step.cellBefore[u];
        gate(step, u, 0, p[u] * before);
        gate(step, f, 0, p[f] * before);
        if (attributes.inputForget()) {
          step.gates[f] = 1 - step.gates[u];
        }
        gate(step, g, 1, 0);
        step.c[u] = step.gates[f] * before + step.gates[u] * step.gates[g];
        gate(step, o, 0, p[o] * step.c[u]);
        step.h[u] = step.gates[o] * functions.get(2).of(step.c[u]);
      }
    }

    private void gate(Step step, int row, int function, double peephole) {
      step.sums[row] = fromInput(step, row) + fromState(step.before, row) + peephole;
      step.gates[row] = functions.get(function).of(clipped(step.sums[row]));
    }

    @Override
    void backward(Step step, double[] dh, double[] dc, double[] dx) {
      double[] after = dh.clone();
      Arrays.fill(dh, 0);
      for (int u = 0; u < hidden; u++) {
        int o = hidden + u;
        int f = 2 * hidden + u;
        int g = 3 * hidden + u;
        Attributes.Function gate = functions.get(0);
        Attributes.Function output = functions.get(2);
        double c = step.c[u];
        double before = step.cellBefore[u];
        double dao = after[u] * output.of(c) * derivative(gate, step.sums[o]);
        double dCell = dc[u] + after[u] * step.gates[o] * output.derivative(c) + dao * p[o];
        boolean coupled = attributes.inputForget();
        double di = dCell * (coupled ? step.gates[g] - before : step.gates[g]);
        double dai = di * derivative(gate, step.sums[u]);
        double daf = coupled ? 0 : dCell * before * derivative(gate, step.sums[f]);
        double dag = dCell * step.gates[u] * derivative(functions.get(1), step.sums[g]);
        dP[u] += dai * before;
        dP[o] += dao * c;
        dP[f] += daf * before;
        dc[u] = dCell * step.gates[f] + dai * p[u] + daf * p[f];
        back(dai, u, step, dh, dx);
        back(dao, o, step, dh, dx);
        back(daf, f, step, dh, dx);
        back(dag, g, step, dh, dx);
      }
    }

    private void back(double da, int row, Step step, double[] dh, double[] dx) {
      backToInput(da, row, step, dx);
      backToState(da, row, step.before, dh);
    }
  }
}
