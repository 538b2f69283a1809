package io.cellbelt.kernels;

import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;

/**
 * How long a call takes: median and best of many short blocks of calls.
 *
 * @param median seconds of a call in the middle block
 * @param best seconds of a call in the fastest block
 */
public record Timing(double median, double best) {
  private static final int MIN_BLOCKS = 3;
  private static final double MAX_WARM_UP_SECONDS = 10;

  /**
   * Times tasks in turn, a block of calls each, so that a slow phase of the machine hits them alike
   * and their ratio stays true. The first call of a block of several is not counted: it finds the
   * caches full of another task's memory.
   *
   * <p>A warm-up comes first. It lasts until all tasks have settled for the given time, as {@link
   * Settling} says, but at most {@value #MAX_WARM_UP_SECONDS} seconds or ten times as long.
   *
   * @param seconds how long to time, 0 or more; at least {@value #MIN_BLOCKS} blocks of each task
   *     are timed even where that takes longer
   * @param tasks what to time, 1 or more
   * @return one timing for each task
   * @throws IllegalArgumentException if the number of seconds is none, or there is no task
   */
  public static List<Timing> interleaved(double seconds, List<? extends Runnable> tasks) {
    Settling.checkSeconds(seconds);
    Settling.checkTasks(tasks);
    double longest = Math.max(MAX_WARM_UP_SECONDS, 10 * seconds);
    Settling settling = Settling.of(seconds, longest, false, tasks);
    int[] calls = IntStream.range(0, tasks.size()).map(settling::block).toArray();
    long start = System.nanoTime();
    double[][] samples = new double[calls.length][1024];
    int count = 0;
    while (count < MIN_BLOCKS || elapsed(start) < seconds) {
      for (int i = 0; i < calls.length; i++) {
        if (count == samples[i].length) {
          samples[i] = Arrays.copyOf(samples[i], 2 * count);
        }
        samples[i][count] = block(tasks.get(i), calls[i]);
      }
      count++;
    }
    int blocks = count;
    return Arrays.stream(samples).map(all -> of(Arrays.copyOf(all, blocks))).toList();
  }

  private static double elapsed(long start) {
    return 1e-9 * (System.nanoTime() - start);
  }

  private static double block(Runnable task, int calls) {
    if (calls > 1) {
      task.run();
    }
    long start = System.nanoTime();
    for (int i = 0; i < calls; i++) {
      task.run();
    }
    return Math.max(1e-9, elapsed(start) / calls);
  }

  private static Timing of(double[] samples) {
    Arrays.sort(samples);
    return new Timing(samples[samples.length / 2], samples[0]);
  }
}
