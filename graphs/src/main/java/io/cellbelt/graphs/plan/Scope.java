package io.cellbelt.graphs.plan;

import java.util.HashMap;
import java.util.Map;

/** The values of a graph by name; a body also sees those around it. */
final class Scope {
  private final Scope outer;
  private final Map<String, Operand> values = new HashMap<>();

  Scope(Scope outer) {
    this.outer = outer;
  }

  void put(String name, Operand value) {
    values.put(name, value);
  }

  /** Whether there is a value of that name here, whatever there is around it. */
  boolean has(String name) {
    return values.containsKey(name);
  }

  /** The value of that name, or null. */
  Operand get(String name) {
    Operand own = values.get(name);
    return own != null || outer == null ? own : outer.get(name);
  }
}
