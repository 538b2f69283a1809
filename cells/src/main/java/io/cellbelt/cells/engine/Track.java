package io.cellbelt.cells.engine;

import io.cellbelt.cells.Cell;
import io.cellbelt.cells.Schedule;
import io.cellbelt.kernels.PanelMatrix;
import io.cellbelt.kernels.pointwise.Blocks;
import io.cellbelt.kernels.pointwise.Pointwise;
import io.cellbelt.kernels.pointwise.Rows;
import io.cellbelt.kernels.pointwise.Step;
import io.cellbelt.kernels.product.Products;
import io.cellbelt.kernels.product.RowLoops;
import java.util.List;

/**
 * One direction of one layer on its way through the steps of some sequences: how a {@link
 * TrackPlan} runs in a {@link TrackMemory}, from and to {@link TrackStates}. Row {@code t * B + b}
 * belongs to sequence b at the t-th step in the order in which the track runs, which for a reverse
 * one is from the sequence's last step back.
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

  private final TrackPlan plan;
  private final TrackMemory memory;
  private final TrackStates states;
  private final Pointwise pointwise;
  private final Step step = new Step();
  private final int stages;
  private long scratch;

  /** Steps whose products with x are done at once. */
  private int ahead;

  Track(TrackPlan plan, int maxSteps, int batch) {
    this.plan = plan;
    memory = new TrackMemory(plan, maxSteps, batch);
    states = new TrackStates(plan, memory);
    pointwise = plan.newPointwise();
    stages = plan.stages();
    step.vectors = plan.vectors();
    step.clocks = states.clocks();
    batch(batch);
  }

  /** Takes its memory, zeroed, from an address on; returns where it ends. */
  long place(long address, long scratchAddress) {
    scratch = scratchAddress;
    return memory.place(address);
  }

  /** Sets how many sequences run. */
  void batch(int count) {
    memory.batch(count);
    ahead = plan.clock() > 0 ? 1 : Math.max(1, ROWS_AHEAD / count);
  }

  /**
   * Draws the masks of a forward pass of training.
   *
   * @param noise null for what masks are on average, without training
   * @param first which sequence of the noise is sequence 0
   */
  void draw(Noise noise, int steps, int first) {
    int floats = memory.stateFloats();
    int batch = memory.batch();
    long mask = memory.recurrentMask();
    long zone = memory.zone();
    if (noise == null) {
      Blocks.fill(mask, mask == 0 ? 0 : (long) batch * floats, 1);
      Blocks.fill(zone, zone == 0 ? 0 : (long) steps * batch * floats, plan.layer().zoneout());
      return;
    }
    long row = memory.rows().stateRow();
    int plane = (int) (memory.rows().plane() / Float.BYTES);
    float share = plan.layer().recurrentDropout();
    for (int b = 0; mask != 0 && b < batch; b++) {
      float kept = 1 / (1 - share);
      long to = mask + b * row;
      fill(noise, to, plane, 0, kept, Noise.Use.RECURRENT, 0, first + b, share);
    }
    float zoneout = plan.layer().zoneout();
    for (int r = 0; zone != 0 && r < steps * batch; r++) {
      int t = r / batch;
      long to = zone + r * row;
      fill(noise, to, floats, 1, 0, Noise.Use.ZONEOUT, t, first + r % batch, zoneout);
    }
  }

  private void fill(
      Noise noise,
      long to,
      int floats,
      float hit,
      float missed,
      Noise.Use use,
      int t,
      int b,
      float share) {
    noise.fill(to, floats, hit, missed, plan.index(), plan.direction(), use, t, b, share);
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
    int batch = memory.batch();
    long inputRow = plan.inputRow();
    long x = input;
    if (plan.reverse() && plan.readsRows()) {
      x = memory.reversedInput();
      reverseRows(input, inputRow, x, steps, lengths);
    }
    int projected = 0;
    for (int t = 0; t < steps; t++) {
      int active = states.active(t, lengths);
      if (t == projected) {
        projected += Math.min(ahead, steps - t);
        project(t, projected - t, x, tokens, lengths, active);
      }
      step.gates = memory.gates(t);
      step.previous = memory.states(t);
      step.next = memory.states(t + 1);
      step.x = x + (long) t * batch * inputRow;
      step.xRow = inputRow;
      step.below = below == 0 ? zeroBelow : below + (long) t * batch * belowRow;
      step.belowRow = below == 0 ? 0 : belowRow;
      step.time = t;
      advance(t, active);
      if (ragged) {
        states.end(t, lengths);
      }
    }
  }

  /** Bias plus the products with x, for some steps from t on. */
  private void project(int t, int steps, long x, int[] tokens, int[] lengths, int active) {
    int batch = memory.batch();
    long gateRow = memory.rows().gateRow();
    long inputRow = plan.inputRow();
    for (Op op : plan.inputOps()) {
      PanelMatrix w = plan.matrix(op, active);
      if (w == null) {
        continue;
      }
      long at = memory.gates(t) + op.block();
      if (plan.oneHot()) {
        for (int row = 0; row < steps * batch; row++) {
          int token = tokens[source(t + row / batch, row % batch, lengths)];
          long to = at + row * gateRow;
          RowLoops.copy(memory.start(op), 0, to, 0, w.shape().columns(), 1);
          Products.accumulateRow(w, token, to);
        }
      } else {
        Products.add(
            x + (long) t * batch * inputRow,
            inputRow,
            steps * batch,
            w,
            memory.start(op),
            0,
            at,
            gateRow,
            scratch);
      }
    }
  }

  /** The rest of a step, after the products with x. */
  private void advance(int t, int active) {
    Rows rows = memory.rows();
    int batch = memory.batch();
    for (Op op : plan.biased()) {
      int columns = op.matrix().shape().columns();
      long to = step.gates + op.block();
      RowLoops.copy(memory.start(op), 0, to, rows.gateRow(), columns, batch);
    }
    for (int stage = 0; stage < stages; stage++) {
      for (Op op : plan.laterOps(stage)) {
        PanelMatrix u = plan.matrix(op, active);
        if (u == null) {
          continue;
        }
        boolean starts = op.bias() != 0 && stage == 0;
        long y = step.gates + op.block();
        mask(op, t);
        Products.add(
            memory.source(op, t),
            memory.sourceRow(op),
            batch,
            u,
            starts ? memory.start(op) : y,
            starts ? 0 : rows.gateRow(),
            y,
            rows.gateRow(),
            scratch);
      }
      pointwise.forward(stage, rows, step);
    }
    if (memory.zone() != 0) {
      zoneOut(t);
    }
  }

  /** With recurrent dropout, copies what a product reads, masked. */
  private void mask(Op op, int t) {
    if (op.masked() >= 0) {
      long to = memory.source(op, t);
      long toRow = memory.sourceRow(op);
      int floats = (int) (memory.rows().plane() / Float.BYTES);
      int batch = memory.batch();
      RowLoops.copy(memory.unmasked(op, t), memory.unmaskedRow(op), to, toRow, floats, batch);
      long row = memory.rows().stateRow();
      RowLoops.multiply(memory.recurrentMask(), row, to, toRow, floats, batch);
    }
  }

  private void zoneOut(int t) {
    Rows rows = memory.rows();
    int floats = (int) (plan.schedule().carried() * rows.plane() / Float.BYTES);
    for (int b = 0; b < memory.batch(); b++) {
      long next = step.next + b * rows.stateRow();
      Blocks.mix(memory.zone(t, b), step.previous + b * rows.stateRow(), next, next, floats);
    }
  }

  /** The row of the network's input or output that belongs to this track's step t. */
  public int source(int t, int b, int[] lengths) {
    return (plan.reverse() && t < lengths[b] ? lengths[b] - 1 - t : t) * memory.batch() + b;
  }

  /**
   * Copies rows of a layer's input in the order of this track; zeros where a sequence has ended.
   */
  private void reverseRows(long from, long row, long to, int steps, int[] lengths) {
    int floats = (int) (row / Float.BYTES);
    for (int t = 0; t < steps; t++) {
      for (int b = 0; b < memory.batch(); b++) {
        long target = to + ((long) t * memory.batch() + b) * row;
        if (t < lengths[b]) {
          RowLoops.copy(from + source(t, b, lengths) * row, 0, target, 0, floats, 1);
        } else {
          RowLoops.zero(target, 0, floats, 1);
        }
      }
    }
  }

  /** What it carries. */
  TrackStates carried() {
    return states;
  }

  /** Its cell. */
  public Cell cell() {
    return plan.cell();
  }

  /** Its cell's shape. */
  public Schedule schedule() {
    return plan.schedule();
  }

  /** Its cell's kernel. */
  public Pointwise pointwise() {
    return pointwise;
  }

  /** Whether it runs from the last step to the first. */
  public boolean reverse() {
    return plan.reverse();
  }

  /** 0, or 1 for the second direction of a layer. */
  public int direction() {
    return plan.direction();
  }

  /** Its products. */
  public List<Op> ops() {
    return plan.ops();
  }

  /** Addresses of the gradients of the cell's vectors. */
  public long[] vectorsOf(ParameterSlab gradients) {
    return plan.vectorsOf(gradients);
  }

  /** The gradient matrices of {@link #ops}, in their order, and with each its bias or null. */
  public List<PanelMatrix[]> gradientsOf(ParameterSlab gradients) {
    return plan.gradientsOf(gradients);
  }

  /** Where its rows lie. */
  public Rows rows() {
    return memory.rows();
  }

  /** The step that was run last, for the way back; addresses are set by whoever goes it. */
  public Step step() {
    return step;
  }

  /** Raw address of the shares that the states of a sequence keep at a step, 0 for none. */
  public long zone(int t, int b) {
    return memory.zone(t, b);
  }

  /** Raw address of the gates of sequence 0 at a step. */
  public long gates(int t) {
    return memory.gates(t);
  }

  /** Raw address of the states of sequence 0 after the given number of steps. */
  public long states(int t) {
    return memory.states(t);
  }

  /** Bytes from the states of one sequence to those of the next. */
  public long stateRow() {
    return memory.rows().stateRow();
  }

  /** Bytes from one state of a sequence to the next. */
  public long plane() {
    return memory.rows().plane();
  }

  /** Length of what goes up. */
  public int outputSize() {
    return plan.schedule().states().get(plan.schedule().output());
  }

  /** Raw address of what goes up, at row 0 in this track's order. */
  public long output() {
    return memory.states(1) + plan.schedule().output() * plane();
  }

  /** Raw address of the memory that the layer above may read, at row 0, or 0. */
  public long memory() {
    int index = plan.schedule().memory();
    return index < 0 ? 0 : memory.states(1) + index * plane();
  }

  /** Raw address of row 0 of what the track was fed, in its own order. */
  public long input(long layerInput) {
    return plan.reverse() ? memory.reversedInput() : layerInput;
  }

  /** Bytes from the start of a row of gates to a saved block. */
  public long savedBlock(int saved) {
    return plan.savedBlock(saved);
  }

  /** Raw address of what a product other than with x reads at a step, at sequence 0. */
  public long source(Op op, int t) {
    return memory.source(op, t);
  }

  /** Bytes from one row of a {@link #source} to the next. */
  public long sourceRow(Op op) {
    return memory.sourceRow(op);
  }

  /** Raw address of the factors of recurrent dropout of sequence 0, laid out like states. */
  public long recurrentMask() {
    return memory.recurrentMask();
  }
}
