package io.cellbelt.cells;

import io.cellbelt.cells.reference.ReferenceCell;
import java.util.Objects;

/**
 * A kind of recurrent cell with its sizes and options, and nothing else: no weights, no state.
 *
 * <p>A cell is three files: this record, its kernel in {@code io.cellbelt.kernels.pointwise}, and
 * the same equations in double in {@code io.cellbelt.cells.reference}. Weights, state, streaming,
 * training, files and checks are generic over what its {@link Schedule} tells. Immutable,
 * thread-safe.
 */
public sealed interface Cell
    permits Rnn,
        Lstm,
        Gru,
        MinimalGated,
        Mut,
        LayerNormLstm,
        LayerNormGru,
        DepthGatedLstm,
        Clockwork,
        GridLstm,
        CustomCell {
  /** I, the length of x; 1 or more. */
  int inputSize();

  /** H, the length of the gates and, but for a projection, of h. */
  int hiddenSize();

  /** Name of the kind as PyTorch prefixes parameters with it, such as {@code lstm}. */
  String kind();

  /** Its gates, products and states. Asked for often: give an equal one at every call. */
  Schedule schedule();

  /** Length of what the layer above is fed. */
  default int outputSize() {
    Schedule schedule = schedule();
    return schedule.states().get(schedule.output());
  }

  /** Numbers in the state that a step hands to the next: carried states, and a clock's steps. */
  default int stateSize() {
    Schedule schedule = schedule();
    int size = clock() > 0 ? 1 : 0;
    for (int s = 0; s < schedule.carried(); s++) {
      size += schedule.states().get(s);
    }
    return size;
  }

  /**
   * What the bias of a gate starts training with.
   *
   * @param gate its letter in the schedule
   */
  default float initialBias(char gate) {
    return 0;
  }

  /** Whether the more a gate opens, the more of the old state stays, as of a forget gate. */
  default boolean keeps(char gate) {
    return false;
  }

  /** Whether the more a gate opens, the more that is new enters the state, as of an input gate. */
  default boolean writes(char gate) {
    return false;
  }

  /** Name of the list of {@link Schedule#vectors} that holds the gates' biases, or empty. */
  default String biasVectors() {
    return "";
  }

  /** Whether the kernel reads x itself, besides the products. */
  default boolean readsInput() {
    return false;
  }

  /** Whether the kernel reads the memory of the layer below, which must have as many floats. */
  default boolean readsMemoryBelow() {
    return false;
  }

  /**
   * A period after which the cell does the same again, where that depends on the number of steps
   * taken; 0 where it does not.
   */
  default int clock() {
    return 0;
  }

  /**
   * How many of the first units of each gate change at a step; the others keep their state, and
   * products need not compute them.
   *
   * @param clock steps taken before, since the state was zero
   */
  default int active(int clock) {
    return hiddenSize();
  }

  /**
   * Whether an entry of U may be other than 0.
   *
   * @param unit the unit that reads, 0 to H - 1
   * @param from the unit that is read
   */
  default boolean connected(int unit, int from) {
    return true;
  }

  /**
   * What it does between its products, forward and backward. It is shared by threads, so it keeps
   * no state.
   */
  CellKernel kernel();

  /** The same equations in double, which {@code GradientCheck} compares the kernel with. */
  ReferenceCell reference();

  /** Refuses sizes that are not positive. */
  static void checkSizes(String kind, int inputSize, int hiddenSize) {
    if (inputSize < 1 || hiddenSize < 1) {
      throw new IllegalArgumentException(
          "A cell needs an input size and a hidden size of 1 or more, but got "
              + inputSize
              + " and "
              + hiddenSize
              + " for "
              + kind
              + ".");
    }
  }

  /** Refuses activations that are missing. */
  static void checkActivations(Activation... activations) {
    Objects.requireNonNull(activations, "A cell needs all its activations, but got null.");
    for (Activation activation : activations) {
      if (activation == null) {
        throw new IllegalArgumentException("A cell needs all its activations, but one is null.");
      }
    }
  }

  /** A limit of pre-activations that no float exceeds, so that nothing is clipped. */
  float NO_CLIP = Float.MAX_VALUE;

  /** Refuses a clip that is not over 0. */
  static void checkClip(float clip) {
    if (!(clip > 0)) {
      throw new IllegalArgumentException(
          "Pre-activations are clipped to a limit over 0, but got "
              + clip
              + "; leave it out to clip nothing.");
    }
  }
}
