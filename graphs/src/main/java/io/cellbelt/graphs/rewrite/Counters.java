package io.cellbelt.graphs.rewrite;

import io.cellbelt.graphs.ElementType.Storage;
import io.cellbelt.graphs.Node;
import io.cellbelt.graphs.Tensor;
import java.util.HashMap;
import java.util.Map;

/**
 * Integers that a loop counts up, and what it decides by them alone: by trying out all of its
 * rounds it is certain how often the loop runs.
 */
final class Counters {
  /** Nodes that conditions are calculated with in all rounds together; none has as many. */
  private static final int MOST_NODES = 4_000_000;

  private final Values values;

  /** Start and step of each, by the name of the body's input. */
  private final Map<String, long[]> counters = new HashMap<>();

  private int left = MOST_NODES;

  Counters(Values values, String iteration) {
    this.values = values;
    counters.put(iteration, new long[] {0, 1});
  }

  /**
   * Whether an input of the body is counted up by the same number in every round.
   *
   * @param start its constant before the first one; null where it is none
   * @param next what it is in the next round
   */
  boolean add(String input, Tensor start, String next) {
    Node node = values.producer(values.origin(next));
    boolean counts =
        start != null
            && start.rank() == 0
            && start.type().storage() == Storage.LONG
            && Values.is(node, "Add");
    if (!counts) {
      return false;
    }
    boolean first = values.origin(node.inputs().getFirst()).equals(input);
    boolean second = values.origin(node.inputs().getLast()).equals(input);
    long[] step = values.wholes(first ? node.inputs().getLast() : node.inputs().getFirst());
    if (first == second || step == null || step.length != 1) {
      return false;
    }
    counters.put(input, new long[] {start.longs()[0], step[0]});
    return true;
  }

  /** Whether a value is the number of the round, from 0. */
  boolean isRound(String value) {
    String name = values.origin(value);
    Node node = values.producer(name);
    if (Values.is(node, "Cast")) {
      name = values.origin(node.inputs().getFirst());
    }
    long[] counter = counters.get(name);
    return counter != null && counter[0] == 0 && counter[1] == 1;
  }

  /** What a counter is after some rounds. */
  long after(String input, long rounds) {
    long[] counter = counters.get(input);
    return counter[0] + rounds * counter[1];
  }

  boolean has(String input) {
    return counters.containsKey(input);
  }

  /** Whether a condition says to go on after each of so many rounds but, perhaps, the last. */
  boolean goesOn(String condition, long rounds) {
    for (long round = 0; round < rounds - 1; round++) {
      double goes = value(condition, round);
      if (!(goes != 0)) {
        return false;
      }
    }
    return true;
  }

  /** A value in a round, NaN where it is not certain; of truth values, 1 or 0. */
  private double value(String value, long round) {
    String name = values.origin(value);
    if (counters.containsKey(name)) {
      return after(name, round);
    }
    Double constant = values.number(name);
    if (constant != null) {
      return constant;
    }
    Node node = values.producer(name);
    if (node == null || !node.domain().isEmpty() || left-- <= 0) {
      return Double.NaN;
    }
    double a = value(Values.input(node, 0), round);
    double b = node.inputs().size() < 2 ? 0 : value(Values.input(node, 1), round);
    if (Double.isNaN(a) || Double.isNaN(b)) {
      return Double.NaN;
    }
    return switch (node.operator()) {
      // Counts are far below what any of the types holds exactly.
      case "Cast", "Squeeze", "Unsqueeze" -> a;
      case "Add" -> a + b;
      case "Sub" -> a - b;
      case "Not" -> a == 0 ? 1 : 0;
      case "And" -> a != 0 && b != 0 ? 1 : 0;
      case "Or" -> a != 0 || b != 0 ? 1 : 0;
      case "Less" -> a < b ? 1 : 0;
      case "LessOrEqual" -> a <= b ? 1 : 0;
      case "Greater" -> a > b ? 1 : 0;
      case "GreaterOrEqual" -> a >= b ? 1 : 0;
      case "Equal" -> a == b ? 1 : 0;
      default -> Double.NaN;
    };
  }
}
