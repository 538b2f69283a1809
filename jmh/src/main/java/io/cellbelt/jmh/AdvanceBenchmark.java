package io.cellbelt.jmh;

import io.cellbelt.cells.Architecture;
import io.cellbelt.cells.Cell;
import io.cellbelt.cells.Gru;
import io.cellbelt.cells.Lstm;
import io.cellbelt.cells.Network;
import io.cellbelt.cells.Streams;
import io.cellbelt.cells.Weights;
import io.cellbelt.kernels.SimdEnvironment;
import java.util.Arrays;
import java.util.SplittableRandom;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.TearDown;

/** One step of some of many streams, another subset each time; the time is that of all of them. */
public class AdvanceBenchmark extends Microseconds {
  private static final int SUBSETS = 64;

  /** Which cell. */
  @Param({"lstm", "gru"})
  public String cell;

  /** Input size and hidden size. */
  @Param({"64", "256", "1024"})
  public int size;

  /** Streams that advance together. */
  @Param({"1", "8", "64", "512"})
  public int count;

  /** Streams that are open. */
  @Param("10000")
  public int open;

  private Network network;
  private Streams streams;
  private final int[][] subsets = new int[SUBSETS][];
  private int next;
  private float[] x;
  private float[] y;

  /** Allocates. */
  @Setup(Level.Trial)
  public void setUp() {
    System.out.println("# Cellbelt: " + SimdEnvironment.current().summary());
    Cell layer =
        switch (cell) {
          case "lstm" -> new Lstm(size, size);
          case "gru" -> new Gru(size, size, Gru.Reset.AFTER);
          default -> throw new IllegalArgumentException("There is lstm and gru, not " + cell + ".");
        };
    network = new Network(Weights.random(Architecture.of(layer), 1));
    streams = network.newStreams(open);
    x = Matrix.random(count * size);
    y = new float[count * size];
    SplittableRandom random = new SplittableRandom(1);
    Arrays.setAll(subsets, i -> random.ints(0, open).distinct().limit(count).toArray());
  }

  /** Frees. */
  @TearDown(Level.Trial)
  public void tearDown() {
    streams.close();
    network.close();
  }

  /** One step of each of them. */
  @Benchmark
  public void advance() {
    next = (next + 1) % SUBSETS;
    streams.advance(subsets[next], x, y);
  }
}
