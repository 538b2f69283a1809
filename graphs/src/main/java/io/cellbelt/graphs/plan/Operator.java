package io.cellbelt.graphs.plan;

import java.util.Set;

/**
 * One operator: its shape rule and its kernel, in one place.
 *
 * @param name such as {@code MatMul}
 * @param domain whose operator it is: empty for ONNX's own
 * @param attributes those that it knows; a node with another one is refused when it is opened
 * @param rule what it does when a graph is made ready
 */
public record Operator(String name, String domain, Set<String> attributes, Rule rule) {
  /**
   * Looks at the inputs of a node, says what the outputs are, and which kernels give them. It is
   * called once for a node when a graph is made ready.
   */
  @FunctionalInterface
  public interface Rule {
    /**
     * Makes a node ready.
     *
     * @throws IllegalArgumentException if the inputs do not fit, by {@link Site#refuse}
     */
    void ready(Site site);
  }

  /** One of ONNX's operators. */
  public static Operator of(String name, Rule rule, String... attributes) {
    return new Operator(name, "", Set.of(attributes), rule);
  }
}
