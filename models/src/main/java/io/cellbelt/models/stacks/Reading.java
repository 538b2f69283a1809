package io.cellbelt.models.stacks;

import java.util.Objects;

/** What a graph was read as: a {@link Stack}, or none, and why. */
public sealed interface Reading permits Stack, Reading.NoStack {
  /**
   * A graph that no network can be.
   *
   * @param reason the first that was found, a sentence
   */
  record NoStack(String reason) implements Reading {
    /** Checks that there is a reason. */
    public NoStack {
      Objects.requireNonNull(reason, "A graph is no network for a reason, but got null.");
    }
  }
}
