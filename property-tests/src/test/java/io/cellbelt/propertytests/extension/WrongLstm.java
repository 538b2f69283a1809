package io.cellbelt.propertytests.extension;

import static io.cellbelt.cells.Activation.SIGMOID;
import static io.cellbelt.cells.Activation.TANH;

import io.cellbelt.cells.Block;
import io.cellbelt.cells.CustomCell;
import io.cellbelt.cells.CustomKernel;
import io.cellbelt.cells.Lstm;
import io.cellbelt.cells.Row;
import io.cellbelt.cells.Schedule;
import io.cellbelt.cells.reference.ReferenceCell;

/**
 * An LSTM with a mistake in its gradient.
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
  public CustomKernel kernel() {
    return new Wrong(fault);
  }

  @Override
  public ReferenceCell reference() {
    return right().reference();
  }

  /** The right kernel, and then something wrong. */
  private record Wrong(Fault fault) implements CustomKernel {
    /** {@code tanh(c)}, and a block to work in. */
    @Override
    public int saved() {
      return 2;
    }

    @Override
    public void forward(int stage, Row row) {
      Block i = row.gate(0).apply(SIGMOID);
      Block f = row.gate(1).apply(SIGMOID);
      Block g = row.gate(2).apply(TANH);
      Block o = row.gate(3).apply(SIGMOID);
      Block c = row.next(1).multiply(f).multiplyAdd(i, g);
      row.next(0).copy(row.saved(0).copy(c).apply(TANH)).multiply(o);
    }

    @Override
    public void backward(int stage, Row row) {
      Block i = row.gate(0);
      Block f = row.gate(1);
      Block g = row.gate(2);
      Block o = row.gate(3);
      Block tanh = row.saved(0);
      Block work = row.saved(1);
      Block dh = row.dState(0);
      Block dc = row.dState(1);
      work.copy(dh).multiply(o);
      o.derivative(SIGMOID).multiply(dh).multiply(tanh);
      dc.multiplyAdd(work, tanh.derivative(TANH));
      work.copy(i);
      i.derivative(SIGMOID).multiply(dc).multiply(g);
      g.derivative(TANH).multiply(dc).multiply(work);
      work.copy(f);
      f.derivative(SIGMOID).multiply(dc).multiply(row.previous(1));
      dc.multiply(work);
      dh.fill(0);
      spoil(i, f, g, o, dc, work);
    }

    private void spoil(Block i, Block f, Block g, Block o, Block dc, Block work) {
      switch (fault) {
        case NONE -> {}
        case FORGET_TWICE -> f.add(f);
        case NO_OUTPUT -> o.fill(0);
        case CANDIDATE_NEGATIVE -> g.scale(-1);
        case NO_MEMORY -> dc.fill(0);
        case SWAPPED -> {
          work.copy(i);
          i.copy(g);
          g.copy(work);
        }
        case NAN -> i.fill(Float.NaN);
        case ALL_TWICE -> {
          for (Block block : new Block[] {i, f, g, o}) {
            block.add(block);
          }
        }
      }
    }
  }
}
