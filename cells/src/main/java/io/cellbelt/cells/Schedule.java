package io.cellbelt.cells;

import io.cellbelt.cells.Parameter.Form;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

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
      products = List.copyOf(products);
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

  /**
   * What a product multiplies: x, a state of the step before, or something that the kernel
   * computed.
   */
  public sealed interface Source {
    /** x, what the layer is fed. */
    record X() implements Source {}

    /**
     * A state at t-1.
     *
     * @param index its number in {@link Schedule#states}, less than {@link Schedule#carried}
     */
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
    groups = List.copyOf(groups);
    vectors = List.copyOf(vectors);
    states = List.copyOf(states);
  }

  /** A cell whose gates all add W x, U h' and a bias; its states all have the length H. */
  public static Schedule simple(String gates, int hiddenSize, int states) {
    return new Schedule(
        List.of(new Group(gates, hiddenSize, true, List.of(input(), recurrent()))),
        List.of(),
        java.util.Collections.nCopies(states, hiddenSize),
        states,
        0,
        states > 1 ? 1 : -1);
  }

  /** The product {@code W x} with {@code weight_ih}, before the kernel's first stage. */
  public static Product input() {
    return new Product("weight_ih", new Source.X(), 0);
  }

  /** The product {@code U h'} with {@code weight_hh}, before the kernel's first stage. */
  public static Product recurrent() {
    return new Product("weight_hh", new Source.State(0), 0);
  }

  /**
   * The product of U, {@code weight_hh}, with what the kernel computed in its first stage.
   *
   * @param saved number of the saved block that is multiplied
   * @param gradient number of the saved block where the kernel wants its gradient
   */
  public static Product recurrentOf(int saved, int gradient) {
    return new Product("weight_hh", new Source.Saved(saved, gradient), 1);
  }

  /** The letters of all gates, in the order of their blocks. */
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
    return switch (source) {
      case Source.X x -> cell.inputSize();
      case Source.State(int index) -> states.get(index);
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
