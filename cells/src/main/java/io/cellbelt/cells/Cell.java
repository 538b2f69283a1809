package io.cellbelt.cells;

import io.cellbelt.cells.reference.ReferenceCell;
import io.cellbelt.kernels.pointwise.Pointwise;

/**
 * A kind of recurrent cell with its sizes and options, and nothing else: no weights, no state.
 *
 * <p>A cell is three files: this record, its kernel in {@code io.cellbelt.kernels.pointwise}, and
 * the same equations in double in {@code io.cellbelt.cells.reference}. Weights, state, streaming,
 * training, files and checks are generic over what this interface tells. Immutable, thread-safe.
 */
public sealed interface Cell permits Lstm, Rnn {
  /** I, the length of x. */
  int inputSize();

  /** H, the length of h. */
  int hiddenSize();

  /** Name of the kind as PyTorch prefixes parameters with it, such as {@code lstm}. */
  String kind();

  /** Names of the gates, in the order of their rows in W, U and b. */
  String gates();

  /** Vectors of length H that a step hands to the next, h first. */
  int states();

  /** What the bias of a gate starts training with. */
  default float initialBias(char gate) {
    return 0;
  }

  /** The kernel; its package is for this library only. */
  @SuppressWarnings("exports")
  Pointwise pointwise();

  /** The same equations in double. */
  ReferenceCell reference();

  /** Refuses sizes that are not positive. */
  static void checkSizes(String kind, int inputSize, int hiddenSize) {
    if (inputSize < 1 || hiddenSize < 1) {
      throw new IllegalArgumentException(
          "An "
              + kind
              + " cell needs an input size and a hidden size of 1 or more, but got "
              + inputSize
              + " and "
              + hiddenSize
              + ".");
    }
  }
}
