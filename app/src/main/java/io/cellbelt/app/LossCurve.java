package io.cellbelt.app;

import io.cellbelt.models.AtomicFiles;
import io.cellbelt.models.ModelFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.stream.DoubleStream;
import java.util.stream.Stream;

/** Training and validation loss over the epochs, as text, picture or table. */
final class LossCurve {
  private static final int COLUMNS = 60;
  private static final int ROWS = 12;

  private final List<Point> training = new ArrayList<>();
  private final List<Point> validation = new ArrayList<>();

  /** A loss in nats per character after so many epochs. */
  record Point(double epoch, double loss) {}

  /**
   * The curve of a training so far.
   *
   * @param windows of each epoch
   */
  LossCurve(TrainingLog log, int windows) {
    double sections = TrainingLog.sections(windows);
    for (int i = 0; i < log.training().size(); i++) {
      training.add(new Point((i + 1) / sections, log.training().get(i)));
    }
    for (int i = 0; i < log.validation().size(); i++) {
      validation.add(new Point(i + 1, log.validation().get(i)));
    }
  }

  /** Whether there is nothing to show. */
  boolean isEmpty() {
    return training.isEmpty();
  }

  /** The curve in plain characters, several lines. */
  String text() {
    double right = Math.max(1, training.getLast().epoch());
    double low = losses().min().orElseThrow();
    double high = losses().max().orElseThrow();
    char[][] grid = new char[ROWS][COLUMNS];
    Arrays.stream(grid).forEach(row -> Arrays.fill(row, ' '));
    draw(grid, training, '.', right, low, high);
    draw(grid, validation, 'o', right, low, high);
    StringBuilder text =
        new StringBuilder("loss in nats per character: . training  o validation\n");
    for (int row = 0; row < ROWS; row++) {
      double loss = high - row * (high - low) / (ROWS - 1);
      text.append(
          String.format(Locale.ROOT, "%6.2f |%s%n", loss, new String(grid[row]).stripTrailing()));
    }
    return text.append("       +")
        .append("-".repeat(COLUMNS))
        .append(
            String.format(
                Locale.ROOT,
                "%n        0%" + (COLUMNS - 8) + "s epochs",
                String.format(Locale.ROOT, "%.3g", right)))
        .toString();
  }

  private DoubleStream losses() {
    return Stream.concat(training.stream(), validation.stream()).mapToDouble(Point::loss);
  }

  private static void draw(
      char[][] grid, List<Point> points, char mark, double right, double low, double high) {
    for (Point point : points) {
      int column = (int) Math.round((COLUMNS - 1) * Math.min(1, point.epoch() / right));
      double height = high > low ? (high - point.loss()) / (high - low) : 0.5;
      grid[(int) Math.round((ROWS - 1) * height)][column] = mark;
    }
  }

  /** Whether the name of the file says in which form. */
  static boolean canWrite(Path file) {
    return isPng(file) || extension(file).endsWith(".csv");
  }

  private static boolean isPng(Path file) {
    return extension(file).endsWith(".png");
  }

  private static String extension(Path file) {
    return file.toString().toLowerCase(Locale.ROOT);
  }

  /**
   * Writes the curve as a picture or a table.
   *
   * @param file ends in .png or .csv
   */
  void write(Path file) throws ModelFileException {
    if (isPng(file)) {
      byte[] png = Charts.epochs(training, validation);
      AtomicFiles.write(file, out -> out.write(png));
    } else {
      AtomicFiles.writeString(file, table());
    }
  }

  private String table() {
    StringBuilder table = new StringBuilder("kind,epoch,nats_per_character\n");
    training.forEach(p -> table.append("training," + p.epoch() + "," + p.loss() + "\n"));
    validation.forEach(p -> table.append("validation," + p.epoch() + "," + p.loss() + "\n"));
    return table.toString();
  }
}
