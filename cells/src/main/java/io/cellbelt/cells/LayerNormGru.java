package io.cellbelt.cells;

import io.cellbelt.cells.Schedule.Group;
import io.cellbelt.cells.Schedule.Vectors;
import io.cellbelt.cells.engine.LibraryKernel;
import io.cellbelt.cells.reference.LayerNormGruReference;
import io.cellbelt.cells.reference.ReferenceCell;
import io.cellbelt.kernels.pointwise.LayerNormGruPointwise;
import java.util.List;

/**
 * The GRU with layer normalisation (Ba, Kiros and Hinton 2016, arXiv 1607.06450, supplement), which
 * resets after the product:
 *
 * <pre>
 *   [r z] = σ(γx LN(Wrz x) + γh LN(Urz h') + b)
 *   n = tanh(γn LN(Wn x) + bn + r (γm LN(Un h') + bm))
 *   h = z h' + (1 - z) n
 *   LN(a) = (a - mean(a)) / sqrt(variance(a) + 1e-5)
 * </pre>
 *
 * <p>The products of r and z are each normalised over both gates together.
 *
 * @param inputSize I, 1 or more
 * @param hiddenSize H, 1 or more
 */
public record LayerNormGru(int inputSize, int hiddenSize) implements Cell {
  /**
   * Checks the sizes.
   *
   * @throws IllegalArgumentException if a size is under 1 or an option does not fit it
   */
  public LayerNormGru {
    Cell.checkSizes("layer-norm GRU", inputSize, hiddenSize);
  }

  @Override
  public String kind() {
    return "layernormgru";
  }

  /** Gates {@code rzn} are those of x, {@code RZm} those of h'. */
  @Override
  public Schedule schedule() {
    return new Schedule(
        List.of(
            new Group("rzn", hiddenSize, false, List.of(Schedule.input())),
            new Group("RZm", hiddenSize, false, List.of(Schedule.recurrent()))),
        List.of(
            new Vectors("norm_ih", "rzn", 1),
            new Vectors("norm_hh", "rzm", 1),
            new Vectors("norm_bias", "rznm", 0)),
        List.of(hiddenSize),
        1,
        0,
        -1);
  }

  @Override
  public boolean keeps(char gate) {
    return gate == 'z';
  }

  @Override
  public String biasVectors() {
    return "norm_bias";
  }

  @Override
  public CellKernel kernel() {
    return new LibraryKernel(LayerNormGruPointwise.INSTANCE);
  }

  @Override
  public ReferenceCell reference() {
    return new LayerNormGruReference();
  }
}
