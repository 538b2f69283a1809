package io.cellbelt.cells.engine;

import io.cellbelt.cells.Architecture;
import io.cellbelt.cells.Cell;
import io.cellbelt.cells.CustomKernel;
import io.cellbelt.cells.Input;
import io.cellbelt.cells.Layer;
import io.cellbelt.cells.Schedule;
import io.cellbelt.cells.Schedule.Group;
import io.cellbelt.cells.Schedule.Product;
import io.cellbelt.cells.Schedule.Source;
import io.cellbelt.kernels.PanelMatrix;
import io.cellbelt.kernels.pointwise.Pointwise;
import io.cellbelt.kernels.pointwise.Rows;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;

/**
 * What one direction of one layer is in a network: its cell, its products in the order of the
 * cell's {@link Schedule}, and how its rows are laid out. Made once, and shared by every {@link
 * Track} that runs it.
 *
 * <p>Immutable, thread-safe. The parameters must outlive it.
 */
public final class TrackPlan {
  /** Layouts of up to so many rows are there once for all tracks, and never made by a step. */
  private static final int SHARED = 64;

  private final Layer layer;
  private final Cell cell;

  /** Of the cell, asked for at every step. */
  private final int clock;

  private final int gateCount;
  private final int index;
  private final int direction;
  private final boolean reverse;
  private final boolean oneHot;
  private final boolean readsInput;
  private final boolean training;
  private final Schedule schedule;
  private final int stages;
  private final long inputRow;
  private final int zeros;
  private final int[] carried;
  private final List<Op> ops = new ArrayList<>();
  private final Op[] inputOps;
  private final Op[][] laterOps;

  /** Groups that no product of stage 0 fills, and so start with their bias. */
  private final Op[] biased;

  private final PanelMatrix[] prefixes;
  private final long[] vectors;
  private final Rows[] rows = new Rows[SHARED + 1];

  /**
   * The plan of a direction.
   *
   * @param index of the layer
   * @param inputRow bytes from one row of what the layer is fed to the next
   * @param training whether masks of training are drawn
   */
  TrackPlan(ParameterSlab parameters, int index, int direction, long inputRow, boolean training) {
    Architecture architecture = parameters.architecture();
    this.index = index;
    this.direction = direction;
    this.inputRow = inputRow;
    this.training = training;
    layer = architecture.layers().get(index);
    cell = layer.checkedCell();
    clock = cell.clock();
    readsInput = cell.readsInput();
    reverse = isReverse(layer, direction);
    oneHot = index == 0 && architecture.input() instanceof Input.OneHot;
    schedule = cell.schedule();
    gateCount = schedule.gates().length();
    stages = cell.kernel().stages();
    zeros = RowLayout.zeros(schedule);
    carried = IntStream.range(0, schedule.carried()).map(schedule.states()::get).toArray();
    rows[1] = RowLayout.of(cell, 1);
    for (int count = 2; count <= SHARED; count++) {
      rows[count] = rows[1].of(count);
    }
    addOps(parameters, architecture);
    inputOps = select(op -> op.source() instanceof Source.X);
    laterOps = new Op[stages][];
    for (int s = 0; s < stages; s++) {
      int stage = s;
      laterOps[s] = select(op -> op.stage() == stage && !(op.source() instanceof Source.X));
    }
    biased = select(op -> op.stage() > 0 && op.bias() != 0);
    prefixes = prefixes();
    vectors = vectorsOf(parameters);
  }

  static boolean isReverse(Layer layer, int direction) {
    return direction == 1 || layer.direction() == Layer.Direction.REVERSE;
  }

  /** Whether recurrent dropout hides a part of what products with U read. */
  static boolean hides(Layer layer, boolean training) {
    return training && layer.recurrentDropout() > 0;
  }

  /** Collects the products. */
  private void addOps(ParameterSlab parameters, Architecture architecture) {
    Map<String, Integer> used = new HashMap<>();
    int gate = 0;
    for (Group group : schedule.groups()) {
      PanelMatrix bias = group.bias() ? next(parameters, architecture, Schedule.BIAS, used) : null;
      Product first = first(group);
      for (Product product : group.products()) {
        PanelMatrix matrix = next(parameters, architecture, product.parameter(), used);
        long start = 0;
        if (product.equals(first)) {
          start = bias == null ? -1 : bias.address();
        }
        ops.add(
            new Op(
                matrix,
                start,
                product.source(),
                rows[1].block(gate),
                product.stage(),
                masked(product)));
      }
      gate += group.gates().length();
    }
  }

  /** Which masked copy a product with U reads: h for all of them, or one of its own. */
  private int masked(Product product) {
    if (!hides(layer, training) || !RowLayout.isRecurrent(product)) {
      return -1;
    }
    if (product.source() instanceof Source.State) {
      return 0;
    }
    return 1 + (int) ops.stream().filter(op -> op.masked() > 0).count();
  }

