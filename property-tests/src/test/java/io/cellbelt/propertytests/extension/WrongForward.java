package io.cellbelt.propertytests.extension;

import io.cellbelt.cells.Block;
import io.cellbelt.cells.CustomCell;
import io.cellbelt.cells.CustomKernel;
import io.cellbelt.cells.Lstm;
import io.cellbelt.cells.Row;
import io.cellbelt.cells.Schedule;
import io.cellbelt.cells.reference.ReferenceCell;
import io.cellbelt.cells.reference.ReferenceParameters;
import io.cellbelt.cells.reference.Vec;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * An LSTM whose forward pass or whose reference has a mistake.
 *
 * @param fault the mistake
 * @param rows sequences of a batch, which a kernel cannot know
 */
public record WrongForward(int inputSize, int hiddenSize, Fault fault, int rows)
    implements CustomCell {
  /** Steps of every forward pass, which a kernel cannot know either. */
  static final int STEPS = 5;

  /** What is wrong. */
  public enum Fault {
    /** Nothing. */
    NONE,
    /** h is 0 from unit 3 on. */
    UNITS,
    /** h is NaN. */
    NAN,
    /** c has the wrong sign, and h is right. */
    MEMORY,
    /** {@code f c'} is missing in c, which shows from the second step on if c starts as 0. */
    CARRIED,
    /** All rows of a batch have the h of the first. */
    ROWS,
    /** h is twice as large from step 2 on. */
    LATER,
    /** h is twice as large, and so is the gradient that comes back from it. */
    CONSISTENT,
    /** One saved block too few. */
    SAVED_FEW,
    /** More saved blocks than are used, which is no mistake. */
    SAVED_MANY,
    /** A kernel that fails. */
    KERNEL_FAILS,
    /** A kernel that fails in its backward pass. */
    BACKWARD_FAILS,
    /** No kernel. */
    NO_KERNEL,
    /** h of the reference is 0.25 too large at unit 1. */
    REFERENCE,
    /** The reference gives NaN. */
    REFERENCE_NAN,
    /** There is no reference. */
    REFERENCE_NULL,
    /** There is no reference, and it says so. */
    REFERENCE_UNSUPPORTED,
    /** The reference gives h alone. */
    REFERENCE_STATES,
    /** The reference's c is too long. */
    REFERENCE_LENGTH,
    /** The reference's c is null. */
    REFERENCE_STATE_NULL,
    /** The reference asks for a gate that there is not. */
    REFERENCE_GATE,
    /** The reference multiplies h with the matrix for x. */
    REFERENCE_PRODUCT,
    /** The reference fails. */
    REFERENCE_FAILS
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
    CustomKernel right = new WrongLstm(inputSize, hiddenSize, WrongLstm.Fault.NONE).kernel();
    return fault == Fault.NO_KERNEL ? null : new Wrong(right, fault, rows);
  }

  @Override
  public ReferenceCell reference() {
    return switch (fault) {
      case REFERENCE_NULL -> null;
      case REFERENCE_UNSUPPORTED -> throw new UnsupportedOperationException();
      default -> new WrongReference(right().reference(), fault);
    };
  }

  private record WrongReference(ReferenceCell right, Fault fault) implements ReferenceCell {
    @Override
    public List<Vec> step(ReferenceParameters p, Vec x, List<Vec> previous, Vec below, int clock) {
      List<Vec> states = new ArrayList<>(right.step(p, x, previous, below, clock));
      Vec h = states.get(0);
      Vec c = states.get(1);
      double[] one = new double[h.length()];
      one[1] = 0.25;
      return switch (fault) {
        case REFERENCE -> List.of(h.plus(Vec.constant(one)), c);
        case REFERENCE_NAN -> List.of(h.times(Double.NaN), c);
        case REFERENCE_STATES -> List.of(h);
        case REFERENCE_LENGTH -> List.of(h, Vec.concat(c, h));
        case REFERENCE_STATE_NULL -> Arrays.asList(h, null);
        case REFERENCE_GATE -> List.of(p.product("weight_ih", 'z', x), c);
        case REFERENCE_PRODUCT -> List.of(p.product("weight_ih", 'i', h), c);
        case REFERENCE_FAILS -> throw new IllegalStateException("Not today.");
        default -> states;
      };
    }
  }

  /** Does what another kernel does, and then something wrong; counts calls to know where it is. */
  private static final class Wrong implements CustomKernel {
    private final CustomKernel right;
    private final Fault fault;
    private final int rows;
    private int calls;
    private float[] first;

    Wrong(CustomKernel right, Fault fault, int rows) {
      this.right = right;
      this.fault = fault;
      this.rows = rows;
    }

    @Override
    public int saved() {
      return switch (fault) {
        case SAVED_FEW -> right.saved() - 1;
        case SAVED_MANY -> right.saved() + 3;
        default -> right.saved();
      };
    }

    @Override
    public void forward(int stage, Row row) {
      int sequence = calls % rows;
      int time = calls / rows % STEPS;
      calls++;
      Block memory = row.saved(1).copy(row.next(1));
      right.forward(stage, row);
      Block h = row.next(0);
      Block c = row.next(1);
      switch (fault) {
        case UNITS -> {
          for (int unit = 3; unit < h.size(); unit++) {
            h.set(unit, 0);
          }
        }
        case NAN -> h.fill(Float.NaN);
        case MEMORY -> c.scale(-1);
        case CARRIED -> c.addScaled(memory.multiply(row.gate(1)), -1);
        case ROWS -> repeatFirst(h, sequence);
        case LATER -> h.scale(time < 2 ? 1 : 2);
        case CONSISTENT -> h.scale(2);
        case KERNEL_FAILS -> throw new IllegalStateException();
        default -> {}
      }
    }

    private void repeatFirst(Block h, int sequence) {
      if (sequence == 0) {
        first = new float[h.size()];
      }
      for (int unit = 0; unit < first.length; unit++) {
        if (sequence == 0) {
          first[unit] = h.get(unit);
        } else {
          h.set(unit, first[unit]);
        }
      }
    }

    @Override
    public void backward(int stage, Row row) {
      switch (fault) {
        case CONSISTENT -> row.dState(0).scale(2);
        case BACKWARD_FAILS -> throw new IllegalStateException("No way back");
        default -> {}
      }
      right.backward(stage, row);
    }
  }
}
