package io.cellbelt.cells;

import io.cellbelt.cells.Initialiser.Biases;
import io.cellbelt.cells.Initialiser.Matrices;
import io.cellbelt.cells.engine.Connections;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;

/** Draws the parameters of an architecture, with the same bits on every machine. */
final class Initialisation {
  private final Architecture architecture;
  private final Initialiser initialiser;
  private final SplittableRandom random;
  private final Map<String, float[]> values = new LinkedHashMap<>();

  private Initialisation(Architecture architecture, Initialiser initialiser, long seed) {
    this.architecture = architecture;
    this.initialiser = initialiser;
    random = new SplittableRandom(seed);
  }

  /** All parameters by name. */
  static Map<String, float[]> draw(Architecture architecture, Initialiser initialiser, long seed) {
    return new Initialisation(architecture, initialiser, seed).draw();
  }

  private Map<String, float[]> draw() {
    Map<String, Parameter> named = new LinkedHashMap<>();
    for (Parameter parameter : architecture.parameters()) {
      named.put(parameter.name(), parameter);
      values.put(parameter.name(), new float[parameter.size()]);
    }
    for (int l = 0; l < architecture.layers().size(); l++) {
      Layer layer = architecture.layers().get(l);
      for (int d = 0; d < layer.directions() && !layer.tied(); d++) {
        drawLayer(l, d);
      }
    }
    int top = architecture.layers().getLast().outputSize();
    for (String name : List.of(Readout.KEYS, Readout.QUERY, Readout.SCORE, Architecture.HEAD)) {
      if (named.containsKey(name)) {
        drawMatrix(named.get(name), initialiser.input(), top);
      }
    }
    if (values.containsKey(Architecture.EMBEDDING)) {
      float[] table = values.get(Architecture.EMBEDDING);
      fill(table, 0, table.length, 1);
    }
    return values;
  }

  private void drawLayer(int l, int direction) {
    Cell cell = architecture.layers().get(l).checkedCell();
    Schedule schedule = cell.schedule();
    for (Parameter parameter : schedule.parameters(cell)) {
      Parameter named = parameter.named(architecture.name(l, direction, parameter.name()));
      float[] target = values.get(named.name());
      if (parameter.form() == Parameter.Form.MATRIX) {
        boolean input = readsX(schedule, parameter.name());
        drawMatrix(named, input ? initialiser.input() : initialiser.recurrent(), cell.hiddenSize());
        Connections.clear(architecture, named, target);
      } else if (parameter.name().equals(Schedule.BIAS)) {
        drawBiases(cell, schedule.biasedGates(), parameter, target);
      } else {
        for (Schedule.Vectors list : schedule.vectors()) {
          if (list.parameter().equals(parameter.name())) {
            Arrays.fill(target, list.initial());
            if (list.parameter().equals(cell.biasVectors())
                && !(initialiser.biases() instanceof Biases.Usual)) {
              drawBiases(cell, list.names(), parameter, target);
            }
          }
        }
      }
    }
  }

  private static boolean readsX(Schedule schedule, String parameter) {
    return schedule.groups().stream()
        .flatMap(group -> group.products().stream())
        .filter(product -> product.parameter().equals(parameter))
        .anyMatch(product -> product.source() instanceof Schedule.Source.X);
  }

  /** The gates' blocks follow each other, part by part. */
  private void drawBiases(Cell cell, String gates, Parameter parameter, float[] target) {
    Map<Boolean, double[]> shared = new LinkedHashMap<>();
    int at = 0;
    int next = 0;
    for (Parameter.Part part : parameter.parts()) {
      for (int g = 0; g < part.gates(); g++) {
        char gate = gates.charAt(next++);
        for (int j = 0; j < part.size(); j++) {
          target[at++] = (float) bias(cell, gates, gate, j, part.size(), shared);
        }
      }
    }
  }

  private double bias(
      Cell cell, String gates, char gate, int unit, int size, Map<Boolean, double[]> shared) {
    return switch (initialiser.biases()) {
      case Biases.Usual usual -> cell.initialBias(gate);
      case Biases.Forget(double value) -> {
        boolean kept =
            gates.chars().anyMatch(c -> sameMemory(gate, (char) c) && cell.keeps((char) c));
        yield cell.keeps(gate) ? value : cell.writes(gate) && !kept ? -value : 0;
      }
      case Biases.Chrono(double longest) -> {
        if (!cell.keeps(gate) && !cell.writes(gate)) {
          yield 0;
        }
        double[] logs =
            shared.computeIfAbsent(Character.isUpperCase(gate), _ -> logs(size, longest));
        yield cell.keeps(gate) ? logs[unit] : -logs[unit];
      }
    };
  }

