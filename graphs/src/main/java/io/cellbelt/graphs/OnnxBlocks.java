package io.cellbelt.graphs;

import io.cellbelt.cells.Architecture;
import io.cellbelt.cells.Cell;
import io.cellbelt.cells.Schedule;
import java.util.List;

/**
 * Which floats of a layer's parameters are which of ONNX's tensors.
 *
 * @param order ONNX's order of the gates
 * @param hidden H
 * @param w of the input, {@code [D, gates H, I]}
 * @param r of the state, {@code [D, gates H, H]}
 * @param b both biases, {@code [D, 2 gates H]}; null for none
 * @param p peepholes, {@code [D, 3 H]}; null for none
 */
record OnnxBlocks(String order, int hidden, Tensor w, Tensor r, Tensor b, Tensor p) {
  private static final String WEIGHT_IH = "weight_ih";
  private static final String WEIGHT_HH = "weight_hh";
  static final String PEEPHOLE_ORDER = "iof";

  /** What belongs together: floats of a parameter, and as many of one of ONNX's tensors. */
  interface Block {
    /**
     * Is told of a block.
     *
     * @param parameter full name
     * @param size floats of the parameter
     * @param at where the block starts in it
     * @param floats of the block
     * @param onnx the tensor; null where the node has none
     * @param from where the block starts in that
     */
    void at(String parameter, int size, int at, int floats, Tensor onnx, int from);
  }

  /** Tells of all blocks of a layer, whose directions have these cells. */
  void forEach(Architecture architecture, int layer, List<Cell> cells, Block block) {
    for (int d = 0; d < cells.size(); d++) {
      Schedule schedule = cells.get(d).schedule();
      matrix(architecture.name(layer, d, WEIGHT_IH), gates(schedule, WEIGHT_IH), d, w, block);
      matrix(architecture.name(layer, d, WEIGHT_HH), gates(schedule, WEIGHT_HH), d, r, block);
      bias(architecture.name(layer, d, Schedule.BIAS), schedule.biasedGates(), d, block);
      for (Schedule.Vectors vectors : schedule.vectors()) {
        String names = vectors.names();
        for (int g = 0; g < names.length(); g++) {
          int gate = PEEPHOLE_ORDER.indexOf(names.charAt(g));
          block.at(
              architecture.name(layer, d, vectors.parameter()),
              names.length() * hidden,
              g * hidden,
              hidden,
              p,
              (d * PEEPHOLE_ORDER.length() + gate) * hidden);
        }
      }
    }
  }

  /** The gates that a matrix has rows for, in their order. */
  private static String gates(Schedule schedule, String matrix) {
    StringBuilder gates = new StringBuilder();
    for (Schedule.Group group : schedule.groups()) {
      if (group.products().stream().anyMatch(product -> product.parameter().equals(matrix))) {
        gates.append(group.gates());
      }
    }
    return gates.toString();
  }

  /** Where ONNX has a gate; m is the recurrent half of a GRU's n. */
  private int onnxGate(char gate) {
    return order.indexOf(gate == 'm' ? 'n' : gate);
  }

  private void matrix(String name, String gates, int d, Tensor onnx, Block block) {
    int size = hidden * onnx.shape()[2];
    for (int g = 0; g < gates.length(); g++) {
      int from = (d * order.length() + onnxGate(gates.charAt(g))) * size;
      block.at(name, gates.length() * size, g * size, size, onnx, from);
    }
  }

  /** Wb and Rb go into one, but for a GRU's n and m. */
  private void bias(String name, String gates, int d, Block block) {
    int all = order.length();
    for (int g = 0; g < gates.length(); g++) {
      char gate = gates.charAt(g);
      int input = (2 * d * all + onnxGate(gate)) * hidden;
      if (gate != 'm') {
        block.at(name, gates.length() * hidden, g * hidden, hidden, b, input);
      }
      if (gate != 'n' || gates.indexOf('m') < 0) {
        int recurrent = input + all * hidden;
        block.at(name, gates.length() * hidden, g * hidden, hidden, b, recurrent);
      }
    }
  }
}
