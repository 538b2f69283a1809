package io.cellbelt.vad;

import java.util.Arrays;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicInteger;

/** A model of one line with a state, for what is no matter of the model. */
final class FakeEngine implements Engine {
  /** What steps wait for, or null. */
  volatile Semaphore gate;

  volatile boolean closed;
  final Map<Integer, Float> states = new ConcurrentHashMap<>();
  private final AtomicInteger next = new AtomicInteger();

  /** The line. */
  static float next(float state, float[] x) {
    return 0.5f * state + 0.5f * Math.abs(x[Windows.SIZE - 1]) + 0.25f * Math.abs(x[0]);
  }

  @Override
  public int open() {
    int stream = next.getAndIncrement();
    states.put(stream, 0f);
    return stream;
  }

  @Override
  public void step(int stream, float[] x, float[] y) {
    Semaphore wait = gate;
    if (wait != null) {
      wait.acquireUninterruptibly();
    }
    y[0] = next(states.get(stream), x);
    states.put(stream, y[0]);
  }

  @Override
  public void advance(int[] streams, float[] x, float[] y) {
    float[] one = new float[1];
    for (int i = 0; i < streams.length; i++) {
      step(streams[i], Arrays.copyOfRange(x, i * Windows.SIZE, (i + 1) * Windows.SIZE), one);
      y[i] = one[0];
    }
  }

  @Override
  public void close(int stream) {
    states.remove(stream);
  }

  @Override
  public long bytesPerStream() {
    return Float.BYTES;
  }

  @Override
  public void close() {
    closed = true;
  }
}
