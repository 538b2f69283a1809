package io.cellbelt.vad;

import java.util.concurrent.locks.LockSupport;

/** The load without a network: one thread takes the windows that are due to the engine. */
final class InProcessLoad {
  private InProcessLoad() {}

  /**
   * Runs a load to its end.
   *
   * @param most windows that are taken to the engine together
   */
  static Load.Result run(
      Engine engine, Recording recording, int streams, int warmUp, float tolerance, int most) {
    int[] numbers = new int[streams];
    for (int i = 0; i < streams; i++) {
      numbers[i] = engine.open();
    }
    int largest = Math.min(most, streams);
    int[][] some = new int[largest + 1][];
    float[][] x = new float[largest + 1][];
    float[][] y = new float[largest + 1][];
    for (int count = 1; count <= largest; count++) {
      some[count] = new int[count];
      x[count] = new float[count * Windows.SIZE];
      y[count] = new float[count];
    }
    Load load = new Load(recording, streams, warmUp, tolerance);
    double cpu = ProcessUse.cpuSeconds();
    long begin = System.nanoTime();
    for (long next = 0; next < load.windows() && System.nanoTime() < load.deadline(); ) {
      long now = System.nanoTime();
      int count = 0;
      while (count < largest && next + count < load.windows() && load.due(next + count) <= now) {
        count++;
      }
      if (count == 0) {
        LockSupport.parkNanos(load.due(next) - now);
        continue;
      }
      for (int i = 0; i < count; i++) {
        int stream = (int) ((next + i) % streams);
        some[count][i] = numbers[stream];
        recording.window(stream, (int) ((next + i) / streams), x[count], i * Windows.SIZE);
      }
      engine.advance(some[count], x[count], y[count]);
      for (int i = 0; i < count; i++) {
        load.answer((int) ((next + i) % streams), y[count][i]);
      }
      next += count;
    }
    double used = (ProcessUse.cpuSeconds() - cpu) / ((System.nanoTime() - begin) / 1e9);
    Load.Result result = load.result(used, engine.bytesPerStream(), ProcessUse.residentBytes());
    for (int number : numbers) {
      engine.close(number);
    }
    return result;
  }
}
