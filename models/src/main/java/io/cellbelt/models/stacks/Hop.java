package io.cellbelt.models.stacks;

import io.cellbelt.graphs.Node;
import java.util.List;

/** What lies between two values on the way from a graph's input to its output. */
sealed interface Hop {
  /**
   * One node.
   *
   * @param output the index of the output that leads on
   */
  record One(Node node, int output) implements Hop {}

  /**
   * Two recurrent nodes that are fed the same, and what makes one value of theirs.
   *
   * @param first what the merge takes first
   * @param merge Concat, Add or Mul
   */
  record Two(Branch first, Branch second, Node merge) implements Hop {}

  /**
   * A recurrent node of which all steps are used.
   *
   * @param moves the nodes after it, in order, which only move elements about
   */
  record Branch(Node node, List<Node> moves) {}
}
