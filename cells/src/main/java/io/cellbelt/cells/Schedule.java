package io.cellbelt.cells;

import io.cellbelt.cells.Parameter.Form;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/**
 * The shape of a cell: which gates it has, what is multiplied into them and when, and what it
 * remembers. Weights, tapes, streams, gradients and files follow from it.
 *
 * <p>Immutable, thread-safe.
 *
 * @param groups the gates, in groups that are fed by the same products
 * @param vectors lists of parameters that are vectors of length H, for the pointwise kernel
 * @param states length of each vector that a step leaves; the first is h, which products read
 * @param carried how many of the states the next step reads; those after them only go upwards
 * @param output which state the layer above is fed
 * @param memory which state the layer above may read besides, such as c; -1 for none
 */
public record Schedule(
    List<Group> groups,
    List<Vectors> vectors,
    List<Integer> states,
    int carried,
    int output,
    int memory) {
  private static final int MOST_STATES = 100;

  /** Name of the bias of every cell that has one. */
  public static final String BIAS = "bias";

  /**
   * Gates next to each other that the same products feed.
   *
   * @param gates a letter for each
   * @param size length of each
   * @param bias whether they have a bias
   * @param products what is added up in them
   */
  public record Group(String gates, int size, boolean bias, List<Product> products) {
    /** Copies the list. */
    public Group {
      Objects.requireNonNull(gates, "Gates have letters, but got null.");
      Objects.requireNonNull(products, "Gates are fed by products, but got null.");
      requireAll("products", products);
      products = List.copyOf(products);
      if (gates.isEmpty() || size < 1 || products.isEmpty()) {
        throw new IllegalArgumentException(
            "A group has 1 gate or more of a size of 1 or more, and 1 product or more, but got '"
                + gates
                + "', "
                + size
                + " and "
                + products
                + ".");
      }
    }
  }

  /**
   * One matrix product {@code gates += M source}.
   *
   * @param parameter name of the tensor that M is a part of, such as {@code weight_ih}; the parts
   *     of all groups follow each other in it
   * @param source what is multiplied
   * @param stage 0 before the kernel's first stage, 1 before its second
   */
  public record Product(String parameter, Source source, int stage) {}

  /** What a product multiplies. */
  public sealed interface Source {
    /** x, what the layer is fed. */
    record X() implements Source {}

    /** A state at t-1. */
    record State(int index) implements Source {}

    /**
     * A block that the kernel computed in the stage before, where it wants its gradient.
     *
     * @param index of its saved blocks
     * @param gradient another of its saved blocks
     */
    record Saved(int index, int gradient) implements Source {}
  }

  /**
   * Vectors of length H that the pointwise kernel multiplies with or adds.
   *
   * @param parameter name of the tensor
   * @param names a letter for each
   * @param initial what training starts from
   */
  public record Vectors(String parameter, String names, float initial) {}

  /** Copies the lists. */
  public Schedule {
    Objects.requireNonNull(groups, "A schedule has groups of gates, but got null.");
    Objects.requireNonNull(vectors, "A schedule has lists of vectors, or none, but got null.");
    Objects.requireNonNull(states, "A schedule has lengths of states, but got null.");
    requireAll("groups", groups);
    requireAll("vectors", vectors);
    requireAll("states", states);
    groups = List.copyOf(groups);
    vectors = List.copyOf(vectors);
    states = List.copyOf(states);
    if (states.isEmpty() || carried < 1 || carried > states.size()) {
      throw new IllegalArgumentException(
          "A cell has 1 state or more, and carries 1 to all of them, but got "
              + carried
              + " of "
              + states.size()
              + ".");
    }
    if (output < 0 || output >= states.size() || memory < -1 || memory >= states.size()) {
      throw new IllegalArgumentException(
          "The output and the memory are states 0 to "
              + (states.size() - 1)
              + ", or -1 for no memory, but got "
              + output
              + " and "
              + memory
              + ".");
    }
    for (int size : states) {
      if (size < 1) {
        throw new IllegalArgumentException(
            "A state has a length of 1 or more, but got " + size + ".");
      }
    }
  }

  private static void requireAll(String what, List<?> list) {
    if (list.stream().anyMatch(Objects::isNull)) {
      throw new IllegalArgumentException(
          "A schedule has " + what + ", but one of them is null.");
    }
  }

  /** A cell whose gates all add W x, U h' and a bias; its states all have the length H. */
  public static Schedule simple(String gates, int hiddenSize, int states) {
    if (states < 1 || states > MOST_STATES) {
      throw new IllegalArgumentException(
          "A cell has 1 to " + MOST_STATES + " states, but got " + states + ".");
    }
    return new Schedule(
        List.of(new Group(gates, hiddenSize, true, List.of(input(), recurrent()))),
        List.of(),
        java.util.Collections.nCopies(states, hiddenSize),
        states,
        0,
        states > 1 ? 1 : -1);
  }

  /** W x. */
  public static Product input() {
    return new Product("weight_ih", new Source.X(), 0);
  }

  /** U h'. */
  public static Product recurrent() {
    return new Product("weight_hh", new Source.State(0), 0);
  }

  /** U of what the kernel computed in its first stage. */
  public static Product recurrentOf(int saved, int gradient) {
    return new Product("weight_hh", new Source.Saved(saved, gradient), 1);
  }

  /** All gates, in the order of their blocks. */
  public String gates() {
    StringBuilder all = new StringBuilder();
    groups.forEach(group -> all.append(group.gates()));
    return all.toString();
  }

  /** The gates that have a bias, in the order of {@link #BIAS}. */
  public String biasedGates() {
    StringBuilder all = new StringBuilder();
    groups.stream().filter(Group::bias).forEach(group -> all.append(group.gates()));
    return all.toString();
  }

  /** Length of what a source holds. */
  public int length(Source source, Cell cell) {
    Objects.requireNonNull(source, "A length is that of a source, but got null.");
    Objects.requireNonNull(cell, "A length is that of a source of a cell, but got null.");
    return switch (source) {
      case Source.X x -> cell.inputSize();
      case Source.State(int index) -> {
        if (index < 0 || index >= states.size()) {
          throw new IllegalArgumentException(
              "There are states 0 to " + (states.size() - 1) + ", but got " + index + ".");
        }
        yield states.get(index);
      }
      case Source.Saved saved -> cell.hiddenSize();
    };
  }

  /** The cell's tensors: names without prefix, in the order in which they are stored. */
  List<Parameter> parameters(Cell cell) {
    Map<String, List<Parameter.Part>> matrices = new LinkedHashMap<>();
    Map<String, Integer> columns = new LinkedHashMap<>();
    List<Parameter.Part> biases = new ArrayList<>();
    for (Group group : groups) {
      Parameter.Part part = new Parameter.Part(group.gates().length(), group.size());
      for (Product product : group.products()) {
        matrices.computeIfAbsent(product.parameter(), name -> new ArrayList<>()).add(part);
        columns.put(product.parameter(), length(product.source(), cell));
      }
      if (group.bias()) {
        biases.add(part);
      }
    }
    List<Parameter> all = new ArrayList<>();
    matrices.forEach(
        (name, parts) -> all.add(new Parameter(name, Form.MATRIX, columns.get(name), parts)));
    if (!biases.isEmpty()) {
      all.add(new Parameter(BIAS, Form.VECTOR, 1, biases));
    }
    for (Vectors list : vectors) {
      Parameter.Part part = new Parameter.Part(list.names().length(), cell.hiddenSize());
      all.add(new Parameter(list.parameter(), Form.VECTOR, 1, List.of(part)));
    }
    return all;
  }
}
