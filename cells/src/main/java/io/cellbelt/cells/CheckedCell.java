package io.cellbelt.cells;

import io.cellbelt.cells.Schedule.Group;
import io.cellbelt.cells.Schedule.Product;
import io.cellbelt.cells.Schedule.Source;
import io.cellbelt.cells.engine.RowLayout;
import io.cellbelt.cells.reference.ReferenceCell;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * A custom cell as the library goes by it: what decides about memory was asked for once, when its
 * layer was made, and checked. Immutable, and thread-safe where the cell is.
 */
final class CheckedCell implements CustomCell {
  /** Steps taken are saved among the floats of a state, which are whole numbers up to here. */
  private static final int MAX_CLOCK = 1 << 24;

  private final CustomCell cell;
  private final String kind;
  private final int inputSize;
  private final int hiddenSize;
  private final Schedule schedule;
  private final String biasVectors;
  private final boolean readsInput;
  private final boolean readsMemoryBelow;
  private final int clock;
  private final Kernel kernel;

  /** A kernel with the numbers that it gave at first. */
  private record Kernel(CustomKernel kernel, int stages, int saved) implements CustomKernel {
    @Override
    public void forward(int stage, Row row) {
      kernel.forward(stage, row);
    }

    @Override
    public void backward(int stage, Row row) {
      kernel.backward(stage, row);
    }
  }

  /**
   * Asks a cell for all that the library goes by.
   *
   * @throws IllegalArgumentException if it does not fit together
   */
  CheckedCell(CustomCell cell) {
    this.cell = cell;
    kind = cell.kind();
    if (kind == null || !Schedule.isName(kind)) {
      throw refusal("names its kind with letters, digits and _, but it is '" + kind + "'");
    }
    inputSize = checkSize("input size", cell.inputSize());
    hiddenSize = checkSize("hidden size", cell.hiddenSize());
    schedule = checkPresent("schedule", cell.schedule());
    biasVectors = checkPresent("biasVectors", cell.biasVectors());
    readsInput = cell.readsInput();
    readsMemoryBelow = cell.readsMemoryBelow();
    clock = cell.clock();
    CustomKernel custom = checkPresent("kernel", cell.kernel());
    kernel = new Kernel(custom, custom.stages(), custom.saved());
    checkKernel();
    checkColumns();
    checkClock();
    if (cell.outputSize() != outputSize() || cell.stateSize() != stateSize()) {
      throw refusal(
          "has an output of "
              + outputSize()
              + " and a state of "
              + stateSize()
              + " floats by its schedule, but says "
              + cell.outputSize()
              + " and "
              + cell.stateSize()
              + "; leave outputSize() and stateSize() to the schedule");
    }
    RowLayout.of(this, 1);
  }

  private IllegalArgumentException refusal(String what) {
    return new IllegalArgumentException("The cell " + cell.getClass().getName() + " " + what + ".");
  }

  private int checkSize(String what, int size) {
    if (size < 1 || size > Schedule.MAX_SIZE) {
      throw refusal("has a " + what + " of 1 to " + Schedule.MAX_SIZE + ", but it is " + size);
    }
    return size;
  }

  private <T> T checkPresent(String what, T value) {
    if (value == null) {
      throw refusal("returns null from " + what + "(); return one there");
    }
    return value;
  }

  /** The schedule uses the stages and the saved blocks that the kernel has, and all stages. */
  private void checkKernel() {
    int lastStage = 0;
    for (Group group : schedule.groups()) {
      for (Product product : group.products()) {
        lastStage = Math.max(lastStage, product.stage());
        if (product.source() instanceof Source.Saved(int index, int gradient)) {
          int last = Math.max(index, gradient);
          if (last >= kernel.saved()) {
            throw refusal(
                "multiplies the saved block "
                    + last
                    + " of its kernel, numbered from 0, but the kernel's saved() is "
                    + kernel.saved());
          }
        }
      }
    }
    if (kernel.stages() != lastStage + 1) {
      throw refusal(
          "has products up to stage "
              + lastStage
              + ", so that its kernel has "
              + (lastStage + 1)
              + " stages, but the kernel's stages() is "
              + kernel.stages());
    }
    if (kernel.saved() < 0 || (long) kernel.saved() * hiddenSize > Schedule.MAX_SIZE) {
      throw refusal(
          "keeps 0 to "
              + Schedule.MAX_SIZE
              + " floats a row for its kernel, but the kernel's saved() is "
              + kernel.saved()
              + " blocks of "
              + hiddenSize);
    }
  }

