package io.cellbelt.graphs;

import java.util.List;
import java.util.Map;

/**
 * One operator of a graph with what it takes and gives. Immutable, thread-safe.
 *
 * @param name of the node; may be empty
 * @param operator such as {@code MatMul}
 * @param domain whose operator it is: empty for ONNX's own, {@link #OWN} for this library's
 * @param version of the domain's operators (ONNX: opset), which decides between meanings
 * @param inputs names of values; an empty name stands for an optional input that is left out
 * @param outputs names of values; an empty name stands for an output that nobody wants
 * @param attributes by name
 */
public record Node(
    String name,
    String operator,
    String domain,
    int version,
    List<String> inputs,
    List<String> outputs,
    Map<String, Attribute> attributes) {
  /** The domain of this library's own operators, for what ONNX has no operator for. */
  public static final String OWN = "io.cellbelt";

  /** The newest version of ONNX's operators that this library knows. */
  public static final int NEWEST = 25;

  /** Copies the lists and the map. */
  public Node {
    Given.value("a name of the node, which may be empty", name);
    Given.value("an operator", operator);
    Given.value("a domain, which may be empty", domain);
    inputs = Given.list("inputs", inputs);
    outputs = Given.list("outputs", outputs);
    attributes = Given.map("attributes", attributes);
    if (outputs.isEmpty()) {
      throw new IllegalArgumentException("A node has an output or more, but got none.");
    }
  }

  /** A node with one of ONNX's operators as they are now: for graphs that were built here. */
  public static Node of(
      String operator,
      List<String> inputs,
      List<String> outputs,
      Map<String, Attribute> attributes) {
    List<String> given = Given.list("outputs", outputs);
    String name = given.isEmpty() ? "" : given.getFirst();
    return new Node(name, operator, "", NEWEST, inputs, given, attributes);
  }

  /** The node in a message: operator, name, and version of the operators. */
  public String describe() {
    String whose = domain.isEmpty() ? "" : domain + ".";
    String where = name.isEmpty() ? " that gives '" + outputs.getFirst() + "'" : " '" + name + "'";
    return whose + operator + where + " (opset " + version + ")";
  }
}
