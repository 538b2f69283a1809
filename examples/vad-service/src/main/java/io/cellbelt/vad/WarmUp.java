package io.cellbelt.vad;

import java.time.Duration;
import java.util.Arrays;

/** Runs an engine until its code is compiled, before clients come. */
final class WarmUp {
  private WarmUp() {}

  /**
   * Steps streams one by one and together.
   *
   * @param most streams at once
   */
  static void run(Engine engine, int most, Duration time) {
    int[] streams = new int[most];
    for (int i = 0; i < most; i++) {
      streams[i] = engine.open();
    }
    float[] y = new float[1];
    long end = System.nanoTime() + time.toNanos();
    while (System.nanoTime() < end) {
      for (int stream : streams) {
        engine.step(stream, new float[Windows.SIZE], y);
      }
      for (int count = 2; count <= most; count *= 2) {
        int[] some = Arrays.copyOf(streams, count);
        engine.advance(some, new float[count * Windows.SIZE], new float[count]);
      }
    }
    for (int stream : streams) {
      engine.close(stream);
    }
  }
}
