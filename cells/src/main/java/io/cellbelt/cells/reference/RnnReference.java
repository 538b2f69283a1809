package io.cellbelt.cells.reference;

/** {@link io.cellbelt.cells.Rnn} in double. */
public final class RnnReference implements ReferenceCell {
  /** The one instance. */
  public static final RnnReference INSTANCE = new RnnReference();

  private RnnReference() {}

  @Override
  public void forward(double[] gates, double[][] previous, double[][] next) {
    for (int j = 0; j < gates.length; j++) {
      gates[j] = Math.tanh(gates[j]);
      next[0][j] = gates[j];
    }
  }

  @Override
  public void backward(double[] gates, double[][] previous, double[][] next, double[][] dStates) {
    for (int j = 0; j < gates.length; j++) {
      gates[j] = dStates[0][j] * (1 - gates[j] * gates[j]);
      dStates[0][j] = 0;
    }
  }
}
