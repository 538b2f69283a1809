package io.cellbelt.models.keras;

/**
 * The kinds of recurrent layers.
 *
 * <p>ONNX has the gates of an LSTM as input, output, forget, cell; Keras as input, forget, cell,
 * output. Of a GRU both have update, reset, hidden.
 */
enum RecurrentKind {
  /** An LSTM. */
  LSTM("LSTM", "ifco", "icfo", "iofc"),
  /** A GRU. */
  GRU("GRU", "zrh", "zrh", "zrh"),
  /** A plain recurrent layer. */
  RNN("RNN", "h", "h", "h");

  private final String operator;
  private final String gates;
  private final String gatesOfFirst;
  private final String gatesOfOnnx;

  RecurrentKind(String operator, String gates, String gatesOfFirst, String gatesOfOnnx) {
    this.operator = operator;
    this.gates = gates;
    this.gatesOfFirst = gatesOfFirst;
    this.gatesOfOnnx = gatesOfOnnx;
  }

  /** ONNX's operator. */
  String operator() {
    return operator;
  }

  int gateCount() {
    return gates.length();
  }

  /** Values that go on from step to step. */
  int states() {
    return this == LSTM ? 2 : 1;
  }

  /** The order of the arrays in files of Keras 1 that have some for each gate. */
  String gatesOfFirst() {
    return gatesOfFirst;
  }

  /** The place in Keras's arrays of a gate of ONNX's. */
  int placeOf(int onnxGate) {
    return gates.indexOf(gatesOfOnnx.charAt(onnxGate));
  }

  /** The place of a gate in Keras's arrays. */
  int placeOf(char gate) {
    return gates.indexOf(gate);
  }
}
