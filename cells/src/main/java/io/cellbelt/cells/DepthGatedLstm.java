package io.cellbelt.cells;

import io.cellbelt.cells.Schedule.Group;
import io.cellbelt.cells.Schedule.Vectors;
import io.cellbelt.cells.engine.LibraryKernel;
import io.cellbelt.cells.reference.DepthGatedLstmReference;
import io.cellbelt.cells.reference.ReferenceCell;
import io.cellbelt.kernels.pointwise.DepthGatedLstmPointwise;
import java.util.List;

/**
 * The depth-gated LSTM (Yao et al. 2015, arXiv 1508.03790): a gate d lets the memory of the layer
 * below, cl, flow into this one's.
 *
 * <pre>
 *   i = σ(Wi x + Ui h' + pi c' + bi)      d = σ(Wd x + pd c' + pl cl + bd)
 *   f = σ(Wf x + Uf h' + pf c' + bf)      c = f c' + i g + d cl
 *   g = tanh(Wg x + Ug h' + bg)           h = o tanh(c)
 *   o = σ(Wo x + Uo h' + po c + bo)
 * </pre>
 *
 * <p>The layer below must have a memory of the same length; at the bottom of a stack cl is 0, and a
 * plain {@link Lstm} does the same for less. All peepholes are diagonal.
 *
 * @param inputSize I, 1 or more
 * @param hiddenSize H, 1 or more
 */
public record DepthGatedLstm(int inputSize, int hiddenSize) implements Cell {
  /**
   * Checks the sizes.
   *
   * @throws IllegalArgumentException if a size is under 1 or an option does not fit it
   */
  public DepthGatedLstm {
    Cell.checkSizes("depth-gated LSTM", inputSize, hiddenSize);
  }

  @Override
  public String kind() {
    return "depthgatedlstm";
  }

  @Override
  public Schedule schedule() {
    return new Schedule(
        List.of(
            new Group("ifgo", hiddenSize, true, List.of(Schedule.input(), Schedule.recurrent())),
            new Group("d", hiddenSize, true, List.of(Schedule.input()))),
        List.of(new Vectors("peephole", "ifodl", 0)),
        List.of(hiddenSize, hiddenSize),
        2,
        0,
        1);
  }

  /** Forget bias 1; see {@link Lstm#initialBias}. */
  @Override
  public float initialBias(char gate) {
    return gate == 'f' ? 1 : 0;
  }

  @Override
  public boolean readsMemoryBelow() {
    return true;
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
  public CellKernel kernel() {
    return new LibraryKernel(DepthGatedLstmPointwise.INSTANCE);
  }

  @Override
  public ReferenceCell reference() {
    return new DepthGatedLstmReference();
  }
}
