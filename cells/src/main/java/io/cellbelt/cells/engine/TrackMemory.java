package io.cellbelt.cells.engine;

import io.cellbelt.cells.Layer;
import io.cellbelt.cells.Schedule;
import io.cellbelt.cells.Schedule.Source;
import io.cellbelt.kernels.pointwise.Blocks;
import io.cellbelt.kernels.pointwise.Rows;

/**
 * Where a track lies in its slab: raw addresses of gates, states and masks. Row {@code t * B + b}
 * belongs to sequence b at the track's t-th step, where B is how many sequences run; there is room
 * for the steps and sequences that it was made for, and for fewer sequences over more steps.
 */
final class TrackMemory {
  private final TrackPlan plan;

  /** The most rows, which are those of the most steps of the most sequences. */
  private final long most;

  private final int mostBatch;
  private final int zeros;
  private int batch;
  private Rows rows;

  private long gates;
  private long states;

  /** Where the states at step 0 lie instead, 0 where they lie with the others. */
  private long borrowed;

  private long reversedInput;
  private long zeroRow;
  private long zone;
  private long recurrentMask;
  private long maskedStates;
  private long maskedRow;

  TrackMemory(TrackPlan plan, int maxSteps, int batch) {
    this.plan = plan;
    this.batch = batch;
    most = (long) maxSteps * batch;
    mostBatch = batch;
    zeros = plan.zeros();
    rows = plan.rows(batch);
  }

  /** Bytes that {@link #place} needs. */
  static long bytes(
      Layer layer, int direction, int maxSteps, int batch, long inputRow, boolean training) {
    long all = (long) maxSteps * batch;
    Schedule schedule = layer.checkedCell().schedule();
    Rows rows = RowLayout.of(layer.checkedCell(), batch);
    return RowLayout.bytes(all, rows.gateRow())
        + RowLayout.bytes(all + batch, rows.stateRow())
        + (TrackPlan.isReverse(layer, direction) ? RowLayout.bytes(all, inputRow) : 0)
        + (long) Float.BYTES * RowLayout.zeros(schedule)
        + (layer.zoneout() > 0 ? (training ? all : 1) * rows.stateRow() : 0)
        + (TrackPlan.hides(layer, training)
            ? batch * rows.stateRow() + RowLayout.bytes(all, RowLayout.maskedRow(schedule, rows))
            : 0);
  }

  /** Takes its memory, zeroed, from an address on; returns where it ends. */
  long place(long address) {
    Layer layer = plan.layer();
    long at = address;
    gates = at;
    at += most * rows.gateRow();
    states = at;
    at += (most + mostBatch) * rows.stateRow();
    reversedInput = at;
    at += plan.reverse() ? most * plan.inputRow() : 0;
    zeroRow = at;
    at += (long) Float.BYTES * zeros;
    if (layer.zoneout() > 0) {
      zone = at;
      at += (plan.training() ? most : 1) * rows.stateRow();
      if (!plan.training()) {
        Blocks.fill(zone, stateFloats(), layer.zoneout());
      }
    }
    if (TrackPlan.hides(layer, plan.training())) {
      recurrentMask = at;
      at += mostBatch * rows.stateRow();
      maskedStates = at;
      maskedRow = RowLayout.maskedRow(plan.schedule(), rows);
      at += most * maskedRow;
    }
    return at;
  }

  /** Sets how many sequences run. */
  void batch(int count) {
    batch = count;
    rows = plan.rows(count);
  }

  /** How many sequences run. */
  int batch() {
    return batch;
  }

  /** Where their rows lie. */
  Rows rows() {
    return rows;
  }

  int stateFloats() {
    return (int) (rows.stateRow() / Float.BYTES);
  }

  long gates(int t) {
    return gates + (long) t * batch * rows.gateRow();
  }

  long states(int t) {
    return t == 0 && borrowed != 0 ? borrowed : states + (long) t * batch * rows.stateRow();
  }

  /** Lets the states at step 0 lie elsewhere, 0 for no longer; they are only read. */
  void borrow(long address) {
    borrowed = address;
  }

  long reversedInput() {
    return reversedInput;
  }

  /** What the sums of a product start from, where it is the first. */
  long start(Op op) {
    return op.bias() == -1 ? zeroRow : op.bias();
  }

  /** Shares that the states of the first sequence keep, 0 for none. */
  long zone() {
    return zone;
  }

  long zone(int t, int b) {
    return zone == 0 || !plan.training() ? zone : zone + ((long) t * batch + b) * rows.stateRow();
  }

  long recurrentMask() {
    return recurrentMask;
  }

  /** What a product other than with x reads at a step. */
  long source(Op op, int t) {
    return op.masked() < 0
        ? unmasked(op, t)
        : maskedStates + (long) t * batch * maskedRow + op.masked() * rows.plane();
  }

  /** The same before recurrent dropout. */
  long unmasked(Op op, int t) {
    return op.source() instanceof Source.Saved(int saved, int gradient)
        ? gates(t) + plan.savedBlock(saved)
        : states(t) + ((Source.State) op.source()).index() * rows.plane();
  }

  long sourceRow(Op op) {
    return op.masked() < 0 ? unmaskedRow(op) : maskedRow;
  }

  long unmaskedRow(Op op) {
    return op.source() instanceof Source.State ? rows.stateRow() : rows.gateRow();
  }
}
