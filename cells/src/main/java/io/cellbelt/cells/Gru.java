package io.cellbelt.cells;

import io.cellbelt.cells.Schedule.Group;
import io.cellbelt.cells.engine.ActivationKernels;
import io.cellbelt.cells.engine.LibraryKernel;
import io.cellbelt.cells.reference.GruReference;
import io.cellbelt.cells.reference.ReferenceCell;
import io.cellbelt.kernels.pointwise.GruPointwise;
import java.util.List;

/**
 * The gated recurrent unit (Cho et al. 2014). There are two, and the caller says which:
 *
 * <pre>
 *   r = σ(Wr x + Ur h' + br)
 *   z = σ(Wz x + Uz h' + bz)
 *   n = tanh(Wn x + Un (r h') + bn)           reset BEFORE the product (arXiv 1406.1078v3)
 *   n = tanh(Wn x + bn + r (Un h' + bm))      reset AFTER the product (arXiv 1406.1078v1)
 *   h = z h' + (1 - z) n
 * </pre>
 *
 * <p>PyTorch and cuDNN reset after it, ONNX says {@code linear_before_reset = 1}, Keras {@code
 * reset_after = True}. Gate m is {@code Un h' + bm}.
 *
 * @param inputSize I, 1 or more
 * @param hiddenSize H, 1 or more
 * @param reset where r is multiplied in
 * @param gate activation of r and z
 * @param candidate activation of n
 * @param clip pre-activations are kept within ± this, over 0; {@link Cell#NO_CLIP} for none
 */
public record Gru(
    int inputSize, int hiddenSize, Reset reset, Activation gate, Activation candidate, float clip)
    implements Cell {
  /**
   * Where the reset gate r is multiplied in; the two are different cells with different trained
   * weights.
   */
  public enum Reset {
    /** Into h', before its product with Un. */
    BEFORE,
    /** Into {@code Un h' + bm}. */
    AFTER
  }

  /**
   * Checks the sizes.
   *
   * @throws IllegalArgumentException if a size is under 1 or an option does not fit it
   */
  public Gru {
    Cell.checkSizes("GRU", inputSize, hiddenSize);
    if (reset == null) {
      throw new IllegalArgumentException(
          "A GRU resets BEFORE or AFTER the product, and needs to be told which, not null.");
    }
    Cell.checkActivations(gate, candidate);
    Cell.checkClip(clip);
  }

  /**
   * A cell with σ for its gates, tanh for its candidate, and no clip.
   *
   * @param inputSize I, 1 or more
   * @param hiddenSize H, 1 or more
   * @param reset where r is multiplied in; PyTorch's is {@link Reset#AFTER}
   */
  public Gru(int inputSize, int hiddenSize, Reset reset) {
    this(inputSize, hiddenSize, reset, Activation.SIGMOID, Activation.TANH, NO_CLIP);
  }

  @Override
  public String kind() {
    return "gru";
  }

  /** Resetting before, the first saved block is {@code r h'} and the second its gradient. */
  @Override
  public Schedule schedule() {
    Group gates =
        new Group("rz", hiddenSize, true, List.of(Schedule.input(), Schedule.recurrent()));
    List<Group> groups =
        reset == Reset.BEFORE
            ? List.of(
                gates,
                new Group(
                    "n", hiddenSize, true, List.of(Schedule.input(), Schedule.recurrentOf(0, 1))))
            : List.of(
                gates,
                new Group("n", hiddenSize, true, List.of(Schedule.input())),
                new Group("m", hiddenSize, true, List.of(Schedule.recurrent())));
    return new Schedule(groups, List.of(), List.of(hiddenSize), 1, 0, -1);
  }

  @Override
  public boolean keeps(char gate) {
    return gate == 'z';
  }

  @Override
  public CellKernel kernel() {
    return new LibraryKernel(
        new GruPointwise(
            ActivationKernels.of(gate),
            ActivationKernels.of(candidate),
            reset == Reset.BEFORE,
            clip));
  }

  @Override
  public ReferenceCell reference() {
    return new GruReference(this);
  }
}
