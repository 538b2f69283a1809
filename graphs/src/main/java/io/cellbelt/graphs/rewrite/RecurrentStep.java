package io.cellbelt.graphs.rewrite;

import io.cellbelt.graphs.Attribute;
import io.cellbelt.graphs.ElementType;
import io.cellbelt.graphs.Tensor;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * One step of a recurrent layer that is written out in elementary nodes.
 *
 * @param operator LSTM, GRU or RNN
 * @param attributes of the node that does the same
 * @param x the value that is fed
 * @param h the state before the step
 * @param c the second state of an LSTM; null for others
 * @param nextH the state after it
 * @param nextC likewise
 * @param weights W, R and B as ONNX has them
 */
record RecurrentStep(
    String operator,
    Map<String, Attribute> attributes,
    String x,
    String h,
    String c,
    String nextH,
    String nextC,
    Map<String, Tensor> weights) {
  /**
   * What is added up before the activation of a gate.
   *
   * @param ofX the sum with the product of x
   * @param ofH the sum with the product of h
   * @param isOne whether both are the same sum
   */
  record Gate(Affine ofX, Affine ofH, String x, String h, boolean isOne) {
    static Gate of(Affine both, String x, String h) {
      return new Gate(both, both, x, h, true);
    }
  }

  int hidden() {
    return weights.get("R").shape()[2];
  }

  int inputs() {
    return weights.get("W").shape()[2];
  }

  /** In a sentence, with an article. */
  String describe() {
    String article = operator.equals("GRU") ? "a " : "an ";
    return article + operator + " with " + inputs() + " inputs and " + hidden() + " units";
  }

  /** The weights of some gates, in ONNX's order. */
  static Map<String, Tensor> weights(List<Gate> gates) {
    int all = gates.size();
    Gate first = gates.getFirst();
    int hidden = first.ofH().width();
    int inputs = first.ofX().terms().get(first.x()).inputs();
    float[] w = new float[Math.multiplyExact(all * hidden, inputs)];
    float[] r = new float[Math.multiplyExact(all * hidden, hidden)];
    float[] b = new float[2 * all * hidden];
    for (int g = 0; g < all; g++) {
      Gate gate = gates.get(g);
      Affine.Term ofX = gate.ofX().terms().get(gate.x());
      Affine.Term ofH = gate.ofH().terms().get(gate.h());
      for (int u = 0; u < hidden; u++) {
        int row = g * hidden + u;
        for (int i = 0; i < inputs; i++) {
          w[row * inputs + i] = ofX.of(u, i);
        }
        for (int i = 0; i < hidden; i++) {
          r[row * hidden + i] = ofH.of(u, i);
        }
        b[row] = (float) gate.ofX().bias()[u];
        b[all * hidden + row] = gate.isOne() ? 0 : (float) gate.ofH().bias()[u];
      }
    }
    Map<String, Tensor> weights = new HashMap<>();
    weights.put("W", Tensor.wrap(ElementType.F32, w, 1, all * hidden, inputs));
    weights.put("R", Tensor.wrap(ElementType.F32, r, 1, all * hidden, hidden));
    weights.put("B", Tensor.wrap(ElementType.F32, b, 1, 2 * all * hidden));
    return weights;
  }
}
