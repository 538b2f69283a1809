package io.cellbelt.graphs.plan;

import io.cellbelt.graphs.Node;
import java.util.List;

/**
 * How many numbers a node multiplies and adds up, by the sizes of what goes in and comes out:
 * products, convolutions and recurrent nodes, beside which the rest counts little.
 */
final class MultiplyAdds {
  private MultiplyAdds() {}

  /**
   * Of one run.
   *
   * @param inputs with null where one is left out
   * @param outputs with null where nobody wants one
   */
  static long of(Node node, List<Operand> inputs, List<Operand> outputs) {
    return switch (node.operator()) {
      case "MatMul", "MatMulInteger", "QLinearMatMul" -> outputs.getFirst().size() * last(inputs);
      case "Gemm" -> outputs.getFirst().size() * (long) inputs.get(1).size() / columns(outputs);
      case "Conv", "ConvInteger" -> windows(outputs.getFirst(), inputs.get(1));
      case "QLinearConv" -> windows(outputs.getFirst(), inputs.get(3));
      case "ConvTranspose" -> (long) inputs.getFirst().size() * perRow(inputs.get(1));
      case "LSTM", "GRU", "RNN", "MaskedLSTM", "MaskedGRU", "MaskedRNN" -> recurrent(inputs);
      default -> 0;
    };
  }

  private static long last(List<Operand> inputs) {
    Operand rows = inputs.getFirst();
    return rows.size(rows.rank() - 1);
  }

  /** Columns of a product, each of which takes a column of the matrix. */
  private static long columns(List<Operand> outputs) {
    Operand y = outputs.getFirst();
    return Math.max(1, y.size(y.rank() - 1));
  }

  private static long windows(Operand y, Operand kernel) {
    return (long) y.size() * perRow(kernel);
  }

  private static long perRow(Operand kernel) {
    return kernel.size() / Math.max(1, kernel.size(0));
  }

  /** Every step of every sequence takes all weights once. */
  private static long recurrent(List<Operand> inputs) {
    Operand x = inputs.getFirst();
    long weights = (long) inputs.get(1).size() + inputs.get(2).size();
    return x.size() / Math.max(1, x.size(2)) * weights;
  }
}
