package io.cellbelt.cells;

import io.cellbelt.cells.Parameter.Form;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;

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

  /** The largest size of a gate or a state. */
  static final int MAX_SIZE = 1 << 28;

  /**
   * Gates next to each other that the same products feed.
   *
   * @param gates a letter for each
   * @param size length of each
   * @param bias whether they have a bias
   * @param products what is added up in them
   */
  public record Group(String gates, int size, boolean bias, List<Product> products) {
    /** Copies the list, and checks that there are gates and products. */
    public Group {
      products = copy("products", products);
      if (gates == null || gates.isEmpty() || products.isEmpty()) {
        throw new IllegalArgumentException(
            "A group has 1 gate and 1 product or more, but got '"
                + gates
                + "' and "
                + products
                + ".");
      }
      checkSize("gate", size);
      if (products.stream().distinct().count() < products.size()) {
        throw new IllegalArgumentException(
            "A group has each of its products once, but got " + products + ".");
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
  public record Product(String parameter, Source source, int stage) {
    /** Checks that what is multiplied is there at that stage. */
    public Product {
      checkName(parameter);
      if (source == null) {
        throw new IllegalArgumentException("A product has a source, but got null.");
      }
      if (stage < 0
          || source instanceof Source.X && stage > 0
          || source instanceof Source.Saved && stage == 0) {
        throw new IllegalArgumentException(
            "Products with x have stage 0, with what the kernel computed in a stage before 1 or"
                + " more, and with states any, but got "
                + source
                + " at stage "
                + stage
                + ".");
      }
    }
  }

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
    record State(int index) implements Source {
      /** Checks that it is 0 or more. */
      public State {
        checkIndex(index);
      }
    }

    /**
     * A block that the kernel computed in the stage before, where it wants its gradient.
     *
     * @param index of its saved blocks
     * @param gradient another of its saved blocks
     */
    record Saved(int index, int gradient) implements Source {
      /** Checks that they are two blocks. */
      public Saved {
        checkIndex(index);
        checkIndex(gradient);
        if (index == gradient) {
          throw new IllegalArgumentException(
              "What is saved and its gradient are two blocks, but both are " + index + ".");
        }
      }
    }

    private static void checkIndex(int index) {
      if (index < 0) {
        throw new IllegalArgumentException(
            "States and saved blocks are numbered from 0, but got " + index + ".");
      }
    }
  }

  /**
   * Vectors of length H that the pointwise kernel multiplies with or adds.
   *
   * @param parameter name of the tensor
   * @param names a letter for each
   * @param initial what training starts from
   */
  public record Vectors(String parameter, String names, float initial) {
    /** Checks that there are some. */
    public Vectors {
      checkName(parameter);
      if (names == null || names.isEmpty() || !Float.isFinite(initial)) {
        throw new IllegalArgumentException(
            "A list has 1 vector or more, which start from a finite number, but got '"
                + names
                + "' and "
                + initial
                + ".");
      }
    }
  }

  /** Copies the lists, and checks that they fit together. */
  public Schedule {
    groups = copy("groups", groups);
    vectors = copy("vectors", vectors);
    states = copy("states", states);
    states.forEach(size -> checkSize("state", size));
    if (groups.isEmpty() || states.isEmpty() || states.size() > MOST_STATES) {
      throw new IllegalArgumentException(
          "A cell has 1 group of gates or more and 1 to "
              + MOST_STATES
              + " states, but got "
              + groups.size()
              + " and "
              + states.size()
              + ".");
    }
    if (carried < 1 || carried > states.size()) {
      throw new IllegalArgumentException(
          "Of " + states.size() + " states 1 to all are carried, but got " + carried + ".");
    }
    if (output < 0 || output >= states.size() || memory < -1 || memory >= states.size()) {
      throw new IllegalArgumentException(
          "The output is one of the states 0 to "
              + (states.size() - 1)
              + ", the memory too or -1, but got "
              + output
              + " and "
              + memory
              + ".");
    }
    checkNames(groups, vectors);
    for (Group group : groups) {
      for (Product product : group.products()) {
        if (product.source() instanceof Source.State(int index) && index >= carried) {
          throw new IllegalArgumentException(
              "Products read states that are carried, 0 to "
                  + (carried - 1)
                  + ", but got "
                  + index
                  + ".");
        }
      }
    }
  }

  private static <T> List<T> copy(String what, List<T> list) {
    if (list == null || list.stream().anyMatch(Objects::isNull)) {
      throw new IllegalArgumentException(
          "A list of " + what + " holds no null and may be empty, but got " + list + ".");
    }
    return List.copyOf(list);
  }

  private static void checkSize(String what, int size) {
    if (size < 1 || size > MAX_SIZE) {
      throw new IllegalArgumentException(
          "A " + what + " has 1 to " + MAX_SIZE + " floats, but got " + size + ".");
    }
  }

  /** Whether a word can be a part of the names of parameters. */
  static boolean isName(String word) {
    return word.matches("[A-Za-z0-9_]+");
  }

  private static void checkName(String parameter) {
    if (parameter == null || !isName(parameter) || parameter.equals(BIAS)) {
      throw new IllegalArgumentException(
          "A parameter is named with letters, digits and _, and 'bias' is that of the biases, but"
              + " got '"
              + parameter
              + "'.");
    }
  }

  /** Gates have a letter each, and lists of vectors a name that nothing else has. */
  private static void checkNames(List<Group> groups, List<Vectors> vectors) {
    Set<Integer> letters = new HashSet<>();
    Set<String> names = new HashSet<>();
    for (Group group : groups) {
      group.products().forEach(product -> names.add(product.parameter()));
      group
          .gates()
          .chars()
          .filter(letter -> !letters.add(letter))
          .forEach(
              letter -> {
                throw new IllegalArgumentException(
                    "Each gate has a letter of its own, but '" + (char) letter + "' is two.");
              });
    }
    for (Vectors list : vectors) {
      if (!names.add(list.parameter())) {
        throw new IllegalArgumentException(
            "The vectors '" + list.parameter() + "' have the name of another parameter.");
      }
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
        Collections.nCopies(states, hiddenSize),
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
