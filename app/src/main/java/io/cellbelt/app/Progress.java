package io.cellbelt.app;

import java.io.PrintWriter;
import java.time.Duration;
import java.util.Locale;
import me.tongfei.progressbar.DelegatingProgressBarConsumer;
import me.tongfei.progressbar.ProgressBar;
import me.tongfei.progressbar.ProgressBarBuilder;
import me.tongfei.progressbar.ProgressBarStyle;

/** How far a task is, told to whoever is watching. One user at a time. */
sealed interface Progress extends AutoCloseable {
  /**
   * Tells that more was done.
   *
   * @param steps how much since the last call
   */
  void step(long steps);

  /** Sets what is shown beside the progress, such as the loss. */
  void message(String text);

  /** Ends the progress and, on a terminal, removes it. */
  @Override
  void close();

  /** A bar that is redrawn in place. */
  final class Bar implements Progress {
    private static final int COLUMNS = 79;

    private final PrintWriter out;
    private final ProgressBar bar;

    Bar(PrintWriter out, String task, long max) {
      this.out = out;
      bar =
          new ProgressBarBuilder()
              .setTaskName(task)
              .setInitialMax(max)
              .setStyle(ProgressBarStyle.ASCII)
              .setUpdateIntervalMillis(200)
              .setConsumer(
                  new DelegatingProgressBarConsumer(
                      line -> {
                        out.print("\r" + line);
                        out.flush();
                      },
                      COLUMNS))
              .build();
    }

    @Override
    public void step(long steps) {
      bar.stepBy(steps);
    }

    @Override
    public void message(String text) {
      bar.setExtraMessage(text);
    }

    @Override
    public void close() {
      bar.close();
      // The library's own way leaves a bar that was closed before it was drawn a second time.
      out.print("\r" + " ".repeat(COLUMNS) + "\r");
      out.flush();
    }
  }

  /** A line every while, for logs. */
  final class Lines implements Progress {
    private static final long PAUSE_NANOS = Duration.ofSeconds(15).toNanos();

    private final PrintWriter out;
    private final String task;
    private final long max;
    private long done;
    private String message = "";
    private long next = System.nanoTime() + PAUSE_NANOS;

    Lines(PrintWriter out, String task, long max) {
      this.out = out;
      this.task = task;
      this.max = max;
    }

    @Override
    public void step(long steps) {
      done += steps;
      if (System.nanoTime() - next >= 0) {
        next = System.nanoTime() + PAUSE_NANOS;
        out.println(
            String.format(
                Locale.ROOT, "  %s: %d %% %s", task, 100 * done / Math.max(1, max), message));
        out.flush();
      }
    }

    @Override
    public void message(String text) {
      message = text;
    }

    @Override
    public void close() {}
  }
}
