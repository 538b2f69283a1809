package io.cellbelt.cells.engine;

import io.cellbelt.cells.Block;
import io.cellbelt.cells.Cell;
import io.cellbelt.cells.Row;
import io.cellbelt.cells.Schedule;
import io.cellbelt.cells.engine.MemoryBlock.Use;
import io.cellbelt.kernels.activation.Activation;
import io.cellbelt.kernels.pointwise.Rows;
import io.cellbelt.kernels.pointwise.Step;

/**
 * The row that a custom kernel sees: one object for all rows and steps of a track, which moves from
 * row to row, so that a step allocates nothing.
 */
public final class MemoryRow implements Row {
  /** More activations than any cell has; the kernels of others are made anew each time. */
  private static final int ACTIVATIONS = 16;

  private final Cell cell;
  private final Rows rows;
  private final boolean backward;
  private final MemoryBlock[] gates;
  private final MemoryBlock[] saved;
  private final MemoryBlock[] previous;
  private final MemoryBlock[] next;
  private final MemoryBlock[] dStates;
  private final MemoryBlock[][] vectors;
  private final MemoryBlock[][] dVectors;
  private final MemoryBlock x;
  private final MemoryBlock dx;
  private final MemoryBlock below;
  private final MemoryBlock dBelow;

  private final io.cellbelt.cells.Activation[] activations =
      new io.cellbelt.cells.Activation[ACTIVATIONS];
  private final Activation[] kernels = new Activation[ACTIVATIONS];

  private Thread user;
  private int clock;

  MemoryRow(Cell cell, Rows rows, boolean backward) {
    this.cell = cell;
    this.rows = rows;
    this.backward = backward;
    Schedule schedule = cell.schedule();
    int size = cell.hiddenSize();
    gates = new MemoryBlock[schedule.gates().length()];
    int gate = 0;
    for (Schedule.Group group : schedule.groups()) {
      for (int g = 0; g < group.gates().length(); g++, gate++) {
        gates[gate] = block("gate " + gate, Use.WRITE, group.size());
      }
    }
    saved = new MemoryBlock[cell.kernel().saved()];
    for (int s = 0; s < saved.length; s++) {
      saved[s] = block("saved block " + s, Use.WRITE, size);
    }
    int states = schedule.states().size();
    previous = new MemoryBlock[states];
    next = new MemoryBlock[states];
    dStates = new MemoryBlock[states];
    for (int s = 0; s < states; s++) {
      int length = schedule.states().get(s);
      previous[s] = block("state " + s + " at t-1", Use.READ, length);
      next[s] = block("state " + s + " at t", backward ? Use.READ : Use.WRITE, length);
      dStates[s] = block("the gradient of state " + s, Use.WRITE, length);
    }
    vectors = vectors(schedule, "vector ", Use.READ);
    dVectors = vectors(schedule, "the gradient of vector ", Use.ADD);
    x = block("x", Use.READ, cell.inputSize());
    dx = block("the gradient of x", Use.ADD, cell.inputSize());
    below = block("the memory below", Use.READ, size);
    dBelow = block("the gradient of the memory below", Use.ADD, size);
  }

  private MemoryBlock block(String name, Use use, int size) {
    return new MemoryBlock(this, name, use, size);
  }

  private MemoryBlock[][] vectors(Schedule schedule, String name, Use use) {
    MemoryBlock[][] all = new MemoryBlock[schedule.vectors().size()][];
    for (int list = 0; list < all.length; list++) {
      all[list] = new MemoryBlock[schedule.vectors().get(list).names().length()];
      for (int i = 0; i < all[list].length; i++) {
        all[list][i] = block(name + i + " of list " + list, use, cell.hiddenSize());
      }
    }
    return all;
  }

  /** Begins a kernel's call. */
  void enter() {
    user = Thread.currentThread();
  }

  /** Ends it: what the kernel has kept is of no use to it. */
  void leave() {
    user = null;
  }

  /** Moves to a row of a step. */
  void moveTo(int row, Step step) {
    long gate = step.gates + row * rows.gateRow();
    for (int g = 0; g < gates.length; g++) {
      gates[g].moveTo(gate + rows.block(g));
    }
    for (int s = 0; s < saved.length; s++) {
      saved[s].moveTo(gate + rows.block(gates.length + s));
    }
    for (int s = 0; s < next.length; s++) {
      long state = row * rows.stateRow() + s * rows.plane();
      previous[s].moveTo(step.previous + state);
      next[s].moveTo(step.next + state);
      dStates[s].moveTo(step.dStates + state);
    }
    moveTo(vectors, step.vectors);
    x.moveTo(step.x + row * step.xRow);
    below.moveTo(step.below + row * step.belowRow);
    if (backward) {
      moveTo(dVectors, step.dVectors);
      dx.moveTo(step.dx == 0 ? 0 : step.dx + row * step.dxRow);
      dBelow.moveTo(step.dBelow + row * step.dBelowRow);
    }
    clock = step.clocks[row] + step.time;
  }

