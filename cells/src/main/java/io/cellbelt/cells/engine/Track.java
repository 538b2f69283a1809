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
import io.cellbelt.kernels.PanelShape;
import io.cellbelt.kernels.Slab;
import io.cellbelt.kernels.pointwise.Blocks;
import io.cellbelt.kernels.pointwise.Pointwise;
import io.cellbelt.kernels.pointwise.Rows;
import io.cellbelt.kernels.pointwise.Step;
import io.cellbelt.kernels.product.Products;
import io.cellbelt.kernels.product.RowLoops;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * One direction of one layer, unrolled over up to T steps of B sequences: its products in the order
 * of the cell's {@link Schedule}, its gates and its states. Row {@code t * B + b} belongs to
 * sequence b at the t-th step in the order in which the track runs, which for a reverse one is from
 * the sequence's last step back.
 *
 * <p>A step is two halves, because the products with x do not depend on the step before and are
 * done for many steps at once. Raw addresses, unchecked; allocates nothing after construction.
 */
public final class Track {
  /**
   * Rows whose {@code W x} is done in one product: many, so that W is read once for all of them,
   * but not so many that their gates have left the cache when their step comes.
   */
  private static final int ROWS_AHEAD = 96;

  /**
   * One product of the schedule.
   *
   * @param matrix M, of which a step with fewer active units takes the first columns
   * @param bias raw address of what the sums start from, 0 where another product came before
   * @param source what is multiplied
   * @param block bytes from the start of a row of gates to the group
   * @param stage when
   * @param masked where recurrent dropout hides a part of what is multiplied, which masked copy it
   *     is, otherwise -1
   */
  public record Op(
      PanelMatrix matrix, long bias, Source source, long block, int stage, int masked) {}

  private final Layer layer;
  private final Cell cell;

  /** Of the cell, asked for at every step. */
  private final int clock;

  private final int gateCount;

  /** Steps whose products with x are done at once. */
  private final int ahead;

  private final int index;
  private final int direction;
  private final boolean reverse;
  private final Schedule schedule;
  private final Pointwise pointwise;
  private final int stages;
  private final List<Op> ops = new ArrayList<>();
  private final Op[] inputOps;
  private final Op[][] laterOps;

  /** Groups that no product of stage 0 fills, and so start with their bias. */
  private final Op[] biased;

  private final PanelMatrix[] prefixes;
  private final Rows rows;
  private final Step step = new Step();
  private final int batch;
  private final int maxSteps;
  private final boolean oneHot;
  private final int zeros;
  private final long inputRow;
  private final boolean training;
  private final int[] clocks;

  private long scratch;
  private long gates;
  private long states;

  /** With room for one step, 1 where the states before and after it have changed places. */
  private int flipped;

  private long reversedInput;
  private long zeroRow;
  private long zone;
  private long recurrentMask;
  private long maskedStates;
  private long maskedRow;

  Track(
      ParameterSlab parameters,
      int index,
      int direction,
      int maxSteps,
      int batch,
      long inputRow,
      boolean training) {
    Architecture architecture = parameters.architecture();
    this.index = index;
    this.direction = direction;
    this.maxSteps = maxSteps;
    this.batch = batch;
    this.inputRow = inputRow;
    this.training = training;
    layer = architecture.layers().get(index);
    cell = layer.checkedCell();
    clock = cell.clock();
    reverse = isReverse(layer, direction);
    oneHot = index == 0 && architecture.input() instanceof Input.OneHot;
    schedule = cell.schedule();
    gateCount = schedule.gates().length();
    rows = layout(cell, batch);
    pointwise = pointwise(cell, rows);
    stages = pointwise.stages();
    clocks = new int[batch];
    ahead = clock > 0 ? 1 : Math.max(1, ROWS_AHEAD / batch);
    zeros = zeros(schedule);
    addOps(parameters, architecture);
    inputOps = select(op -> op.source() instanceof Source.X);
    laterOps = new Op[stages][];
    for (int s = 0; s < stages; s++) {
      int stage = s;
      laterOps[s] = select(op -> op.stage() == stage && !(op.source() instanceof Source.X));
    }
    biased = select(op -> op.stage() > 0 && op.bias() != 0);
    prefixes = prefixes();
    step.vectors = vectors(parameters, architecture);
    step.clocks = clocks;
  }

