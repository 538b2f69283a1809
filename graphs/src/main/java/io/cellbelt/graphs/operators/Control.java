package io.cellbelt.graphs.operators;

import io.cellbelt.graphs.Graph;
import io.cellbelt.graphs.Tensor;
import io.cellbelt.graphs.plan.Elements;
import io.cellbelt.graphs.plan.Layout;
import io.cellbelt.graphs.plan.Operand;
import io.cellbelt.graphs.plan.Operator;
import io.cellbelt.graphs.plan.Site;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Operators that run graphs of their own. A branch that is known is planned in their place, and a
 * loop whose end is known is written out, so that its counters and shapes are known in every round.
 */
final class Control {
  /** More rounds than this would make a plan too long. */
  private static final int MOST_ROUNDS = 1 << 16;

  private Control() {}

  /** The operator of a name. */
  static Operator operator(String name) {
    return switch (name) {
      case "If" -> Operator.of(name, Control::choose, "then_branch", "else_branch");
      case "Loop" -> Operator.of(name, Control::loop, "body");
      case "Scan" ->
          Operator.of(
              name,
              Control::scan,
              "body",
              "num_scan_inputs",
              "scan_input_axes",
              "scan_input_directions",
              "scan_output_axes",
              "scan_output_directions",
              "directions");
      default -> throw Operators.unknown(name);
    };
  }

  private static void choose(Site site) {
    Operand condition = site.in(0);
    if (condition.isConstant()) {
      boolean yes = condition.value().doubleAt(0) != 0;
      outputs(site, site.inline(site.body(yes ? "then_branch" : "else_branch"), List.of()));
      return;
    }
    List<Operand> results = new ArrayList<>();
    Site.Part then = branch(site, "then_branch", results);
    Site.Part otherwise = branch(site, "else_branch", results);
    site.run(
        memory -> {
          if (Elements.getLong(condition.at(memory)) != 0) {
            then.run(memory);
          } else {
            otherwise.run(memory);
          }
        },
        List.of(then, otherwise),
        List.of(condition),
        results);
    outputs(site, results);
  }

  /** The kernels of a branch, and copies to the results that both have. */
  private static Site.Part branch(Site site, String name, List<Operand> results) {
    return site.apart(
        () -> {
          List<Operand> own = site.inline(site.body(name), List.of());
          for (int i = 0; i < own.size(); i++) {
            Operand output = own.get(i);
            if (results.size() <= i) {
              results.add(site.scratch(output.type(), output.shape()));
            }
            Operand result = results.get(i);
            if (!Arrays.equals(result.shape(), output.shape()) || result.type() != output.type()) {
              throw site.dependsOnValues("whether it gives " + result + " or " + output);
            }
            site.copy(output, result);
          }
        });
  }

  private static void outputs(Site site, List<Operand> results) {
    for (int i = 0; i < results.size(); i++) {
      site.out(i, results.get(i));
    }
  }

  private static void loop(Site site) {
    Graph body = site.body("body");
    Operand most = site.optional(0);
    Operand condition = site.optional(1);
    long rounds = most == null ? Long.MAX_VALUE : site.known(0, "the number of rounds").longs()[0];
    int carried = Math.max(0, site.inputs() - 2);
    checkOutputs(site, body, 1 + carried);
    List<Operand> values = new ArrayList<>();
    for (int i = 0; i < carried; i++) {
      values.add(site.in(2 + i));
    }
    List<List<Operand>> collected = new ArrayList<>();
    for (int i = 0; i < body.outputs().size() - 1 - carried; i++) {
      collected.add(new ArrayList<>());
    }
    boolean goesOn = condition == null || isTrue(site, condition);
    for (long round = 0; goesOn && round < rounds; round++) {
      if (round == MOST_ROUNDS) {
        throw site.refuse("it goes on for more than " + MOST_ROUNDS + " rounds.");
      }
      List<Operand> inputs = new ArrayList<>();
      inputs.add(site.constant(Tensor.of(new long[] {round})));
      inputs.add(site.constant(Casts.TRUE));
      inputs.addAll(values);
      List<Operand> results = site.inline(body, inputs);
      goesOn = isTrue(site, results.getFirst());
      values = new ArrayList<>(results.subList(1, 1 + carried));
      for (int i = 0; i < collected.size(); i++) {
        collected.get(i).add(results.get(1 + carried + i));
      }
    }
    outputs(site, values);
    for (int i = 0; i < collected.size(); i++) {
      if (site.wanted(carried + i)) {
        site.out(carried + i, stacked(site, collected.get(i), 0, false));
      }
    }
  }

  private static void checkOutputs(Site site, Graph body, int carried) {
    if (body.outputs().size() < carried) {
      throw site.refuse(
          "its body gives what it carries from round to round, "
              + carried
              + " values, but it has "
              + body.outputs().size()
              + " outputs.");
    }
  }

