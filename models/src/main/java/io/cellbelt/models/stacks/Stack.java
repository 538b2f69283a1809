package io.cellbelt.models.stacks;

import io.cellbelt.cells.Weights;
import java.util.List;

/**
 * The network that a graph is.
 *
 * @param weights with the architecture
 * @param remarks sentences about what is different when it is used as a network
 */
public record Stack(Weights weights, List<String> remarks) implements Reading {
  /** Copies the list. */
  public Stack {
    remarks = List.copyOf(remarks);
  }
}
