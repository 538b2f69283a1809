package io.cellbelt.jmh;

import io.cellbelt.cells.Architecture;
import io.cellbelt.cells.Cell;
import io.cellbelt.cells.Lstm;
import io.cellbelt.cells.Rnn;
import io.cellbelt.cells.Weights;
import io.cellbelt.cells.engine.Unrolled;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.TearDown;

/** What a cell does in a step besides its products. */
public class PointwiseBenchmark extends Microseconds {
  /** Kind of cell. */
  @Param({"lstm", "rnn"})
  public String cell;

  /** Hidden size. */
  @Param({"32", "256", "1024"})
  public int hidden;

  private Weights weights;
  private Unrolled tape;

  /** Allocates. */
  @Setup(Level.Trial)
  public void setUp() {
    Cell kind = cell.equals("lstm") ? new Lstm(1, hidden) : new Rnn(1, hidden);
    weights = Weights.random(Architecture.of(kind), 1);
    tape = new Unrolled(weights.parameters(), 1, 1);
    tape.forward(1);
  }

  /** Frees. */
  @TearDown(Level.Trial)
  public void tearDown() {
    tape.close();
    weights.close();
  }

  /** Activations and state update. */
  @Benchmark
  public void forward() {
    tape.layer(0)
        .pointwise()
        .forward(tape.rows(0), tape.gates(0, 0), tape.states(0, 0), tape.states(0, 1));
  }

  /** Their gradient; the states serve as gradients of the states. */
  @Benchmark
  public void backward() {
    tape.layer(0)
        .pointwise()
        .backward(
            tape.rows(0),
            tape.gates(0, 0),
            tape.states(0, 0),
            tape.states(0, 1),
            tape.states(0, 1));
  }
}
