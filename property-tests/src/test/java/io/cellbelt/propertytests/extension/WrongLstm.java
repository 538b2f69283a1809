package io.cellbelt.propertytests.extension;

import io.cellbelt.cells.CustomCell;
import io.cellbelt.cells.Lstm;
import io.cellbelt.cells.Schedule;
import io.cellbelt.cells.reference.ReferenceCell;
import io.cellbelt.kernels.pointwise.Blocks;
import io.cellbelt.kernels.pointwise.Pointwise;
import io.cellbelt.kernels.pointwise.Rows;
import io.cellbelt.kernels.pointwise.Step;

/**
 * An LSTM with a mistake on the way back.
 *
 * @param fault the mistake
 */
public record WrongLstm(int inputSize, int hiddenSize, Fault fault) implements CustomCell {
  /** What is wrong. */
  public enum Fault {
    /** Nothing. */
    NONE,
    /** {@code daf} counts twice. */
    FORGET_TWICE,
    /** {@code dao} is missing. */
    NO_OUTPUT,
    /** {@code dag} has the wrong sign. */
    CANDIDATE_NEGATIVE,
    /** {@code dc' = dc f} is missing. */
    NO_MEMORY,
    /** {@code dai} and {@code dag} are swapped. */
    SWAPPED,
    /** {@code dai} is NaN. */
    NAN,
    /** All of them count twice. */
    ALL_TWICE
  }

  private Lstm right() {
    return new Lstm(inputSize, hiddenSize);
  }

  @Override
  public String kind() {
    return "wrong";
  }

  @Override
  public Schedule schedule() {
    return right().schedule();
  }

  @Override
  public Pointwise pointwise() {
    return new Wrong(right().pointwise(), fault);
  }

  @Override
  public ReferenceCell reference() {
    return right().reference();
  }

  /** Does what another kernel does, and then something wrong. */
  private record Wrong(Pointwise right, Fault fault) implements Pointwise {
    @Override
    public int saved() {
      return right.saved();
    }

    @Override
    public void forward(int stage, Rows rows, Step step) {
      right.forward(stage, rows, step);
    }

    @Override
    public void backward(int stage, Rows rows, Step step) {
      right.backward(stage, rows, step);
      int width = rows.width();
      for (int row = 0; row < rows.count(); row++) {
        long gates = step.gates + row * rows.gateRow();
        long i = gates + rows.block(0);
        long f = gates + rows.block(1);
        long g = gates + rows.block(2);
        long o = gates + rows.block(3);
        long free = gates + rows.block(4);
        switch (fault) {
          case NONE -> {}
          case FORGET_TWICE -> Blocks.add(f, f, width);
          case NO_OUTPUT -> Blocks.fill(o, width, 0);
          case CANDIDATE_NEGATIVE -> Blocks.addScaled(g, g, width, -2);
          case NO_MEMORY ->
              Blocks.fill(step.dStates + row * rows.stateRow() + rows.plane(), width, 0);
          case SWAPPED -> {
            Blocks.copy(i, free, width);
            Blocks.copy(g, i, width);
            Blocks.copy(free, g, width);
          }
          case NAN -> Blocks.fill(i, width, Float.NaN);
          case ALL_TWICE -> {
            for (long block : new long[] {i, f, g, o}) {
              Blocks.add(block, block, width);
            }
          }
        }
      }
    }
  }
}