  private static boolean isTrue(Site site, Operand condition) {
    if (!condition.isConstant()) {
      throw site.dependsOnValues("when it ends");
    }
    return condition.value().doubleAt(0) != 0;
  }

  /** The results of all rounds side by side in a new dimension. */
  private static Operand stacked(Site site, List<Operand> rounds, int axis, boolean backwards) {
    if (rounds.isEmpty()) {
      throw site.refuse("it has no rounds, so that the shape of what they give is not known.");
    }
    Operand first = rounds.getFirst();
    int[] shape = Layout.dense(first.shape()).with(site.axis(axis, first.rank() + 1)).shape();
    int dimension = site.axis(axis, shape.length);
    shape[dimension] = rounds.size();
    Operand y = site.scratch(first.type(), shape);
    for (Operand round : rounds) {
      if (!Arrays.equals(round.shape(), first.shape()) || round.type() != first.type()) {
        throw site.refuse(
            "each round gives the same shape, but got " + first + " and " + round + ".");
      }
    }
    for (int i = 0; i < rounds.size(); i++) {
      int index = backwards ? rounds.size() - 1 - i : i;
      site.copy(rounds.get(i), y.view(y.layout().picked(dimension, index)));
    }
    return y;
  }

  private static void scan(Site site) {
    if (site.version() < 9) {
      scanBatches(site);
      return;
    }
    List<Operand> inputs = new ArrayList<>();
    for (int i = 0; i < site.inputs(); i++) {
      inputs.add(site.in(i));
    }
    outputs(site, scanned(site, inputs, "scan_input_directions"));
  }

  /** Up to opset 8 all that is carried and scanned has the batch first, and each runs by itself. */
  private static void scanBatches(Site site) {
    if (site.optional(0) != null) {
      throw site.refuse("sequence_lens is not supported; leave it out, or export with opset 9.");
    }
    int batch = site.in(1).size(0);
    List<List<Operand>> results = new ArrayList<>();
    for (int b = 0; b < batch; b++) {
      List<Operand> inputs = new ArrayList<>();
      for (int i = 1; i < site.inputs(); i++) {
        Operand input = site.in(i);
        inputs.add(input.view(input.layout().picked(0, b)));
      }
      results.add(scanned(site, inputs, "directions"));
    }
    for (int i = 0; i < site.outputs(); i++) {
      int index = i;
      site.out(i, stacked(site, results.stream().map(all -> all.get(index)).toList(), 0, false));
    }
  }

  private static List<Operand> scanned(Site site, List<Operand> inputs, String directions) {
    Graph body = site.body("body");
    int scanned = site.whole("num_scan_inputs", 1);
    int carried = inputs.size() - scanned;
    if (scanned < 1 || carried < 0) {
      throw site.refuse(
          "it scans 1 to " + inputs.size() + " inputs, but num_scan_inputs is " + scanned + ".");
    }
    checkOutputs(site, body, carried);
    int[] axes = attribute(site, "scan_input_axes", scanned);
    int[] backwards = attribute(site, directions, scanned);
    int outputs = body.outputs().size() - carried;
    int[] outputAxes = attribute(site, "scan_output_axes", outputs);
    int[] outputsBackwards = attribute(site, "scan_output_directions", outputs);
    List<Operand> values = new ArrayList<>(inputs.subList(0, carried));
    List<List<Operand>> collected = new ArrayList<>();
    for (int i = 0; i < outputs; i++) {
      collected.add(new ArrayList<>());
    }
    int rounds = -1;
    for (int i = 0; i < scanned; i++) {
      Operand input = inputs.get(carried + i);
      int size = input.size(site.axis(axes[i], input.rank()));
      if (rounds >= 0 && size != rounds) {
        throw site.refuse(
            "what is scanned has as many steps, but got " + rounds + " and " + size + ".");
      }
      rounds = size;
    }
    for (int round = 0; round < rounds; round++) {
      List<Operand> all = new ArrayList<>(values);
      for (int i = 0; i < scanned; i++) {
        Operand input = inputs.get(carried + i);
        int index = backwards[i] != 0 ? rounds - 1 - round : round;
        all.add(input.view(input.layout().picked(site.axis(axes[i], input.rank()), index)));
      }
      List<Operand> results = site.inline(body, all);
      values = new ArrayList<>(results.subList(0, carried));
      for (int i = 0; i < outputs; i++) {
        collected.get(i).add(results.get(carried + i));
      }
    }
    List<Operand> all = new ArrayList<>(values);
    for (int i = 0; i < outputs; i++) {
      all.add(stacked(site, collected.get(i), outputAxes[i], outputsBackwards[i] != 0));
    }
    return all;
  }

  private static int[] attribute(Site site, String name, int count) {
    int[] values = site.wholes(name);
    if (values != null && values.length != count) {
      throw site.refuse(
          "the attribute " + name + " has " + count + " numbers, but got " + values.length + ".");
    }
    return values == null ? new int[count] : values;
  }
}
