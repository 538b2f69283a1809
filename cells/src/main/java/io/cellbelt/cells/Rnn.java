package io.cellbelt.cells;

import io.cellbelt.cells.engine.ActivationKernels;
import io.cellbelt.cells.engine.LibraryKernel;
import io.cellbelt.cells.reference.ReferenceCell;
import io.cellbelt.cells.reference.RnnReference;
import io.cellbelt.kernels.pointwise.RnnPointwise;

/**
 * The plain recurrent cell (Elman 1990): {@code h = tanh(W x + U h' + b)}.
 *
 * @param inputSize I, 1 or more
 * @param hiddenSize H, 1 or more
 * @param activation in place of tanh
 * @param clip pre-activations are kept within ± this, over 0; {@link #NO_CLIP} for none
 */
public record Rnn(int inputSize, int hiddenSize, Activation activation, float clip)
    implements Cell {
  /**
   * Checks the sizes.
   *
   * @throws IllegalArgumentException if a size is under 1 or an option does not fit it
   */
  public Rnn {
    Cell.checkSizes("RNN", inputSize, hiddenSize);
    Cell.checkActivations(activation);
    Cell.checkClip(clip);
  }

  /**
   * A cell with tanh and no clip.
   *
   * @param inputSize I, 1 or more
   * @param hiddenSize H, 1 or more
   */
  public Rnn(int inputSize, int hiddenSize) {
    this(inputSize, hiddenSize, Activation.TANH);
  }

  /**
   * A cell with a given activation and no clip.
   *
   * @param inputSize I, 1 or more
   * @param hiddenSize H, 1 or more
   * @param activation such as {@link Activation#RELU}
   */
  public Rnn(int inputSize, int hiddenSize, Activation activation) {
    this(inputSize, hiddenSize, activation, NO_CLIP);
  }

  @Override
  public String kind() {
    return "rnn";
  }

  @Override
  public Schedule schedule() {
    return Schedule.simple("h", hiddenSize, 1);
  }

  @Override
  public CellKernel kernel() {
    return new LibraryKernel(new RnnPointwise(ActivationKernels.of(activation), clip));
  }

  @Override
  public ReferenceCell reference() {
    return new RnnReference(this);
  }
}
