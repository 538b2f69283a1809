package io.cellbelt.bptt;

import io.cellbelt.cells.Architecture;
import io.cellbelt.cells.Layer;
import io.cellbelt.cells.Schedule;
import io.cellbelt.kernels.checks.Sizes;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/**
 * What the entries of a tensor are, row-major, so that a wrong gradient can be told by its pattern.
 *
 * <p>Immutable, thread-safe.
 *
 * @param rows 1 or more
 * @param columns 1 for a vector
 * @param kind what the blocks are
 * @param blocks rows that belong together, all of them in order; empty where there are none
 * @param recurrent whether it multiplies what the step before left
 */
public record Layout(int rows, int columns, Kind kind, List<Block> blocks, boolean recurrent) {
  /** What the blocks of a tensor are. */
  public enum Kind {
    /** Gates of a cell. */
    GATES,
    /** Parts of a state. */
    STATES,
    /** Time steps. */
    STEPS
  }

  /**
   * Rows that follow each other.
   *
   * @param name such as the letter of a gate
   * @param rows how many, 1 or more
   */
  public record Block(String name, int rows) {
    /** Checks that there are a name and rows. */
    public Block {
      Objects.requireNonNull(name, "A block of rows has a name, but got null.");
      if (rows < 1) {
        throw new IllegalArgumentException(
            "A block has 1 row or more, but got " + rows + " for '" + name + "'.");
      }
    }
  }

  /** Checks that the blocks are all rows. */
  public Layout {
    Objects.requireNonNull(
        kind, "A tensor has a kind of blocks, GATES where there are none, but got null.");
    Objects.requireNonNull(blocks, "A tensor has blocks, or an empty list, but got null.");
    if (blocks.stream().anyMatch(Objects::isNull)) {
      throw new IllegalArgumentException("A tensor has blocks, but one of them is null.");
    }
    blocks = List.copyOf(blocks);
    if (rows < 1 || columns < 1) {
      throw new IllegalArgumentException(
          "A tensor has 1 row and 1 column or more, but got " + rows + " and " + columns + ".");
    }
    long sum = blocks.stream().mapToLong(Block::rows).sum();
    if (!blocks.isEmpty() && sum != rows) {
      throw new IllegalArgumentException(
          "The blocks of a tensor of " + rows + " rows have all of them, but got " + sum + ".");
    }
  }

  /**
   * A matrix without gates, or with one column a vector.
   *
   * @param rows 1 or more
   * @param columns 1 or more
   */
  public static Layout of(int rows, int columns) {
    return new Layout(rows, columns, Kind.GATES, List.of(), false);
  }

  /**
   * The same with as many rows for each gate.
   *
   * @param letters of the gates in the order of their rows, such as {@code ifgo}
   * @throws IllegalArgumentException if the rows cannot be divided by their number
   */
  public Layout withGates(String letters) {
    Objects.requireNonNull(letters, "Gates have a letter each, but got null.");
    if (letters.isEmpty() || rows % letters.length() != 0) {
      throw new IllegalArgumentException(
          "Gates have equal shares of the "
              + rows
              + " rows, but got "
              + letters.length()
              + " gates, '"
              + letters
              + "'.");
    }
    List<Block> gates = new ArrayList<>();
    letters
        .chars()
        .forEach(gate -> gates.add(new Block(Character.toString(gate), rows / letters.length())));
    return new Layout(rows, columns, Kind.GATES, gates, recurrent);
  }

  /** The same of a tensor that multiplies what the step before left. */
  public Layout asRecurrent() {
    return new Layout(rows, columns, kind, blocks, true);
  }

  /** Number of entries, rows times columns. */
  public int size() {
    return Sizes.product("entries", rows, columns);
  }

  /**
   * Where an entry is, for a reader: {@code [row, column]}, or {@code [row]} of a vector.
   *
   * @param entry 0 to {@link #size} - 1, row-major
   * @throws IndexOutOfBoundsException if there is no such entry
   */
  public String index(int entry) {
    check(entry);
    return columns == 1 ? "[" + entry + "]" : "[" + entry / columns + ", " + entry % columns + "]";
  }

