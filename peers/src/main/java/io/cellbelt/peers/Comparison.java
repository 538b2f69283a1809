package io.cellbelt.peers;

import io.cellbelt.kernels.Timing;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.function.ToDoubleFunction;

/**
 * One LSTM in one mode, timed in all engines in turn.
 *
 * @param rows one for each engine, Cellbelt with f32 weights first
 */
record Comparison(String mode, int steps, int batch, int input, int hidden, List<Row> rows) {
  private static final int CHECKED_CALLS = 3;

  /**
   * What was measured of one engine.
   *
   * @param medianUs microseconds of a call in the middle block of calls
   * @param bestUs microseconds of a call in the fastest block
   */
  record Row(
      String engine,
      String weights,
      boolean peer,
      String implementation,
      double medianUs,
      double bestUs) {}

  /**
   * Checks that the engines compute the same, then times them.
   *
   * @param seconds how long all are timed together, after a warm-up
   * @throws IllegalStateException if results differ
   */
  static Comparison run(List<Engine> all, Problem problem, double seconds) {
    List<Engine> engines = all.stream().filter(e -> e.supports(problem.mode())).toList();
    Deque<Engine.Task> open = new ArrayDeque<>();
    try {
      List<Engine.Task> tasks = new ArrayList<>();
      for (Engine engine : engines) {
        Engine.Task task = engine.prepare(problem);
        open.push(task);
        tasks.add(task);
      }
      check(engines, tasks, problem.mode());
      List<Timing> timings = Timing.interleaved(seconds, tasks);
      List<Row> rows = new ArrayList<>();
      for (int i = 0; i < tasks.size(); i++) {
        Engine engine = engines.get(i);
        rows.add(
            new Row(
                engine.name(),
                engine.weights(),
                engine.peer(),
                tasks.get(i).implementation(),
                1e6 * timings.get(i).median(),
                1e6 * timings.get(i).best()));
      }
      return new Comparison(
          problem.mode().label(),
          problem.steps(),
          problem.batch(),
          problem.input(),
          problem.hidden(),
          rows);
    } finally {
      open.forEach(Engine.Task::close);
    }
  }

  /** Several calls show that states are carried; some engines add gradients up, so one does. */
  private static void check(List<Engine> engines, List<Engine.Task> tasks, Mode mode) {
    for (int call = 0; call < (mode == Mode.TRAIN ? 1 : CHECKED_CALLS); call++) {
      tasks.forEach(Engine.Task::run);
      Results expected = tasks.getFirst().results();
      for (int i = 1; i < tasks.size(); i++) {
        tasks.get(i).results().check(engines.get(i).name(), expected, engines.get(i).tolerance());
      }
    }
  }

  /** How many times as long as Cellbelt with f32 weights an engine takes, by medians. */
  double medianRatio(Row row) {
    return row.medianUs / rows.getFirst().medianUs;
  }

  /** How many times as long as Cellbelt with f32 weights an engine takes, by best blocks. */
  double bestRatio(Row row) {
    return row.bestUs / rows.getFirst().bestUs;
  }

  /** How many times as long the fastest peer takes as Cellbelt with such weights, by medians. */
  double fastestPeerMedianRatio(String weights) {
    return fastestPeer(Row::medianUs) / cellbelt(weights).medianUs;
  }

  /** How many times as long the fastest peer takes as Cellbelt with such weights, at best. */
  double fastestPeerBestRatio(String weights) {
    return fastestPeer(Row::bestUs) / cellbelt(weights).bestUs;
  }

  private double fastestPeer(ToDoubleFunction<Row> time) {
    return rows.stream().filter(Row::peer).mapToDouble(time).min().orElse(Double.NaN);
  }

  private Row cellbelt(String weights) {
    return rows.stream()
        .filter(row -> !row.peer && row.weights.equals(weights))
        .findFirst()
        .orElseThrow();
  }
}
