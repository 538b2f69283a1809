package io.cellbelt.vad;

import io.cellbelt.cells.MicroBatcher;
import io.cellbelt.graphs.GraphStreams;
import io.cellbelt.kernels.Slab;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Streams of Cellbelt. Windows that arrive at the same time advance together, on the threads that
 * bring them. Streams are dealt out to groups, one for each processor, as a group advances on one
 * thread at a time.
 */
final class CellbeltEngine implements Engine {
  private record Group(GraphStreams streams, MicroBatcher batcher) {}

  private final Group[] groups;
  private final AtomicInteger next = new AtomicInteger();

  /**
   * Prepares groups of streams.
   *
   * @param groups how many streams may advance at the same time on different threads
   * @param most streams of a batch
   * @param wait how long the first window of a batch waits for others
   */
  CellbeltEngine(Model model, int groups, int most, Duration wait) {
    this.groups = new Group[groups];
    try {
      for (int i = 0; i < groups; i++) {
        GraphStreams streams = model.ready().newStreams(most);
        MicroBatcher batcher =
            new MicroBatcher(streams::advance, Windows.SIZE, 1, streams.largestBatch(), wait);
        this.groups[i] = new Group(streams, batcher);
      }
    } catch (Throwable e) {
      close();
      throw e;
    }
  }

  private Group group(int stream) {
    return groups[stream % groups.length];
  }

  @Override
  public int open() {
    int index = Math.floorMod(next.getAndIncrement(), groups.length);
    int[] opened = new int[1];
    Group group = groups[index];
    group.batcher().exclusively(() -> opened[0] = group.streams().open());
    return opened[0] * groups.length + index;
  }

  @Override
  public void step(int stream, float[] x, float[] y) {
    group(stream).batcher().step(stream / groups.length, x, y);
  }

  @Override
  public void advance(int[] streams, float[] x, float[] y) {
    if (groups.length == 1) {
      groups[0].batcher().exclusively(() -> groups[0].streams().advance(streams, x, y));
      return;
    }
    float[] window = new float[Windows.SIZE];
    float[] probability = new float[1];
    for (int i = 0; i < streams.length; i++) {
      System.arraycopy(x, i * Windows.SIZE, window, 0, Windows.SIZE);
      step(streams[i], window, probability);
      y[i] = probability[0];
    }
  }

  @Override
  public void close(int stream) {
    Group group = group(stream);
    group.batcher().exclusively(() -> group.streams().close(stream / groups.length));
  }

  @Override
  public long bytesPerStream() {
    return Slab.bytes(groups[0].streams().stateSize());
  }

  @Override
  public void close() {
    for (Group group : groups) {
      if (group != null) {
        group.batcher().exclusively(() -> group.streams().close());
      }
    }
  }
}
