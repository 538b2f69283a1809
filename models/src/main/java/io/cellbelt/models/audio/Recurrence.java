package io.cellbelt.models.audio;

import java.util.List;

/**
 * The weights of a recurrent layer as ONNX's operators take them.
 *
 * @param kind operator
 * @param inputs size of a step
 * @param hidden size of the state
 * @param w [gates, hidden, inputs]
 * @param r [gates, hidden, hidden]
 * @param b of the input's side, then of the state's: [2, gates, hidden]
 * @param h the state before the first step, [hidden]
 * @param c the cell before the first step, [hidden]; of an LSTM only
 */
record Recurrence(
    Kind kind, int inputs, int hidden, float[] w, float[] r, float[] b, float[] h, float[] c) {
  /** A recurrent operator of ONNX. */
  enum Kind {
    /** Gates i, o, f, c. */
    LSTM(4),
    /** Gates z, r, h, the reset after the product. */
    GRU(3),
    /** With tanh. */
    RNN(1);

    private final int gates;

    Kind(int gates) {
      this.gates = gates;
    }

    int gates() {
      return gates;
    }
  }

  /**
   * In which order others write gates.
   *
   * @param theirs for each of ONNX's gates, which of theirs it is
   */
  private record Order(List<Integer> theirs) {
    /** i, f, g, o. */
    static final Order LSTM = new Order(List.of(0, 3, 1, 2));

    /** z, r, h. */
    static final Order KERAS_GRU = new Order(List.of(0, 1, 2));

    /** r, z, n. */
    static final Order TORCH_GRU = new Order(List.of(1, 0, 2));

    static final Order ONE = new Order(List.of(0));

    /** Puts gates that take {@code size} numbers each in order. */
    void copy(float[] from, float[] to, int begin, int size) {
      for (int gate = 0; gate < theirs.size(); gate++) {
        System.arraycopy(from, theirs.get(gate) * size, to, begin + gate * size, size);
      }
    }
  }

  /** Weights in Keras's order of gates, zero states; from arrays of the sizes that belong. */
  static Recurrence keras(
      Kind kind, int inputs, int hidden, float[] w, float[] r, float[] wb, float[] rb) {
    Order order = kind == Kind.LSTM ? Order.LSTM : Order.KERAS_GRU;
    return of(order, kind, inputs, hidden, w, r, wb, rb);
  }

  /** Weights in PyTorch's order of gates, zero states; from arrays of the sizes that belong. */
  static Recurrence torch(
      Kind kind, int inputs, int hidden, float[] w, float[] r, float[] wb, float[] rb) {
    Order order =
        switch (kind) {
          case LSTM -> Order.LSTM;
          case GRU -> Order.TORCH_GRU;
          case RNN -> Order.ONE;
        };
    return of(order, kind, inputs, hidden, w, r, wb, rb);
  }

  private static Recurrence of(
      Order order,
      Kind kind,
      int inputs,
      int hidden,
      float[] w,
      float[] r,
      float[] wb,
      float[] rb) {
    float[] ordered = new float[w.length];
    order.copy(w, ordered, 0, hidden * inputs);
    float[] recurrent = new float[r.length];
    order.copy(r, recurrent, 0, hidden * hidden);
    float[] b = new float[2 * kind.gates() * hidden];
    order.copy(wb, b, 0, hidden);
    order.copy(rb, b, b.length / 2, hidden);
    float[] zeros = new float[hidden];
    return new Recurrence(kind, inputs, hidden, ordered, recurrent, b, zeros, zeros);
  }

  /** The same weights with other states before the first step. */
  Recurrence startingAt(float[] firstH, float[] firstC) {
    return new Recurrence(kind, inputs, hidden, w, r, b, firstH, firstC);
  }
}
