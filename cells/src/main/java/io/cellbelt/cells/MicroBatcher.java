package io.cellbelt.cells;

import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/**
 * Steps of many threads, advanced together: weights are read once for all that have arrived.
 *
 * <p>The first caller that finds nobody at work leads: it may wait for others, takes what has
 * arrived, advances it on its own thread, and wakes those who gave it. What arrives meanwhile is
 * the next batch, led by one of its own callers. There is no background thread, and nobody spins. A
 * call that has to wait parks its thread; platform and virtual threads may be mixed.
 *
 * <pre>{@code
 * try (Streams streams = network.newStreams(0)) {
 *   var batcher = new MicroBatcher(streams::advance, i, o, 64, Duration.ZERO);
 *   // any number of threads, each with a stream of its own:
 *   batcher.step(stream, x, y);
 * }
 * }</pre>
 *
 * <p>Thread safety: any number of threads may call {@link #step} at once. A stream has one user at
 * a time; a second one gets an {@link IllegalStateException}. Whoever opens or closes streams, or
 * advances them by other ways, does so in {@link #exclusively}.
 */
public final class MicroBatcher {
  /**
   * One step of some streams, such as {@code Streams::advance} or {@code GraphStreams::advance}.
   */
  @FunctionalInterface
  public interface Advance {
    /**
     * Advances streams by one step.
     *
     * @param streams which, each once, and then any numbers
     * @param count how many of them
     * @param x the input of each, one after the other
     * @param y the output of each, likewise; written
     */
    void advance(int[] streams, int count, float[] x, float[] y);
  }

  /** What has arrived since the last batch was taken. */
  private final class Batch {
    final Condition changed = lock.newCondition();
    final int[] streams = new int[most];
    final float[] x = new float[most * inputSize];
    final float[] y = new float[most * outputSize];
    final RuntimeException[] failures = new RuntimeException[most];
    int count;
    int unread;
    boolean done;
  }

  private static final int MOST_FLOATS = 1 << 26;

  private final Advance advance;
  private final int inputSize;
  private final int outputSize;
  private final int most;
  private final long wait;

  private final ReentrantLock lock = new ReentrantLock();

  /** A batch is full or was taken, or nobody is at work any more. */
  private final Condition moved = lock.newCondition();

  private final ArrayDeque<Batch> free = new ArrayDeque<>();

  /** What those who come join; null where nobody has come yet. */
  private Batch filling;

  /** What is being advanced, or null. */
  private Batch running;

  /** Who leads, or runs something exclusively, or null. */
  private Thread worker;

  private long steps;
  private long passes;

  /**
   * Prepares for steps.
   *
   * @param advance what advances streams; it is called by one thread at a time
   * @param inputSize floats of x
   * @param outputSize floats of y
   * @param most streams of a batch, 1 or more
   * @param wait how long the first of a batch waits for others; zero to take what has arrived while
   *     others were at work, which is the lowest latency
   */
  public MicroBatcher(Advance advance, int inputSize, int outputSize, int most, Duration wait) {
    this.advance = Objects.requireNonNull(advance, "Streams need a way to advance, but got null.");
    Objects.requireNonNull(wait, "The time to wait for others may be zero, but not null.");
    long floats = (long) most * Math.max(inputSize, outputSize);
    if (inputSize < 1 || outputSize < 1 || most < 1 || floats > MOST_FLOATS || wait.isNegative()) {
      throw new IllegalArgumentException(
          "Sizes of x and y and the streams of a batch are 1 or more, a batch has at most "
              + MOST_FLOATS
              + " floats, and the time to wait is 0 or more, but got "
              + inputSize
              + ", "
              + outputSize
              + ", "
              + most
              + " and "
              + wait
              + ".");
    }
    this.inputSize = inputSize;
    this.outputSize = outputSize;
    this.most = most;
    this.wait = TimeUnit.NANOSECONDS.convert(wait);
  }

  /**
   * One step of a stream, together with those that others ask for. Returns when it is done. What
   * the advance refuses for this stream is thrown here, and other streams go on without it.
   *
   * @param stream the number that stands for it
   * @param x its input, copied at once
   * @param y its output, written
   * @throws IllegalStateException if a step of the stream is on its way already
   */
  public void step(int stream, float[] x, float[] y) {
    checkLength("x", x, inputSize);
    checkLength("y", y, outputSize);
    lock.lock();
    try {
      if (worker == Thread.currentThread()) {
        throw new IllegalStateException(
            "A step was asked for within a step or what runs exclusively; wait until it returns.");
      }
      refuseBusy(stream);
      Batch batch = batchWithRoom();
      refuseBusy(stream); // another thread may have come with it while this one waited
      int slot = batch.count++;
      batch.streams[slot] = stream;
      System.arraycopy(x, 0, batch.x, slot * inputSize, inputSize);
      if (batch.count == most) {
        moved.signalAll(); // whoever leads need not wait any more, and is not woken before
      }
      while (!batch.done) {
        if (worker == null && batch == filling) {
          lead(batch);
        } else {
          batch.changed.awaitUninterruptibly();
        }
      }
      take(batch, slot, y);
    } finally {
      lock.unlock();
    }
  }

