package io.cellbelt.app;

import io.cellbelt.bptt.GradientCheck;
import io.cellbelt.cells.Input;
import io.cellbelt.cells.Weights;
import io.cellbelt.models.Model;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * A user's data, cut into sequences for a check: tokens of a text, or lines of numbers.
 *
 * @param steps T
 * @param batch B
 * @param tokens {@code [T, B]}, or null
 * @param x {@code [T, B, I]}, or null
 */
@SuppressWarnings("ArrayRecordComponent") // compared by nobody
record CheckData(int steps, int batch, int[] tokens, float[] x) {
  /**
   * Reads as much as is needed: sequences from places that are evenly spread, or a shorter one.
   *
   * @param steps T at most
   * @param batch B at most
   * @throws Failure if the file does not fit the model
   */
  static CheckData read(Path file, Path modelFile, Model model, int steps, int batch) {
    int[] characters = TextFile.read(file).characters();
    Input input = model.weights().architecture().input();
    if (input instanceof Input.Dense(int size)) {
      List<float[]> rows = rows(file, new String(characters, 0, characters.length), size);
      int t = Math.min(steps, rows.size());
      int b = Math.min(batch, rows.size() / t);
      float[] x = new float[t * b * size];
      for (int row = 0; row < t * b; row++) {
        System.arraycopy(rows.get(place(row, b, rows.size())), 0, x, row * size, size);
      }
      return new CheckData(t, b, null, x);
    }
    int[] text = Vocabulary.of(modelFile, model).tokens(characters);
    int t = Math.min(steps, text.length);
    int b = Math.min(batch, text.length / t);
    int[] tokens = new int[t * b];
    for (int row = 0; row < tokens.length; row++) {
      tokens[row] = text[place(row, b, text.length)];
    }
    return new CheckData(t, b, tokens, null);
  }

  /** Where in the data a row {@code t * B + b} comes from. */
  private static int place(int row, int batch, int length) {
    return row % batch * (length / batch) + row / batch;
  }

  private static List<float[]> rows(Path file, String text, int size) {
    List<float[]> rows = new ArrayList<>();
    List<String> lines = text.lines().toList();
    for (int n = 0; n < lines.size(); n++) {
      String line = lines.get(n).strip();
      if (line.isEmpty() || (n == 0 && isHeader(line))) {
        continue;
      }
      String[] cells = line.split("[,;\t]", -1);
      if (cells.length != size) {
        throw new Failure(
            String.format(
                    Locale.ROOT,
                    "Line %d of %s has %d numbers, but the model takes %d at each step, separated"
                        + " by commas.",
                    n + 1,
                    file,
                    cells.length,
                    size)
                + (line.contains(";") ? " Numbers have a point, as in 0.5, and no comma." : ""));
      }
      float[] row = new float[size];
      for (int k = 0; k < size; k++) {
        row[k] = number(file, n + 1, cells[k].strip());
      }
      rows.add(row);
    }
    if (rows.isEmpty()) {
      throw new Failure("The data " + file + " has no line of numbers; name a file with some.");
    }
    return rows;
  }

  /** Whether nothing in a line is a number. */
  private static boolean isHeader(String line) {
    for (String cell : line.split("[,;\t]", -1)) {
      try {
        Float.parseFloat(cell.strip());
        return false;
      } catch (NumberFormatException e) {
        // The name of a column.
      }
    }
    return true;
  }

  private static float number(Path file, int line, String cell) {
    try {
      float value = Float.parseFloat(cell);
      if (Float.isFinite(value)) {
        return value;
      }
    } catch (NumberFormatException e) {
      throw new Failure(notNumber(file, line, cell), e);
    }
    throw new Failure(notNumber(file, line, cell));
  }

  private static String notNumber(Path file, int line, String cell) {
    return String.format(
        Locale.ROOT, "Line %d of %s has '%s' where a finite number is needed.", line, file, cell);
  }

  /** Checks the gradients of a network on this data. */
  GradientCheck.Report check(Weights weights, long seed) {
    return tokens != null
        ? GradientCheck.run(weights, tokens, steps, batch, seed)
        : GradientCheck.run(weights, x, steps, batch, seed);
  }
}
