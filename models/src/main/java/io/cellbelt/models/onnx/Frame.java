package io.cellbelt.models.onnx;

import io.cellbelt.graphs.Attribute;
import java.util.HashMap;
import java.util.Map;

/**
 * What names mean at some place of a model. In its graphs they are what they are; in a function,
 * and in the graphs there, they depend on the call that it is inlined for.
 */
final class Frame {
  /** The most graphs and functions around a place. */
  static final int DEEPEST = 64;

  /** Of operators, by domain. */
  private final Map<String, Integer> versions;

  /** Attributes of the call; null outside of functions. */
  private final Map<String, Attribute> arguments;

  /** What names of the function's own begin with; empty outside of functions. */
  private final String prefix;

  /** The graph or function around this graph; null for a function, which sees nothing else. */
  private final Frame around;

  private final int depth;

  /** Values of the function, by their names in it. */
  private final Map<String, String> values = new HashMap<>();

  private Frame(
      Map<String, Integer> versions,
      Map<String, Attribute> arguments,
      String prefix,
      Frame around,
      int depth) {
    this.versions = versions;
    this.arguments = arguments;
    this.prefix = prefix;
    this.around = around;
    this.depth = depth;
  }

  /**
   * The place around the graph of a model.
   *
   * @param versions of operators, by domain
   */
  static Frame ofModel(Map<String, Integer> versions) {
    return new Frame(versions, null, "", null, 0);
  }

  /**
   * A function that is called from here.
   *
   * @param imports versions of operators, by domain, where they differ from those here
   * @param prefix that no other value of the model has
   */
  Frame call(Map<String, Integer> imports, Map<String, Attribute> arguments, String prefix) {
    Map<String, Integer> all = new HashMap<>(versions);
    all.putAll(imports);
    return new Frame(all, arguments, prefix, null, depth + 1);
  }

  /** A graph that is here. */
  Frame inner() {
    return new Frame(versions, arguments, prefix, this, depth + 1);
  }

  boolean isFunction() {
    return arguments != null;
  }

  boolean isTooDeep() {
    return depth > DEEPEST;
  }

  /** An attribute of the call, or null where the call has none of that name. */
  Attribute argument(String name) {
    return arguments.get(name);
  }

  /** Gives a name of a function a value of the caller's; an empty one where that left it out. */
  void bind(String name, String value) {
    values.put(name, value);
  }

  /** Gives a name that a graph or function declares a value of its own. */
  void declare(String name) {
    if (isFunction() && !name.isEmpty()) {
      values.putIfAbsent(name, prefix + name);
    }
  }

  boolean isBound(String name) {
    return values.containsKey(name);
  }

  /** The value that a name stands for, whether or not anything gives it. */
  String value(String name) {
    for (Frame frame = this; frame != null; frame = frame.around) {
      String value = frame.values.get(name);
      if (value != null) {
        return value;
      }
    }
    return name.isEmpty() ? name : prefix + name;
  }

  /** What a node or graph is called. */
  String label(String name) {
    return name.isEmpty() ? name : prefix + name;
  }

  /** How many domains have operators here. */
  int domains() {
    return versions.size();
  }

  /** The version of a domain's operators; 0 where nothing says it. */
  int version(String domain) {
    return versions.getOrDefault(domain, 0);
  }
}
