package io.cellbelt.jmh;

import io.cellbelt.cells.Architecture;
import io.cellbelt.cells.Cell;
import io.cellbelt.cells.Clockwork;
import io.cellbelt.cells.DepthGatedLstm;
import io.cellbelt.cells.GridLstm;
import io.cellbelt.cells.Gru;
import io.cellbelt.cells.LayerNormGru;
import io.cellbelt.cells.LayerNormLstm;
import io.cellbelt.cells.Lstm;
import io.cellbelt.cells.MinimalGated;
import io.cellbelt.cells.Mut;
import io.cellbelt.cells.Rnn;
import io.cellbelt.cells.Weights;
import io.cellbelt.cells.engine.ParameterSlab;
import io.cellbelt.cells.engine.Track;
import io.cellbelt.cells.engine.Unrolled;
import io.cellbelt.kernels.pointwise.Step;
import java.util.List;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.TearDown;

/** What a cell does in a step besides its products. */
public class PointwiseBenchmark extends Microseconds {
  /** Kind of cell. */
  @Param({
    "rnn",
    "lstm",
    "lstm-peepholes",
    "gru-before",
    "gru-after",
    "mgu",
    "mut1",
    "mut2",
    "mut3",
    "layernormlstm",
    "layernormgru",
    "depthgatedlstm",
    "gridlstm",
    "clockwork"
  })
  public String cell;

  /** Hidden size. */
  @Param({"32", "256", "1024"})
  public int hidden;

  private ParameterSlab weights;
  private ParameterSlab gradients;
  private Unrolled tape;
  private Track track;

  /** Allocates. */
  @Setup(Level.Trial)
  public void setUp() {
    Architecture architecture = Architecture.of(cell(hidden));
    weights = ParameterSlab.trainable(Weights.random(architecture, 1));
    gradients = new ParameterSlab(architecture);
    tape = new Unrolled(weights, 1, 1);
    tape.forward(1);
    track = tape.tracks(0)[0];
    Step step = track.step();
    // The states serve as gradients of the states, x as its own.
    step.dStates = track.states(1);
    step.dx = step.x;
    step.dxRow = step.xRow;
    step.dBelow = step.below;
    step.dVectors = track.vectorsOf(gradients);
  }

  private Cell cell(int size) {
    return switch (cell) {
      case "lstm" -> new Lstm(size, size);
      case "lstm-peepholes" ->
          new Lstm(size, size, Lstm.Options.DEFAULT.withPeepholes().withClip(3));
      case "gru-before" -> new Gru(size, size, Gru.Reset.BEFORE);
      case "gru-after" -> new Gru(size, size, Gru.Reset.AFTER);
      case "mgu" -> new MinimalGated(size, size);
      case "mut1" -> new Mut(size, size, 1);
      case "mut2" -> new Mut(size, size, 2);
      case "mut3" -> new Mut(size, size, 3);
      case "layernormlstm" -> new LayerNormLstm(size, size);
      case "layernormgru" -> new LayerNormGru(size, size);
      case "depthgatedlstm" -> new DepthGatedLstm(size, size);
      case "gridlstm" -> new GridLstm(size, size);
      case "clockwork" -> new Clockwork(size, size, List.of(1, 2, 4, 8));
      default -> new Rnn(size, size);
    };
  }

  /** Frees. */
  @TearDown(Level.Trial)
  public void tearDown() {
    tape.close();
    gradients.close();
    weights.close();
  }

  /** Activations and state update. */
  @Benchmark
  public void forward() {
    for (int stage = 0; stage < track.pointwise().stages(); stage++) {
      track.pointwise().forward(stage, track.rows(), track.step());
    }
  }

  /** Their gradient. */
  @Benchmark
  public void backward() {
    for (int stage = track.pointwise().stages() - 1; stage >= 0; stage--) {
      track.pointwise().backward(stage, track.rows(), track.step());
    }
  }
}
