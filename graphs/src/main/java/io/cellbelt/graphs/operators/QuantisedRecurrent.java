package io.cellbelt.graphs.operators;

import io.cellbelt.graphs.ElementType;
import io.cellbelt.graphs.Port;
import io.cellbelt.graphs.plan.Operand;
import io.cellbelt.graphs.plan.Operator;
import io.cellbelt.graphs.plan.Site;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;

/**
 * ONNX Runtime's LSTM with weights of 8 bits, which quantises x as a whole and h in every step. It
 * is planned as the graph of ONNX's operators that it stands for.
 */
final class QuantisedRecurrent {
  private static final int GATES = 4;

  /** The most inputs. */
  private static final List<String> INPUTS =
      List.of("X", "W", "R", "B", "lengths", "h", "c", "P", "scaleW", "zeroW", "scaleR", "zeroR");

  static final Operator OPERATOR =
      new Operator(
          "DynamicQuantizeLSTM",
          "com.microsoft",
          Set.of(
              "activation_alpha",
              "activation_beta",
              "activations",
              "clip",
              "direction",
              "hidden_size",
              "input_forget"),
          QuantisedRecurrent::lstm);

  private QuantisedRecurrent() {}

  private static void lstm(Site site) {
    Operand x = site.in(0);
    Operand r = site.in(2);
    if (x.type() != ElementType.F32 || x.rank() != 3 || r.rank() != 3) {
      throw site.refuse(
          "x and R have 3 dimensions, and x is of F32, but got " + x + " and " + r + ".");
    }
    String direction = site.text("direction", "forward");
    if (!List.of("forward", "reverse", "bidirectional").contains(direction)) {
      throw site.refuse(
          "its direction is forward, reverse or bidirectional, but got \"" + direction + "\".");
    }
    int directions = direction.equals("bidirectional") ? 2 : 1;
    int hidden = r.size(1);
    require(site, 1, directions, x.size(2), GATES * hidden);
    require(site, 2, directions, hidden, GATES * hidden);
    require(site, 3, directions, 2 * GATES * hidden);
    require(site, 4, x.size(1));
    require(site, 5, directions, x.size(1), hidden);
    require(site, 6, directions, x.size(1), hidden);
    require(site, 7, directions, 3 * hidden);
    if (site.whole("hidden_size", hidden) != hidden) {
      throw site.refuse("hidden_size is as R has it, " + hidden + ".");
    }
    List<Operand> inputs = new ArrayList<>();
    List<Port> ports = new ArrayList<>();
    for (int i = 0; i < INPUTS.size(); i++) {
      if (site.optional(i) != null) {
        inputs.add(site.in(i));
        ports.add(new Port(INPUTS.get(i), null, null));
      } else if (i < 3 || i == 8 || i == 10) {
        throw site.refuse("its input " + i + " is missing.");
      }
    }
    QuantisedLstmGraph graph = new QuantisedLstmGraph(site, ports, x.size(0), x.size(1), hidden);
    List<Operand> outputs =
        site.inline(graph.build(directions, direction.equals("reverse")), inputs);
    for (int i = 0; i < outputs.size(); i++) {
      site.out(i, outputs.get(i));
    }
  }

  private static void require(Site site, int index, int... shape) {
    Operand input = site.optional(index);
    if (input != null && !Arrays.equals(input.shape(), shape)) {
      throw site.refuse(
          "its input "
              + index
              + " is "
              + Arrays.toString(shape)
              + " for the x and R that it has, but got "
              + input
              + ".");
    }
  }
}