  /** What runs between the products: a custom kernel only behind checks. */
  private static Pointwise pointwise(Cell cell, Rows rows) {
    return switch (cell.kernel()) {
      case LibraryKernel(Pointwise kernel) -> kernel;
      case CustomKernel kernel -> new CustomPointwise(kernel, cell, rows);
    };
  }

  /**
   * Where gates and states of the given number of rows lie.
   *
   * @throws IllegalArgumentException if a row is 2^31 bytes or longer
   */
  public static Rows layout(Cell cell, int count) {
    Schedule schedule = cell.schedule();
    int width = Slab.pad(cell.hiddenSize());
    int saved = cell.kernel().saved();
    List<Long> blocks = new ArrayList<>();
    long at = 0;
    for (Group group : schedule.groups()) {
      for (int g = 0; g < group.gates().length(); g++) {
        blocks.add(Float.BYTES * (at + (long) g * Slab.pad(group.size())));
      }
      // A product writes whole panels: the next group starts behind its last, and a cache line on,
      // because blocks that lie 4096 bytes apart keep each other's loads waiting.
      at += new PanelShape(1, group.gates().length(), group.size()).columns() + Slab.LINE;
    }
    // A gradient's product writes a whole panel, too, and may start at the last block.
    long end = at + (long) saved * width + (saved > 0 ? PanelShape.WIDTH : 0);
    int gateRow = Slab.rowStride(end);
    for (int s = 0; s < saved; s++, at += width) {
      blocks.add(Float.BYTES * at);
    }
    int plane = planeFloats(cell);
    return new Rows(
        count,
        cell.hiddenSize(),
        width,
        (long) Float.BYTES * gateRow,
        (long) Float.BYTES * Slab.rowStride((long) schedule.states().size() * plane),
        (long) Float.BYTES * plane,
        blocks.stream().mapToLong(Long::longValue).toArray());
  }

  /** Bytes from the states of one row to the next. */
  public static long stateRow(Cell cell) {
    return layout(cell, 1).stateRow();
  }

  /** Floats from one state of a row to the next: as many as any of them has, and the gates. */
  public static int planeFloats(Cell cell) {
    int plane = new PanelShape(1, 1, cell.hiddenSize()).columns();
    for (int size : cell.schedule().states()) {
      plane = Math.max(plane, new PanelShape(1, 1, size).columns());
    }
    return plane;
  }