  /** The parts of a matrix have the same columns. */
  private void checkColumns() {
    Map<String, Integer> columns = new HashMap<>();
    for (Group group : schedule.groups()) {
      for (Product product : group.products()) {
        int length = schedule.length(product.source(), this);
        Integer other = columns.putIfAbsent(product.parameter(), length);
        if (other != null && other != length) {
          throw refusal(
              "multiplies '"
                  + product.parameter()
                  + "' with sources of one length, but got "
                  + other
                  + " and "
                  + length);
        }
      }
    }
  }

  /** With a clock, the first units of all gates are the same, and those of h. */
  private void checkClock() {
    if (clock < 0 || clock > MAX_CLOCK) {
      throw refusal("has a clock of 0, for none, to " + MAX_CLOCK + ", but it is " + clock);
    }
    for (Group group : clock == 0 ? List.<Group>of() : schedule.groups()) {
      if (group.gates().length() != 1 || group.size() != hiddenSize) {
        throw refusal(
            "has a clock, so that each group of its schedule is one gate of "
                + hiddenSize
                + " floats, but got "
                + group);
      }
      for (Product product : group.products()) {
        if (product.parameter().equals(Schedule.recurrent().parameter())
            && schedule.length(product.source(), this) != hiddenSize) {
          throw refusal(
              "has a clock, so that U multiplies "
                  + hiddenSize
                  + " floats, but got "
                  + product.source());
        }
      }
    }
  }

  /** The cell itself. */
  CustomCell original() {
    return cell;
  }

  @Override
  public String kind() {
    return kind;
  }

  @Override
  public int inputSize() {
    return inputSize;
  }

  @Override
  public int hiddenSize() {
    return hiddenSize;
  }

  @Override
  public Schedule schedule() {
    return schedule;
  }

  @Override
  public CustomKernel kernel() {
    return kernel;
  }

  @Override
  public ReferenceCell reference() {
    return cell.reference();
  }

  @Override
  public String biasVectors() {
    return biasVectors;
  }

  @Override
  public boolean readsInput() {
    return readsInput;
  }

  @Override
  public boolean readsMemoryBelow() {
    return readsMemoryBelow;
  }

  @Override
  public int clock() {
    return clock;
  }

  @Override
  public int active(int at) {
    int units = cell.active(at);
    if (units < 0 || units > hiddenSize) {
      throw refusal(
          "has 0 to " + hiddenSize + " active units, but at clock " + at + " it says " + units);
    }
    return units;
  }

  @Override
  public boolean connected(int unit, int from) {
    return cell.connected(unit, from);
  }

  @Override
  public float initialBias(char gate) {
    return cell.initialBias(gate);
  }

  @Override
  public boolean keeps(char gate) {
    return cell.keeps(gate);
  }

  @Override
  public boolean writes(char gate) {
    return cell.writes(gate);
  }

  /** Equal cells that gave the same numbers. */
  @Override
  public boolean equals(Object other) {
    return other instanceof CheckedCell checked
        && cell.equals(checked.cell)
        && numbers().equals(checked.numbers());
  }

  private List<Object> numbers() {
    return List.of(
        kind,
        inputSize,
        hiddenSize,
        schedule,
        clock,
        kernel.stages(),
        kernel.saved(),
        readsInput,
        readsMemoryBelow);
  }

  @Override
  public int hashCode() {
    return cell.hashCode();
  }

  @Override
  public String toString() {
    return cell.toString();
  }
}
