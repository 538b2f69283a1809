package io.cellbelt.graphs;

import java.util.List;
import java.util.Objects;
import java.util.stream.Collectors;

/**
 * An input or output of a graph, as the graph declares it. Immutable, thread-safe.
 *
 * @param name of the value
 * @param type of its elements; null where the graph does not say (an output, or inside a body)
 * @param shape its dimensions; null where the graph does not say
 */
public record Port(String name, ElementType type, List<Dimension> shape) {
  /**
   * One dimension.
   *
   * @param size 0 or more; {@link #OPEN} where it is decided when the graph is made ready
   * @param symbol what the graph calls an open dimension; the same in all inputs that share it;
   *     null where it has no name
   */
  public record Dimension(int size, String symbol) {
    /** The size of a dimension that is decided when the graph is made ready. */
    public static final int OPEN = -1;

    /** A dimension of a known size. */
    public static Dimension of(int size) {
      return new Dimension(size, null);
    }

    /** An open dimension. */
    public static Dimension open(String symbol) {
      return new Dimension(OPEN, symbol);
    }

    /** Whether it is decided when the graph is made ready. */
    public boolean isOpen() {
      return size < 0;
    }

    @Override
    public String toString() {
      return isOpen() ? Objects.requireNonNullElse(symbol, "?") : Integer.toString(size);
    }
  }

  /** Copies the shape. */
  public Port {
    Objects.requireNonNull(name, "An input or output has a name, but got null.");
    shape = shape == null ? null : Given.list("dimensions", shape);
  }

  @Override
  public String toString() {
    String dimensions =
        shape == null
            ? "of any shape"
            : shape.stream().map(Dimension::toString).collect(Collectors.joining(", ", "[", "]"));
    return "'" + name + "' " + (type == null ? "" : type + " ") + dimensions;
  }
}