  private void moveTo(MemoryBlock[][] lists, long[] addresses) {
    for (int list = 0; list < lists.length; list++) {
      for (int i = 0; i < lists[list].length; i++) {
        lists[list][i].moveTo(addresses[list] + i * rows.bytes());
      }
    }
  }

  /** After forward: states hold nothing denormal, and zeros behind their end. */
  void settleStates() {
    for (MemoryBlock state : next) {
      state.flush();
      state.clearPadding();
    }
  }

  /** Before backward: gradients of states hold nothing denormal. */
  void flushGradients() {
    for (MemoryBlock gradient : dStates) {
      gradient.flush();
    }
  }

  /** After backward: gradients hold zeros behind their end. */
  void clearPadding() {
    clearPadding(gates);
    clearPadding(dStates);
    for (MemoryBlock[] list : dVectors) {
      clearPadding(list);
    }
    if (cell.readsInput()) {
      dx.clearPadding();
    }
    if (cell.readsMemoryBelow()) {
      dBelow.clearPadding();
    }
  }

  private static void clearPadding(MemoryBlock[] blocks) {
    for (MemoryBlock block : blocks) {
      block.clearPadding();
    }
  }

  /** Refuses whoever is not inside the kernel's call. */
  void requireUser(String name) {
    if (user != Thread.currentThread()) {
      throw new IllegalStateException(
          "A kernel uses its row and blocks during its call, and from the thread of the call, but "
              + name
              + " was used outside; ask the row for it anew at each call.");
    }
  }

  /** The kernel of an activation, one object for all steps. */
  Activation kernel(io.cellbelt.cells.Activation activation) {
    if (activation == null) {
      throw new NullPointerException("A block takes an activation, but got null.");
    }
    for (int i = 0; i < ACTIVATIONS; i++) {
      if (activations[i] == null) {
        kernels[i] = ActivationKernels.of(activation);
        activations[i] = activation;
      }
      if (activations[i].equals(activation)) {
        return kernels[i];
      }
    }
    return ActivationKernels.of(activation);
  }

  @Override
  public Block gate(int index) {
    return of(gates, index, "gates");
  }

  @Override
  public Block saved(int index) {
    return of(saved, index, "saved blocks");
  }

  @Override
  public Block previous(int state) {
    return of(previous, state, "states");
  }

  @Override
  public Block next(int state) {
    return of(next, state, "states");
  }

  @Override
  public Block dState(int state) {
    requireBackward();
    return of(dStates, state, "states");
  }

  @Override
  public Block vector(int list, int index) {
    return of(list(vectors, list), index, "vectors in that list");
  }

  @Override
  public Block dVector(int list, int index) {
    requireBackward();
    return of(list(dVectors, list), index, "vectors in that list");
  }

  private MemoryBlock[] list(MemoryBlock[][] lists, int list) {
    requireIndex(list, lists.length, "lists of vectors");
    return lists[list];
  }

  private MemoryBlock of(MemoryBlock[] blocks, int index, String what) {
    requireIndex(index, blocks.length, what);
    return blocks[index];
  }

  @Override
  public Block x() {
    require(cell.readsInput(), "x", "readsInput");
    return x;
  }

  @Override
  public Block dx() {
    requireBackward();
    require(cell.readsInput(), "x", "readsInput");
    return dx;
  }

  @Override
  public Block below() {
    require(cell.readsMemoryBelow(), "the memory below", "readsMemoryBelow");
    return below;
  }

  @Override
  public Block dBelow() {
    requireBackward();
    require(cell.readsMemoryBelow(), "the memory below", "readsMemoryBelow");
    return dBelow;
  }

  @Override
  public int clock() {
    require(cell.clock() > 0, "a clock", "clock");
    return clock % cell.clock();
  }

  private void requireIndex(int index, int count, String what) {
    if (index < 0 || index >= count) {
      throw new IndexOutOfBoundsException(
          "The cell '"
              + cell.kind()
              + "' has "
              + count
              + " "
              + what
              + ", numbered from 0, but its kernel asked for "
              + index
              + ".");
    }
  }

  private void requireBackward() {
    if (!backward) {
      throw new IllegalStateException(
          "Gradients are there in backward, but the kernel of '"
              + cell.kind()
              + "' asked for one in forward.");
    }
  }

  private void require(boolean told, String what, String method) {
    if (!told) {
      throw new IllegalStateException(
          "The kernel of '"
              + cell.kind()
              + "' reads "
              + what
              + ", but the cell does not say so; implement "
              + method
              + "() in the cell.");
    }
  }
}
