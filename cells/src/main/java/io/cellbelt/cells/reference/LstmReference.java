package io.cellbelt.cells.reference;

/** {@link io.cellbelt.cells.Lstm} in double. */
public final class LstmReference implements ReferenceCell {
  /** The one instance. */
  public static final LstmReference INSTANCE = new LstmReference();

  private LstmReference() {}

  @Override
  public void forward(double[] gates, double[][] previous, double[][] next) {
    int n = next[0].length;
    for (int j = 0; j < n; j++) {
      double i = ReferenceCell.sigmoid(gates[j]);
      double f = ReferenceCell.sigmoid(gates[n + j]);
      double g = Math.tanh(gates[2 * n + j]);
      double o = ReferenceCell.sigmoid(gates[3 * n + j]);
      double c = f * previous[1][j] + i * g;
      next[0][j] = o * Math.tanh(c);
      next[1][j] = c;
      gates[j] = i;
      gates[n + j] = f;
      gates[2 * n + j] = g;
      gates[3 * n + j] = o;
    }
  }

  @Override
  public void backward(double[] gates, double[][] previous, double[][] next, double[][] dStates) {
    int n = next[0].length;
    for (int j = 0; j < n; j++) {
      double i = gates[j];
      double f = gates[n + j];
      double g = gates[2 * n + j];
      double o = gates[3 * n + j];
      double tanhC = Math.tanh(next[1][j]);
      double dh = dStates[0][j];
      double dc = dStates[1][j] + dh * o * (1 - tanhC * tanhC);
      gates[j] = dc * g * i * (1 - i);
      gates[n + j] = dc * previous[1][j] * f * (1 - f);
      gates[2 * n + j] = dc * i * (1 - g * g);
      gates[3 * n + j] = dh * tanhC * o * (1 - o);
      dStates[0][j] = 0;
      dStates[1][j] = dc * f;
    }
  }
}