  /**
   * What an entry is, such as {@code gate f, unit 3, input 2}; empty where there are no blocks.
   *
   * @param entry 0 to {@link #size} - 1, row-major
   * @throws IndexOutOfBoundsException if there is no such entry
   */
  public String meaning(int entry) {
    check(entry);
    if (blocks.isEmpty()) {
      return "";
    }
    int block = blockOf(entry);
    String name = blocks.get(block).name();
    int row = (entry - start(block)) / columns;
    int column = entry % columns;
    return switch (kind) {
      case GATES -> {
        String source = columns == 1 ? "" : (recurrent ? ", from unit " : ", input ") + column;
        yield "gate " + name + ", unit " + row + source;
      }
      case STATES -> {
        long sequence = blocks.stream().limit(block).filter(b -> b.name().equals(name)).count();
        yield "sequence " + sequence + ", " + name + ", unit " + row;
      }
      case STEPS -> "step " + name + ", sequence " + row + ", input " + column;
    };
  }

  /** {@link #index} and, where there is one, {@link #meaning} in brackets. */
  String place(int entry) {
    String meaning = meaning(entry);
    return index(entry) + (meaning.isEmpty() ? "" : " (" + meaning + ")");
  }

  private void check(int entry) {
    long entries = (long) rows * columns;
    if (entry < 0 || entry >= entries) {
      throw new IndexOutOfBoundsException(
          "A tensor of ["
              + rows
              + ", "
              + columns
              + "] has entries 0 to "
              + (entries - 1)
              + ", but got "
              + entry
              + ".");
    }
  }

  /** Number of the block that an entry lies in. */
  int blockOf(int index) {
    int row = index / columns;
    int block = 0;
    while (row >= blocks.get(block).rows()) {
      row -= blocks.get(block++).rows();
    }
    return block;
  }

  /** First entry of a block. */
  int start(int block) {
    return columns * blocks.stream().limit(block).mapToInt(Block::rows).sum();
  }

  /** Those of a network's parameters. */
  static Map<String, Layout> of(Architecture architecture) {
    Map<String, Layout> all = new LinkedHashMap<>();
    Map<String, List<Block>> blocks = new LinkedHashMap<>();
    for (int l = 0; l < architecture.layers().size(); l++) {
      Layer layer = architecture.layers().get(l);
      for (int d = 0; d < layer.directions() && !layer.tied(); d++) {
        Schedule schedule = layer.checkedCell().schedule();
        for (Schedule.Group group : schedule.groups()) {
          for (Schedule.Product product : group.products()) {
            add(blocks, architecture.name(l, d, product.parameter()), group.gates(), group.size());
          }
          if (group.bias()) {
            add(blocks, architecture.name(l, d, Schedule.BIAS), group.gates(), group.size());
          }
        }
        for (Schedule.Vectors vectors : schedule.vectors()) {
          String name = architecture.name(l, d, vectors.parameter());
          add(blocks, name, vectors.names(), layer.checkedCell().hiddenSize());
        }
      }
    }
    for (var parameter : architecture.parameters()) {
      String name = parameter.name();
      List<Block> own = blocks.getOrDefault(name, List.of());
      boolean fits = own.stream().mapToInt(Block::rows).sum() == parameter.rows();
      all.put(
          name,
          new Layout(
              parameter.rows(),
              parameter.columns(),
              Kind.GATES,
              fits ? own : List.of(),
              name.contains(".weight_hh_")));
    }
    return all;
  }

  private static void add(Map<String, List<Block>> all, String name, String gates, int size) {
    List<Block> blocks = all.computeIfAbsent(name, n -> new ArrayList<>());
    gates.chars().forEach(gate -> blocks.add(new Block(Character.toString(gate), size)));
  }
}