  /** Cells with two memories have capital letters for the gates of the second. */
  private static boolean sameMemory(char a, char b) {
    return Character.isUpperCase(a) == Character.isUpperCase(b);
  }

  private double[] logs(int size, double longest) {
    double[] logs = new double[size];
    for (int j = 0; j < size; j++) {
      logs[j] = StrictMath.log(random.nextDouble(1, longest - 1));
    }
    return logs;
  }

  private void drawMatrix(Parameter parameter, Matrices how, int hidden) {
    float[] target = values.get(parameter.name());
    if (parameter.form() == Parameter.Form.VECTOR) {
      drawBlock(target, 0, 1, parameter.rows(), how, hidden); // the score: one output
      return;
    }
    int inputs = parameter.columns();
    int at = 0;
    for (Parameter.Part part : parameter.parts()) {
      for (int g = 0; g < part.gates(); g++) {
        drawBlock(target, at, part.size(), inputs, how, hidden);
        at += part.size() * inputs;
      }
    }
  }

  private void drawBlock(
      float[] target, int at, int outputs, int inputs, Matrices how, int hidden) {
    int count = outputs * inputs;
    double both = (double) inputs + outputs;
    switch (how) {
      case UNIFORM -> fill(target, at, count, (float) (1 / Math.sqrt(hidden)));
      case XAVIER_UNIFORM -> fill(target, at, count, Math.sqrt(6 / both));
      case XAVIER_NORMAL -> fillNormal(target, at, count, Math.sqrt(2 / both));
      case HE_UNIFORM -> fill(target, at, count, Math.sqrt(6.0 / inputs));
      case HE_NORMAL -> fillNormal(target, at, count, Math.sqrt(2.0 / inputs));
      case ORTHOGONAL -> fillOrthogonal(target, at, outputs, inputs);
    }
  }

  private void fill(float[] target, int at, int count, double bound) {
    for (int i = at; i < at + count; i++) {
      target[i] = (float) random.nextDouble(-bound, bound);
    }
  }

  private void fillNormal(float[] target, int at, int count, double deviation) {
    for (int i = at; i < at + count; i++) {
      target[i] = (float) (deviation * normal());
    }
  }

  /** Marsaglia's polar method: the library's own is not the same on every machine by contract. */
  private double normal() {
    double x;
    double square;
    do {
      x = random.nextDouble(-1, 1);
      double y = random.nextDouble(-1, 1);
      square = x * x + y * y;
    } while (square >= 1 || square == 0);
    return x * Math.sqrt(-2 * StrictMath.log(square) / square);
  }

  /**
   * Q of the QR decomposition of a matrix of normal numbers, with a positive diagonal of R, by
   * Gram-Schmidt, twice for each vector so that rounding leaves nothing.
   */
  private void fillOrthogonal(float[] target, int at, int outputs, int inputs) {
    int count = Math.min(outputs, inputs);
    int length = Math.max(outputs, inputs);
    double[][] q = new double[count][length];
    for (int k = 0; k < count; k++) {
      for (int i = 0; i < length; i++) {
        q[k][i] = normal();
      }
      for (int pass = 0; pass < 2; pass++) {
        for (int other = 0; other < k; other++) {
          add(q[k], -dot(q[k], q[other]), q[other]);
        }
      }
      double scale = 1 / Math.sqrt(dot(q[k], q[k]));
      for (int i = 0; i < length; i++) {
        q[k][i] *= scale;
      }
    }
    for (int row = 0; row < outputs; row++) {
      for (int column = 0; column < inputs; column++) {
        double value = outputs >= inputs ? q[column][row] : q[row][column];
        target[at + row * inputs + column] = (float) value;
      }
    }
  }

  private static double dot(double[] a, double[] b) {
    double sum = 0;
    for (int i = 0; i < a.length; i++) {
      sum += a[i] * b[i];
    }
    return sum;
  }

  private static void add(double[] to, double factor, double[] vector) {
    for (int i = 0; i < to.length; i++) {
      to[i] += factor * vector[i];
    }
  }
}
