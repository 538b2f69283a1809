package io.cellbelt.propertytests.extension;

import io.cellbelt.cells.CustomCell;
import io.cellbelt.cells.CustomKernel;
import io.cellbelt.cells.Row;
import io.cellbelt.cells.Schedule;
import io.cellbelt.cells.Schedule.Group;
import io.cellbelt.cells.Schedule.Product;
import io.cellbelt.cells.reference.ReferenceCell;
import java.util.Arrays;
import java.util.List;
import java.util.function.Consumer;
import java.util.function.Supplier;

/** A cell that says whatever a test wants: at first that it has one gate and one state of 5. */
class AnyCell implements CustomCell {
  String kind = "any";
  int inputSize = 3;
  int hiddenSize = 5;
  Supplier<Schedule> schedule = () -> Schedule.simple("a", 5, 1);
  CustomKernel kernel = new Passes(row -> {}, row -> {}, 1, 1);
  int clock;
  int active = 5;

  /** A kernel of two passes. */
  record Passes(Consumer<Row> onForward, Consumer<Row> onBackward, int stages, int saved)
      implements CustomKernel {
    @Override
    public void forward(int stage, Row row) {
      onForward.accept(row);
    }

    @Override
    public void backward(int stage, Row row) {
      onBackward.accept(row);
    }
  }

  /** A cell with a kernel that goes forward only. */
  static AnyCell of(Consumer<Row> forward) {
    AnyCell cell = new AnyCell();
    cell.kernel = new Passes(forward, row -> {}, 1, 1);
    return cell;
  }

  /** Gates with biases. */
  static Group group(String gates, int size, Product... products) {
    return new Group(gates, size, true, List.of(products));
  }

  /** A schedule that carries its first state. */
  static Schedule schedule(List<Group> groups, int... states) {
    return new Schedule(groups, List.of(), Arrays.stream(states).boxed().toList(), 1, 0, -1);
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
    return schedule.get();
  }

  @Override
  public CustomKernel kernel() {
    return kernel;
  }

  @Override
  public ReferenceCell reference() {
    return null;
  }

  @Override
  public int clock() {
    return clock;
  }

  @Override
  public int active(int at) {
    return active;
  }
}
