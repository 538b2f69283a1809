package io.cellbelt.cells;

import io.cellbelt.cells.Schedule.Group;
import io.cellbelt.cells.engine.LibraryKernel;
import io.cellbelt.cells.reference.GridLstmReference;
import io.cellbelt.cells.reference.ReferenceCell;
import io.cellbelt.kernels.pointwise.GridLstmPointwise;
import java.util.List;

/**
 * The two-dimensional Grid LSTM (Kalchbrenner, Danihelka and Graves 2015, arXiv 1507.01526): one
 * LSTM along time and one along depth, both fed the h of both dimensions.
 *
 * <pre>
 *   time:   i f g o = σ σ tanh σ (W x + U h' + b)     depth: I F G O likewise
 *           c = f c' + i g                                   C = F cl + I G
 *           h = o tanh(c)                                    y = O tanh(C)
 * </pre>
 *
 * <p>x is the depth's h from below and cl its memory from below, zero at the bottom; y and C go up.
 * {@link Layer#withTiedWeights} ties all layers to one set of weights, as in the paper's tied form.
 *
 * @param inputSize I, 1 or more
 * @param hiddenSize H, 1 or more
 */
public record GridLstm(int inputSize, int hiddenSize) implements Cell {
  /**
   * Checks the sizes.
   *
   * @throws IllegalArgumentException if a size is under 1 or an option does not fit it
   */
  public GridLstm {
    Cell.checkSizes("Grid LSTM", inputSize, hiddenSize);
  }

  @Override
  public String kind() {
    return "gridlstm";
  }

  /** States are h and c of time, which are carried, then y and C of depth, which are not. */
  @Override
  public Schedule schedule() {
    return new Schedule(
        List.of(
            new Group(
                "ifgoIFGO", hiddenSize, true, List.of(Schedule.input(), Schedule.recurrent()))),
        List.of(),
        List.of(hiddenSize, hiddenSize, hiddenSize, hiddenSize),
        2,
        2,
        3);
  }

  /** Forget bias 1 in both dimensions; see {@link Lstm#initialBias}. */
  @Override
  public float initialBias(char gate) {
    return gate == 'f' || gate == 'F' ? 1 : 0;
  }

  @Override
  public boolean readsMemoryBelow() {
    return true;
  }

  @Override
  public boolean keeps(char gate) {
    return gate == 'f' || gate == 'F';
  }

  @Override
  public boolean writes(char gate) {
    return gate == 'i' || gate == 'I';
  }

  @Override
  public CellKernel kernel() {
    return new LibraryKernel(GridLstmPointwise.INSTANCE);
  }

  @Override
  public ReferenceCell reference() {
    return new GridLstmReference();
  }
}
