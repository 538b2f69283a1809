package io.cellbelt.kernels;

import com.sun.management.ThreadMXBean;
import java.lang.management.ManagementFactory;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/**
 * Runs tasks in turn until the JVM has settled on code for them, and tells it by evidence.
 *
 * <p>A kernel that C2 has not compiled yet boxes its vectors: it runs about a hundred times slower,
 * and allocates. Compiling the largest takes C2 up to seconds, in which the times stay on a
 * plateau, so times alone tell nothing. The tasks have settled when for a given time, round after
 * round,
 *
 * <ul>
 *   <li>no task has allocated less per call than ever before, or anything once it had managed
 *       without;
 *   <li>the compiler has had no method of this library in hand ({@link JitState});
 *   <li>no task has become faster by a tenth;
 * </ul>
 *
 * <p>and each task was called often enough for the compiler to have taken notice.
 *
 * <p>While a method of this library is being compiled, this thread waits: on one core it would take
 * the time from the compiler, and what it ran would be slow anyway.
 */
public final class Settling {
  private static final double BLOCK_SECONDS = 1e-3;

  /** Calls after which C2 has been asked for whatever is called (Tier4InvocationThreshold). */
  private static final long NOTICED_CALLS = 10_000;

  /** Where calls take longer than it takes to make so many, what is not a kernel matters little. */
  private static final double NOTICED_SECONDS = 0.1;

  private static final long WAIT_NANOS = TimeUnit.MILLISECONDS.toNanos(2);
  private static final double WAIT_SECONDS = 0.1;

  private final Task[] tasks;
  private final boolean withoutAllocation;
  private final double seconds;
  private boolean settled;

  /** What is known of a task. */
  private static final class Task {
    final Runnable task;
    int block = 1;
    long calls;
    double spent;
    double first;
    double last;
    double best = Double.MAX_VALUE;
    double fewest = Double.MAX_VALUE;
    boolean allocates;

    Task(Runnable task) {
      this.task = task;
    }

    /** Runs a block of calls; whether it showed nothing new. */
    boolean quiet() {
      long before = allocated();
      long start = System.nanoTime();
      for (int i = 0; i < block; i++) {
        task.run();
      }
      double elapsed = Math.max(1e-9, since(start));
      double bytes = (double) (allocated() - before) / block;
      last = elapsed / block;
      first = calls == 0 ? last : first;
      calls += block;
      spent += elapsed;
      allocates = bytes > 0;
      boolean quiet = last >= 0.9 * best && bytes >= 0.9 * fewest && (fewest > 0 || !allocates);
      // The steps of a slow decline add up.
      best = last < 0.9 * best ? last : best;
      fewest = bytes < 0.9 * fewest ? bytes : fewest;
      block = (int) Math.clamp(BLOCK_SECONDS / last, 1, 1_000_000);
      return quiet && (calls >= NOTICED_CALLS || spent >= NOTICED_SECONDS);
    }
  }

  private static final class Holder {
    static final ThreadMXBean THREADS =
        ManagementFactory.getThreadMXBean() instanceof ThreadMXBean threads
                && threads.isThreadAllocatedMemorySupported()
            ? threads
            : null;
  }

  private Settling(
      double quiet, double most, boolean withoutAllocation, List<? extends Runnable> tasks) {
    checkSeconds(quiet);
    checkSeconds(most);
    checkTasks(tasks);
    this.tasks = tasks.stream().map(Task::new).toArray(Task[]::new);
    this.withoutAllocation = withoutAllocation;
    long start = System.nanoTime();
    long noise = start;
    do {
      if (!round()) {
        noise = System.nanoTime();
      }
      settled = since(noise) >= quiet;
    } while (!settled && since(start) < most);
    seconds = since(start);
  }

  /**
   * Runs the tasks until they have settled.
   *
   * @param quiet for how many seconds all must have stayed as it was, 0 or more
   * @param most seconds after which to give up, 0 or more; each task is run once at least
   * @param withoutAllocation whether the tasks are known to come to allocate nothing, so that one
   *     that does cannot have settled
   * @param tasks 1 or more
   * @throws IllegalArgumentException if a number of seconds is none, or there is no task
   */
  public static Settling of(
      double quiet, double most, boolean withoutAllocation, List<? extends Runnable> tasks) {
    return new Settling(quiet, most, withoutAllocation, tasks);
  }

  static void checkSeconds(double seconds) {
    if (!(seconds >= 0 && seconds < Double.POSITIVE_INFINITY)) {
      throw new IllegalArgumentException(
          "Tasks are run for 0 seconds or more, but got " + seconds + ".");
    }
  }

  static void checkTasks(List<? extends Runnable> tasks) {
    Objects.requireNonNull(tasks, "What is run is a list of tasks, but got null.");
    if (tasks.isEmpty()) {
      throw new IllegalArgumentException("There is 1 task or more to run, but got none.");
    }
    for (Runnable task : tasks) {
      Objects.requireNonNull(task, "What is run are tasks, but one of them is null.");
    }
  }

  private Task task(int index) {
    if (index < 0 || index >= tasks.length) {
      throw new IndexOutOfBoundsException(
          "There are tasks 0 to " + (tasks.length - 1) + ", but got " + index + ".");
    }
    return tasks[index];
  }

  /** Runs a block of each task; whether nothing was new. */
  private boolean round() {
    boolean quiet = true;
    for (Task task : tasks) {
      quiet &= task.quiet() && !(withoutAllocation && task.allocates);
    }
    JitState jit = JitState.now();
    long start = System.nanoTime();
    while (!jit.compiling().isEmpty() && since(start) < WAIT_SECONDS) {
      LockSupport.parkNanos(WAIT_NANOS);
      jit = JitState.now();
      quiet = false;
    }
    return quiet && !jit.busy();
  }

  /** Whether the tasks have settled; otherwise the time was over. */
  public boolean settled() {
    return settled;
  }

  /** How long it took. */
  public double seconds() {
    return seconds;
  }

  /** How often a task was called. */
  public long calls(int task) {
    return task(task).calls;
  }

  /** How many calls of a task take about a millisecond. */
  public int block(int task) {
    return task(task).block;
  }

  /** Seconds that the first call of a task took. */
  public double first(int task) {
    return task(task).first;
  }

  /** Seconds of a call in the last block of a task. */
  public double last(int task) {
    return task(task).last;
  }

  /** Whether the last block of a task allocated. */
  public boolean allocates(int task) {
    return task(task).allocates;
  }

  private static double since(long start) {
    return 1e-9 * (System.nanoTime() - start);
  }

  /** Bytes that this thread has allocated, or 0 where the JVM does not count them. */
  private static long allocated() {
    return Holder.THREADS == null ? 0 : Holder.THREADS.getCurrentThreadAllocatedBytes();
  }
}
