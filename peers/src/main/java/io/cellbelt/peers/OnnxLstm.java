package io.cellbelt.peers;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;

/**
 * An ONNX model of one LSTM node with its weights, written field by field: the few messages of
 * onnx.proto that it takes need no library.
 */
final class OnnxLstm {
  static final String X = "X";
  static final String H_IN = "initial_h";
  static final String C_IN = "initial_c";
  static final String Y = "Y";
  static final String H_OUT = "Y_h";
  static final String C_OUT = "Y_c";

  private static final long IR_VERSION = 8;
  private static final long OPSET = 14;
  private static final int FLOAT = 1;
  private static final int INT_ATTRIBUTE = 2;

  /** Where ONNX's gates i o f c are in i f g o. */
  private static final int[] GATE_ORDER = {0, 3, 1, 2};

  private final ByteArrayOutputStream out = new ByteArrayOutputStream();

  private OnnxLstm() {}

  /**
   * The file.
   *
   * @param outputs whether there is an output Y; where T is 1 it would only repeat Y_h
   */
  static byte[] model(Problem p, boolean outputs) {
    OnnxLstm opset = new OnnxLstm().string(1, "").integer(2, OPSET);
    return new OnnxLstm()
        .integer(1, IR_VERSION)
        .message(7, graph(p, outputs))
        .message(8, opset)
        .out
        .toByteArray();
  }

  private static OnnxLstm graph(Problem p, boolean outputs) {
    int hidden = p.hidden();
    int rows = Problem.GATES * hidden;
    long[] states = {1, p.batch(), hidden};
    OnnxLstm size =
        new OnnxLstm().string(1, "hidden_size").integer(3, hidden).integer(20, INT_ATTRIBUTE);
    OnnxLstm node = new OnnxLstm();
    for (String name : new String[] {X, "W", "R", "B", "", H_IN, C_IN}) {
      node.string(1, name);
    }
    node.string(2, outputs ? Y : "").string(2, H_OUT).string(2, C_OUT);
    node.string(4, "LSTM").message(5, size);

    // The second half of B is the recurrent bias.
    float[] bias = new float[2 * rows];
    System.arraycopy(reordered(p.b(), hidden), 0, bias, 0, rows);
    OnnxLstm graph =
        new OnnxLstm()
            .message(1, node)
            .string(2, "lstm")
            .message(5, tensor("W", reordered(p.w(), hidden * p.input()), 1, rows, p.input()))
            .message(5, tensor("R", reordered(p.u(), hidden * hidden), 1, rows, hidden))
            .message(5, tensor("B", bias, 1, 2L * rows))
            .message(11, value(X, p.steps(), p.batch(), p.input()))
            .message(11, value(H_IN, states))
            .message(11, value(C_IN, states));
    if (outputs) {
      graph.message(12, value(Y, p.steps(), 1, p.batch(), hidden));
    }
    return graph.message(12, value(H_OUT, states)).message(12, value(C_OUT, states));
  }

  private static float[] reordered(float[] values, int gateSize) {
    float[] result = new float[values.length];
    for (int gate = 0; gate < GATE_ORDER.length; gate++) {
      System.arraycopy(values, GATE_ORDER[gate] * gateSize, result, gate * gateSize, gateSize);
    }
    return result;
  }

  /** A TensorProto. */
  private static OnnxLstm tensor(String name, float[] values, long... sizes) {
    OnnxLstm tensor = new OnnxLstm();
    for (long size : sizes) {
      tensor.integer(1, size);
    }
    ByteBuffer raw =
        ByteBuffer.allocate(Float.BYTES * values.length).order(ByteOrder.LITTLE_ENDIAN);
    raw.asFloatBuffer().put(values);
    return tensor.integer(2, FLOAT).string(8, name).bytes(9, raw.array());
  }

  /** A ValueInfoProto of a tensor of floats. */
  private static OnnxLstm value(String name, long... sizes) {
    OnnxLstm shape = new OnnxLstm();
    for (long size : sizes) {
      shape.message(1, new OnnxLstm().integer(1, size));
    }
    OnnxLstm tensor = new OnnxLstm().integer(1, FLOAT).message(2, shape);
    return new OnnxLstm().string(1, name).message(2, new OnnxLstm().message(1, tensor));
  }

  private OnnxLstm integer(int field, long value) {
    varint((long) field << 3);
    varint(value);
    return this;
  }

  private OnnxLstm string(int field, String value) {
    return bytes(field, value.getBytes(StandardCharsets.UTF_8));
  }

  private OnnxLstm message(int field, OnnxLstm value) {
    return bytes(field, value.out.toByteArray());
  }

  private OnnxLstm bytes(int field, byte[] value) {
    varint((long) field << 3 | 2);
    varint(value.length);
    out.writeBytes(value);
    return this;
  }

  private void varint(long value) {
    long rest = value;
    while (rest >= 0x80) {
      out.write((int) (rest & 0x7f | 0x80));
      rest >>>= 7;
    }
    out.write((int) rest);
  }
}
