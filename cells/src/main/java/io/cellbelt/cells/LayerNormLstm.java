package io.cellbelt.cells;

import io.cellbelt.cells.Schedule.Group;
import io.cellbelt.cells.Schedule.Vectors;
import io.cellbelt.cells.engine.LibraryKernel;
import io.cellbelt.cells.reference.LayerNormLstmReference;
import io.cellbelt.cells.reference.ReferenceCell;
import io.cellbelt.kernels.pointwise.LayerNormLstmPointwise;
import java.util.List;

/**
 * The LSTM with layer normalisation (Ba, Kiros and Hinton 2016, arXiv 1607.06450, equations 20 to
 * 22):
 *
 * <pre>
 *   [i f g o] = γx LN(W x) + γh LN(U h') + b
 *   c = σ(f) c' + σ(i) tanh(g)
 *   h = σ(o) tanh(γc LN(c) + βc)
 *   LN(a) = (a - mean(a)) / sqrt(variance(a) + 1e-5)
 * </pre>
 *
 * <p>W x and U h' are each normalised over all four gates together, as in the paper, whose two
 * offsets of the gates are one here: b.
 *
 * @param inputSize I, 1 or more
 * @param hiddenSize H, 1 or more
 */
public record LayerNormLstm(int inputSize, int hiddenSize) implements Cell {
  /**
   * Checks the sizes.
   *
   * @throws IllegalArgumentException if a size is under 1 or an option does not fit it
   */
  public LayerNormLstm {
    Cell.checkSizes("layer-norm LSTM", inputSize, hiddenSize);
  }

  @Override
  public String kind() {
    return "layernormlstm";
  }

  /** Gates {@code ifgo} are those of x, {@code IFGO} those of h'. */
  @Override
  public Schedule schedule() {
    return new Schedule(
        List.of(
            new Group("ifgo", hiddenSize, false, List.of(Schedule.input())),
            new Group("IFGO", hiddenSize, false, List.of(Schedule.recurrent()))),
        List.of(
            new Vectors("norm_ih", "ifgo", 1),
            new Vectors("norm_hh", "ifgo", 1),
            new Vectors("norm_bias", "ifgo", 0),
            new Vectors("norm_c", "c", 1),
            new Vectors("norm_c_bias", "c", 0)),
        List.of(hiddenSize, hiddenSize),
        2,
        0,
        1);
  }

  @Override
  public boolean keeps(char gate) {
    return gate == 'f';
  }

  @Override
  public boolean writes(char gate) {
    return gate == 'i';
  }

  @Override
  public String biasVectors() {
    return "norm_bias";
  }

  @Override
  public CellKernel kernel() {
    return new LibraryKernel(LayerNormLstmPointwise.INSTANCE);
  }

  @Override
  public ReferenceCell reference() {
    return new LayerNormLstmReference();
  }
}