  /** How many zeros a group without bias starts from. */
  private static int zeros(Schedule schedule) {
    return schedule.groups().stream()
        .filter(group -> !group.bias())
        .mapToInt(group -> new PanelShape(1, group.gates().length(), group.size()).columns())
        .max()
        .orElse(0);
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
                rows.block(gate),
                product.stage(),
                masked(product)));
      }
      gate += group.gates().length();
    }
  }

  /** Which masked copy a product with U reads: h for all of them, or one of its own. */
  private int masked(Product product) {
    if (!hides(layer, training) || !isRecurrent(product)) {
      return -1;
    }
    if (product.source() instanceof Source.State) {
      return 0;
    }
    return 1 + (int) ops.stream().filter(op -> op.masked() > 0).count();
  }

  private static boolean isRecurrent(Product product) {
    return product.parameter().equals(Schedule.recurrent().parameter());
  }

  private static boolean hides(Layer layer, boolean training) {
    return training && layer.recurrentDropout() > 0;
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

  private long[] vectors(ParameterSlab parameters, Architecture architecture) {
    return schedule.vectors().stream()
        .map(list -> architecture.name(index, direction, list.parameter()))
        .mapToLong(name -> parameters.matrix(name).address())
        .toArray();
  }

  /** Addresses of the gradients of the cell's vectors. */
  public long[] vectorsOf(ParameterSlab gradients) {
    return vectors(gradients, gradients.architecture());
  }

  /** The gradient matrices of {@link #ops}, in their order, and with each its bias or null. */
  public List<PanelMatrix[]> gradientsOf(ParameterSlab gradients) {
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

  /** Bytes that {@link #place} needs. */
  static long bytes(
      Layer layer, int direction, int maxSteps, int batch, long inputRow, boolean training) {
    long all = (long) maxSteps * batch;
    Schedule schedule = layer.checkedCell().schedule();
    Rows rows = layout(layer.checkedCell(), batch);
    return Unrolled.bytes(all, rows.gateRow())
        + Unrolled.bytes(all + batch, rows.stateRow())
        + (isReverse(layer, direction) ? Unrolled.bytes(all, inputRow) : 0)
        + (long) Float.BYTES * zeros(schedule)
        + (layer.zoneout() > 0 ? (training ? all : 1) * rows.stateRow() : 0)
        + (hides(layer, training)
            ? batch * rows.stateRow() + Unrolled.bytes(all, maskedRow(schedule, rows))
            : 0);
  }

  private static boolean isReverse(Layer layer, int direction) {
    return direction == 1 || layer.direction() == Layer.Direction.REVERSE;
  }

  /** Takes its memory, zeroed, from an address on; returns where it ends. */
  long place(long address, long scratchAddress) {
    long all = (long) maxSteps * batch;
    long at = address;
    scratch = scratchAddress;
    gates = at;
    at += all * rows.gateRow();
    states = at;
    at += (all + batch) * rows.stateRow();
    reversedInput = at;
    at += reverse ? all * inputRow : 0;
    zeroRow = at;
    at += (long) Float.BYTES * zeros;
    if (layer.zoneout() > 0) {
      zone = at;
      at += (training ? all : 1) * rows.stateRow();
      if (!training) {
        Blocks.fill(zone, stateFloats(), layer.zoneout());
      }
    }
    if (hides(layer, training)) {
      recurrentMask = at;
      at += batch * rows.stateRow();
      maskedStates = at;
      maskedRow = maskedRow(schedule, rows);
      at += all * maskedRow;
    }
    return at;
  }

  /** Bytes of h and of what else products with U read, masked. */
  private static long maskedRow(Schedule schedule, Rows rows) {
    long copies = 1;
    for (Group group : schedule.groups()) {
      for (Product product : group.products()) {
        copies += isRecurrent(product) && product.source() instanceof Source.Saved ? 1 : 0;
      }
    }
    return (long) Float.BYTES * Slab.rowStride(copies * rows.plane() / Float.BYTES);
  }

  private int stateFloats() {
    return (int) (rows.stateRow() / Float.BYTES);
  }

  /**
   * Draws the masks of a forward pass of training.
   *
   * @param noise null for what masks are on average, without training
   * @param first which sequence of the noise is sequence 0
   */
  void draw(Noise noise, int steps, int first) {
    int floats = stateFloats();
    if (noise == null) {
      Blocks.fill(recurrentMask, recurrentMask == 0 ? 0 : (long) batch * floats, 1);
      Blocks.fill(zone, zone == 0 ? 0 : (long) steps * batch * floats, layer.zoneout());
      return;
    }
    if (recurrentMask != 0) {
      float share = layer.recurrentDropout();
      for (int b = 0; b < batch; b++) {
        noise.fill(
            recurrentMask + b * rows.stateRow(),
            (int) (rows.plane() / Float.BYTES),
            0,
            1 / (1 - share),
            index,
            direction,
            Noise.Use.RECURRENT,
            0,
            first + b,
            share);
      }
    }
    for (int row = 0; zone != 0 && row < steps * batch; row++) {
      noise.fill(
          zone + row * rows.stateRow(),
          floats,
          1,
          0,
          index,
          direction,
          Noise.Use.ZONEOUT,
          row / batch,
          first + row % batch,
          layer.zoneout());
    }
  }

  /**
   * Runs the track from its states at step 0.
   *
   * @param input raw address of row 0 of what the layer is fed
   * @param lengths steps of each sequence
   * @param ragged whether lengths differ from steps
   * @param below raw address of the memory of the layer below at row 0, 0 for none
   * @param belowRow bytes from one row of it to the next
   */
  void forward(
      int steps,
      long input,
      int[] tokens,
      int[] lengths,
      boolean ragged,
      long below,
      long belowRow,
      long zeroBelow) {
    long x = input;
    if (reverse && (!oneHot || cell.readsInput())) {
      reverseRows(input, inputRow, reversedInput, steps, lengths);
      x = reversedInput;
    }
    int projected = 0;
    for (int t = 0; t < steps; t++) {
      int active = active(t, lengths);
      if (t == projected) {
        projected += Math.min(ahead, steps - t);
        project(t, projected - t, x, tokens, lengths, active);
      }
      step.gates = gates(t);
      step.previous = states(t);
      step.next = states(t + 1);
      step.x = x + t * batch * inputRow;
      step.xRow = inputRow;
      step.below = below == 0 ? zeroBelow : below + t * batch * belowRow;
      step.belowRow = below == 0 ? 0 : belowRow;
      step.time = t;
      advance(t, active);
      if (ragged) {
        end(t, lengths);
      }
    }
  }

  /** Units that any of the sequences changes at a step. */
  private int active(int t, int[] lengths) {
    int active = cell.hiddenSize();
    if (clock > 0) {
      active = 0;
      for (int b = 0; b < batch; b++) {
        if (t < lengths[b]) {
          active = Math.max(active, cell.active((clocks[b] + t) % clock));
        }
      }
    }
    return active;
  }

  /** The matrix of a product, or as much of it as the active units need; null for none. */
  private PanelMatrix matrix(Op op, int active) {
    return prefixes == null
        ? op.matrix()
        : prefixes[ops.indexOf(op) * (cell.hiddenSize() + 1) + active];
  }

  /** Bias plus the products with x, for some steps from t on. */
  private void project(int t, int steps, long x, int[] tokens, int[] lengths, int active) {
    long first = (long) t * batch;
    for (Op op : inputOps) {
      PanelMatrix w = matrix(op, active);
      if (w == null) {
        continue;
      }
      long at = gates(t) + op.block();
      if (oneHot) {
        for (int row = 0; row < steps * batch; row++) {
          int token = tokens[source(t + row / batch, row % batch, lengths)];
          long to = at + row * rows.gateRow();
          RowLoops.copy(start(op), 0, to, 0, w.shape().columns(), 1);
          Products.accumulateRow(w, token, to);
        }
      } else {
        Products.add(
            x + first * inputRow,
            inputRow,
            steps * batch,
            w,
            start(op),
            0,
            at,
            rows.gateRow(),
            scratch);
      }
    }
  }

  private long start(Op op) {
    return op.bias() == -1 ? zeroRow : op.bias();
  }

  /** The rest of a step, after the products with x. */
  private void advance(int t, int active) {
    for (Op op : biased) {
      RowLoops.copy(
          start(op),
          0,
          step.gates + op.block(),
          rows.gateRow(),
          op.matrix().shape().columns(),
          batch);
    }
    for (int stage = 0; stage < stages; stage++) {
      for (Op op : laterOps[stage]) {
        PanelMatrix u = matrix(op, active);
        if (u == null) {
          continue;
        }
        boolean starts = op.bias() != 0 && stage == 0;
        long y = step.gates + op.block();
        mask(op, t);
        Products.add(
            source(op, t),
            sourceRow(op),
            batch,
            u,
            starts ? start(op) : y,
            starts ? 0 : rows.gateRow(),
            y,
            rows.gateRow(),
            scratch);
      }
      pointwise.forward(stage, rows, step);
    }
    if (zone != 0) {
      zoneOut(t);
    }
  }

  /** With recurrent dropout, copies what a product reads, masked. */
  private void mask(Op op, int t) {
    if (op.masked() >= 0) {
      long to = source(op, t);
      int floats = (int) (rows.plane() / Float.BYTES);
      RowLoops.copy(unmasked(op, t), unmaskedRow(op), to, maskedRow, floats, batch);
      RowLoops.multiply(recurrentMask, rows.stateRow(), to, maskedRow, floats, batch);
    }
  }

  private void zoneOut(int t) {
    int floats = (int) (schedule.carried() * rows.plane() / Float.BYTES);
    for (int b = 0; b < batch; b++) {
      long row = b * rows.stateRow();
      Blocks.mix(zone(t, b), step.previous + row, step.next + row, step.next + row, floats);
    }
  }

  /** Raw address of the shares that the states of a sequence keep at a step, 0 for none. */
  public long zone(int t, int b) {
    return zone == 0 ? 0 : zone + (training ? (t * batch + b) * rows.stateRow() : 0);
  }

  /** Zeroes the states of sequences that have ended by step t. */
  private void end(int t, int[] lengths) {
    for (int b = 0; b < batch; b++) {
      if (t >= lengths[b]) {
        RowLoops.zero(states(t + 1) + b * rows.stateRow(), 0, stateFloats(), 1);
      }
    }
  }

  /** The row of the network's input or output that belongs to this track's step t. */
  public int source(int t, int b, int[] lengths) {
    return (reverse && t < lengths[b] ? lengths[b] - 1 - t : t) * batch + b;
  }

  /**
   * Copies rows of a layer's input in the order of this track; zeros where a sequence has ended.
   */
  private void reverseRows(long from, long row, long to, int steps, int[] lengths) {
    int floats = (int) (row / Float.BYTES);
    for (int t = 0; t < steps; t++) {
      for (int b = 0; b < batch; b++) {
        long target = to + ((long) t * batch + b) * row;
        if (t < lengths[b]) {
          RowLoops.copy(from + source(t, b, lengths) * row, 0, target, 0, floats, 1);
        } else {
          RowLoops.zero(target, 0, floats, 1);
        }
      }
    }
  }

  /**
   * Makes the states after some steps, or a sequence's end, those that the next pass starts from.
   */
  void carry(int[] lengths, int steps) {
    if (maxSteps == 1 && steps > 0 && clock == 0 && allRan(lengths)) {
      flipped ^= 1;
      return;
    }
    for (int b = 0; b < batch; b++) {
      int taken = Math.min(steps, lengths[b]);
      long from = states(taken) + b * rows.stateRow();
      RowLoops.copy(from, 0, states(0) + b * rows.stateRow(), 0, stateFloats(), 1);
      if (clock > 0) {
        clocks[b] = (clocks[b] + taken) % clock;
      }
    }
  }

  private static boolean allRan(int[] lengths) {
    for (int length : lengths) {
      if (length == 0) {
        return false;
      }
    }
    return true;
  }

  /** Takes over the states at step 0 of another track like this. */
  void copyStates(Track other) {
    RowLoops.copy(
        other.states(0), rows.stateRow(), states(0), rows.stateRow(), stateFloats(), batch);
    System.arraycopy(other.clocks, 0, clocks, 0, batch);
  }

  /** Sets the state of a sequence at step 0 to zero. */
  void reset(int sequence) {
    RowLoops.zero(states(0) + sequence * rows.stateRow(), 0, stateFloats(), 1);
    clocks[sequence] = 0;
  }

  /**
   * Copies the state of a sequence after some steps out, from an index of the array on; returns the
   * next.
   */
  int save(Slab slab, int sequence, int steps, float[] state, int from) {
    int at = from;
    for (int s = 0; s < schedule.carried(); s++) {
      int size = schedule.states().get(s);
      slab.get(stateIndex(slab, sequence, steps, s), state, at, size);
      at += size;
    }
    if (clock > 0) {
      state[at++] = (clocks[sequence] + steps) % clock;
    }
    return at;
  }

  /** Sets the state of a sequence at step 0 as {@link #save} gave it. */
  int restore(Slab slab, int sequence, float[] state, int from) {
    reset(sequence);
    int at = from;
    for (int s = 0; s < schedule.carried(); s++) {
      int size = schedule.states().get(s);
      slab.put(stateIndex(slab, sequence, 0, s), state, at, size);
      at += size;
    }
    if (clock > 0) {
      // Checked before, but the caller's array may have changed since.
      clocks[sequence] = Math.floorMod((int) state[at++], clock);
    }
    return at;
  }

  private long stateIndex(Slab slab, int sequence, int steps, int state) {
    long address = states(steps) + sequence * rows.stateRow() + state * rows.plane();
    return (address - slab.address()) / Float.BYTES;
  }

  /** Its part of the network. */
  public Layer layer() {
    return layer;
  }

  /** Its cell. */
  public Cell cell() {
    return cell;
  }

  /** Its cell's shape. */
  public Schedule schedule() {
    return schedule;
  }

  /** Its cell's kernel. */
  public Pointwise pointwise() {
    return pointwise;
  }

  /** Whether it runs from the last step to the first. */
  public boolean reverse() {
    return reverse;
  }

  /** 0, or 1 for the second direction of a layer. */
  public int direction() {
    return direction;
  }

  /** Its products. */
  public List<Op> ops() {
    return ops;
  }

  /** Where its rows lie. */
  public Rows rows() {
    return rows;
  }

  /** The step that was run last, for the way back; addresses are set by whoever goes it. */
  public Step step() {
    return step;
  }

  /** Steps that each sequence took before step 0. */
  int[] clocks() {
    return clocks;
  }

  /** Raw address of the gates of sequence 0 at a step. */
  public long gates(int t) {
    return gates + t * batch * rows.gateRow();
  }

  /** Raw address of the states of sequence 0 after the given number of steps. */
  public long states(int t) {
    return states + (t ^ flipped) * batch * rows.stateRow();
  }

  /** Bytes from the states of one sequence to those of the next. */
  public long stateRow() {
    return rows.stateRow();
  }

  /** Bytes from one state of a sequence to the next. */
  public long plane() {
    return rows.plane();
  }

  /** Length of what goes up. */
  public int outputSize() {
    return schedule.states().get(schedule.output());
  }

  /** Raw address of what goes up, at row 0 in this track's order. */
  public long output() {
    return states(1) + schedule.output() * rows.plane();
  }

  /** Raw address of the memory that the layer above may read, at row 0, or 0. */
  public long memory() {
    return schedule.memory() < 0 ? 0 : states(1) + schedule.memory() * rows.plane();
  }

  /** Raw address of row 0 of what the track was fed, in its own order. */
  public long input(long layerInput) {
    return reverse ? reversedInput : layerInput;
  }

  /** Bytes from the start of a row of gates to a saved block. */
  public long savedBlock(int saved) {
    return rows.block(gateCount + saved);
  }

  /** Raw address of what a product other than with x reads at a step, at sequence 0. */
  public long source(Op op, int t) {
    return op.masked() < 0
        ? unmasked(op, t)
        : maskedStates + t * batch * maskedRow + op.masked() * rows.plane();
  }

  private long unmasked(Op op, int t) {
    return op.source() instanceof Source.Saved(int saved, int gradient)
        ? gates(t) + savedBlock(saved)
        : states(t) + ((Source.State) op.source()).index() * rows.plane();
  }

  /** Bytes from one row of a {@link #source} to the next. */
  public long sourceRow(Op op) {
    return op.masked() < 0 ? unmaskedRow(op) : maskedRow;
  }

  private long unmaskedRow(Op op) {
    return op.source() instanceof Source.State ? rows.stateRow() : rows.gateRow();
  }

  /** Raw address of the factors of recurrent dropout of sequence 0, laid out like states. */
  public long recurrentMask() {
    return recurrentMask;
  }
}