  /** The product that runs first: with x, then those of stage 0. */
  private static Product first(Group group) {
    Product first = group.products().getFirst();
    for (Product product : group.products()) {
      boolean sooner = product.source() instanceof Source.X || product.stage() < first.stage();
      first = sooner && !(first.source() instanceof Source.X) ? product : first;
    }
    return first;
  }

  private PanelMatrix next(
      ParameterSlab parameters, Architecture architecture, String name, Map<String, Integer> used) {
    int part = used.merge(name, 1, Integer::sum) - 1;
    return parameters.parts(architecture.name(index, direction, name)).get(part);
  }

  private interface Which {
    boolean is(Op op);
  }

  private Op[] select(Which which) {
    return ops.stream().filter(which::is).toArray(Op[]::new);
  }

  /** The first columns of every product, by the number of active units; null without a clock. */
  private PanelMatrix[] prefixes() {
    if (clock == 0) {
      return null;
    }
    PanelMatrix[] all = new PanelMatrix[ops.size() * (cell.hiddenSize() + 1)];
    for (int op = 0; op < ops.size(); op++) {
      for (int units = 1; units <= cell.hiddenSize(); units++) {
        all[op * (cell.hiddenSize() + 1) + units] = ops.get(op).matrix().prefix(units);
      }
    }
    return all;
  }

  /** The matrix of a product, or as much of it as the active units need; null for none. */
  PanelMatrix matrix(Op op, int active) {
    return prefixes == null
        ? op.matrix()
        : prefixes[ops.indexOf(op) * (cell.hiddenSize() + 1) + active];
  }

  /** Addresses of the cell's vectors, or of their gradients. */
  long[] vectorsOf(ParameterSlab parameters) {
    return schedule.vectors().stream()
        .map(list -> parameters.architecture().name(index, direction, list.parameter()))
        .mapToLong(name -> parameters.matrix(name).address())
        .toArray();
  }

  /** The gradient matrices of {@link #ops}, in their order, and with each its bias or null. */
  List<PanelMatrix[]> gradientsOf(ParameterSlab gradients) {
    Architecture architecture = gradients.architecture();
    Map<String, Integer> used = new HashMap<>();
    List<PanelMatrix[]> all = new ArrayList<>();
    for (Group group : schedule.groups()) {
      PanelMatrix bias = group.bias() ? next(gradients, architecture, Schedule.BIAS, used) : null;
      Product first = group.products().getFirst();
      for (Product product : group.products()) {
        all.add(
            new PanelMatrix[] {
              next(gradients, architecture, product.parameter(), used),
              product.equals(first) ? bias : null
            });
      }
    }
    return all;
  }

  /** What runs between the products: a custom kernel only behind checks, and one for each track. */
  Pointwise newPointwise() {
    return switch (cell.kernel()) {
      case LibraryKernel(Pointwise kernel) -> kernel;
      case CustomKernel kernel -> new CustomPointwise(kernel, cell, rows[1]);
    };
  }

  /** Whether a kernel of the user's own runs between the products. */
  boolean isCustom() {
    return cell.kernel() instanceof CustomKernel;
  }

  /** Where so many rows lie. */
  Rows rows(int count) {
    return count <= SHARED ? rows[count] : rows[1].of(count);
  }

  Layer layer() {
    return layer;
  }

  Cell cell() {
    return cell;
  }

  /** The cell's period, 0 without a clock. */
  int clock() {
    return clock;
  }

  Schedule schedule() {
    return schedule;
  }

  /** Which layer. */
  int index() {
    return index;
  }

  /** 0, or 1 for the second direction of a layer. */
  int direction() {
    return direction;
  }

  boolean reverse() {
    return reverse;
  }

  /** Whether it is fed tokens, each of which is a row of W. */
  boolean oneHot() {
    return oneHot;
  }

  /** Whether the rows of what it is fed are read: by products, or by the kernel. */
  boolean readsRows() {
    return !oneHot || readsInput;
  }

  boolean training() {
    return training;
  }

  int stages() {
    return stages;
  }

  /** Bytes from one row of what the layer is fed to the next. */
  long inputRow() {
    return inputRow;
  }

  /** How many zeros groups without bias start from. */
  int zeros() {
    return zeros;
  }

  /** Lengths of the states that the next step reads; not to be changed. */
  int[] carried() {
    return carried;
  }

  /** States that only go upwards. */
  int uncarried() {
    return schedule.states().size() - carried.length;
  }

  List<Op> ops() {
    return ops;
  }

  /** Products with x; not to be changed. */
  Op[] inputOps() {
    return inputOps;
  }

  /** Other products of a stage; not to be changed. */
  Op[] laterOps(int stage) {
    return laterOps[stage];
  }

  /** Groups that no product of stage 0 fills; not to be changed. */
  Op[] biased() {
    return biased;
  }

  /** Addresses of the cell's vectors; not to be changed. */
  long[] vectors() {
    return vectors;
  }

  /** Bytes from the start of a row of gates to a saved block. */
  long savedBlock(int saved) {
    return rows[1].block(gateCount + saved);
  }
}