  private void refuseBusy(int stream) {
    if (has(filling, stream) || has(running, stream)) {
      throw new IllegalStateException(
          "A step of stream "
              + stream
              + " is on its way in another thread; a stream has one user at a time.");
    }
  }

  private static boolean has(Batch batch, int stream) {
    for (int slot = 0; batch != null && slot < batch.count; slot++) {
      if (batch.streams[slot] == stream) {
        return true;
      }
    }
    return false;
  }

  private static void checkLength(String name, float[] values, int expected) {
    Objects.requireNonNull(values, "A step takes an array and fills one, but got null.");
    if (values.length != expected) {
      throw new IllegalArgumentException(
          "The array "
              + name
              + " has "
              + expected
              + " floats, but got one of "
              + values.length
              + ".");
    }
  }

  private Batch batchWithRoom() {
    while (filling != null && filling.count == most) {
      moved.awaitUninterruptibly();
    }
    if (filling == null) {
      filling = free.isEmpty() ? new Batch() : free.pop();
    }
    return filling;
  }

  /** Advances a batch, in which this thread has a step, without holding the lock meanwhile. */
  private void lead(Batch batch) {
    worker = Thread.currentThread();
    waitForOthers(batch);
    filling = null;
    running = batch;
    batch.unread = batch.count;
    moved.signalAll();
    lock.unlock();
    try {
      advance(batch);
    } finally {
      lock.lock();
      steps += batch.count;
      passes++;
      running = null;
      batch.done = true;
      batch.changed.signalAll();
      stopWorking();
    }
  }

  private void stopWorking() {
    worker = null;
    moved.signalAll();
    if (filling != null) {
      filling.changed.signal();
    }
  }

  private void waitForOthers(Batch batch) {
    long left = wait;
    boolean interrupted = false;
    while (left > 0 && batch.count < most && !interrupted) {
      try {
        left = moved.awaitNanos(left);
      } catch (InterruptedException e) {
        interrupted = true;
      }
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }

  private void advance(Batch batch) {
    try {
      advance.advance(batch.streams, batch.count, batch.x, batch.y);
    } catch (IllegalArgumentException | IllegalStateException e) {
      advanceOneByOne(batch);
    } catch (Throwable e) {
      for (int slot = 0; slot < batch.count; slot++) {
        batch.failures[slot] =
            new IllegalStateException("A step of several streams broke off; close them.", e);
      }
    }
  }

  /** After a refusal, which has changed no state: the others do not pay for one that is wrong. */
  private void advanceOneByOne(Batch batch) {
    for (int slot = 0; slot < batch.count; slot++) {
      float[] x = Arrays.copyOfRange(batch.x, slot * inputSize, (slot + 1) * inputSize);
      float[] y = new float[outputSize];
      try {
        advance.advance(new int[] {batch.streams[slot]}, 1, x, y);
        System.arraycopy(y, 0, batch.y, slot * outputSize, outputSize);
      } catch (RuntimeException own) {
        batch.failures[slot] = own;
      }
    }
  }

  private void take(Batch batch, int slot, float[] y) {
    RuntimeException failure = batch.failures[slot];
    batch.failures[slot] = null;
    if (failure == null) {
      System.arraycopy(batch.y, slot * outputSize, y, 0, outputSize);
    }
    if (--batch.unread == 0) {
      batch.count = 0;
      batch.done = false;
      free.push(batch);
    }
    if (failure != null) {
      throw failure;
    }
  }

  /**
   * Runs something while no step is on its way, such as the opening and closing of streams. Steps
   * that arrive meanwhile wait.
   */
  public void exclusively(Runnable action) {
    Objects.requireNonNull(action, "There is something to run, but got null.");
    lock.lock();
    try {
      if (worker == Thread.currentThread()) {
        throw new IllegalStateException(
            "Something is to run exclusively within a step or another; wait until it returns.");
      }
      while (worker != null) {
        moved.awaitUninterruptibly();
      }
      worker = Thread.currentThread();
      try {
        action.run();
      } finally {
        stopWorking();
      }
    } finally {
      lock.unlock();
    }
  }

  /** Steps that were done. */
  public long steps() {
    lock.lock();
    try {
      return steps;
    } finally {
      lock.unlock();
    }
  }

  /** Batches that they were done in. */
  public long passes() {
    lock.lock();
    try {
      return passes;
    } finally {
      lock.unlock();
    }
  }
}
