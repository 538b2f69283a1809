package io.cellbelt.graphs;

import io.cellbelt.cells.engine.StateMemory;
import io.cellbelt.graphs.plan.Constants;
import io.cellbelt.graphs.plan.Plan;
import io.cellbelt.kernels.ExclusiveUse;
import io.cellbelt.kernels.Slab;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Streams of a graph, any of which advance together. A stream is no more than its states; the
 * memory of a step is there once. Where the graph allows a batch, weights are read once for many
 * streams; otherwise streams advance one by one. The bits of a stream are those of {@link
 * GraphStream}, whichever others advance with it.
 *
 * <p>Streams are {@linkplain #open opened} and {@linkplain #close(int) closed} at any time; a
 * number stands for a stream, and closed ones are given again. {@link #advance} allocates nothing.
 * What it refuses changes no state; when a kernel throws, the states of the passes before have gone
 * on, and no others.
 *
 * <p>Thread safety: may move between threads, but has one user at a time; concurrent use is
 * detected and refused. Ownership: closed by whoever made it, before the network.
 */
public final class GraphStreams implements AutoCloseable {
  private final GraphNetwork network;
  private final Constants.Hold hold;
  private final ExclusiveUse use = new ExclusiveUse("group of streams");
  private final float[] start;
  private final int most;
  private final StreamArrays inputArrays;
  private final StreamArrays outputArrays;

  /** Of growing sizes. */
  private final List<Batch> batches = new ArrayList<>();

  private final StateMemory states;

  /** Where the states of a pass are. */
  private final long[] addresses;

  /** For steps with one input and one output. */
  private final float[][] onlyInput = new float[1][];

  private final float[][] onlyOutput = new float[1][];

  /**
   * Room for the steps of some batches.
   *
   * @param plans for growing numbers of streams, the first for one
   * @param sizes how many streams each plan is for
   */
  GraphStreams(
      GraphNetwork network,
      ReadyGraph ready,
      List<Plan> plans,
      List<Integer> sizes,
      Constants.Hold hold) {
    this.network = network;
    this.hold = hold;
    start = ready.start();
    states = new StateMemory((long) Float.BYTES * Slab.pad(Math.max(1, start.length)), 0);
    try {
      for (int i = 0; i < plans.size(); i++) {
        Optional<Batch> batch = Batch.of(ready, plans.getFirst(), plans.get(i), sizes.get(i));
        if (batch.isEmpty()) {
          break; // the graph counts on fewer streams
        }
        batches.add(batch.get());
      }
      most = batches.getLast().size();
      addresses = new long[most];
      Batch single = batches.getFirst();
      inputArrays =
          new StreamArrays("input", List.copyOf(ready.inputs().keySet()), single.inputs());
      outputArrays = new StreamArrays("output", ready.results(), single.outputs());
    } catch (Throwable e) {
      batches.forEach(Batch::close);
      throw e;
    }
  }

  /**
   * The most streams that advance in one pass; fewer than asked for where the graph does not allow
   * as many, and 1 where it allows no batch.
   */
  public int largestBatch() {
    return most;
  }

  /**
   * Opens a stream, its states at their start. Allocates where there was never room for as many.
   *
   * @return the number that stands for it
   */
  public int open() {
    use.enter();
    try {
      int stream = states.open();
      states.restore(stream, start);
      return stream;
    } finally {
      use.exit();
    }
  }

  /** Closes a stream, whose number may then be given again. */
  public void close(int stream) {
    use.enter();
    try {
      states.close(states.checked(stream));
    } finally {
      use.exit();
    }
  }

  /** Streams that are open. */
  public int count() {
    use.enter();
    try {
      return states.count();
    } finally {
      use.exit();
    }
  }

  /**
   * One step of some streams of a graph with one input and one output besides its states.
   *
   * @param streams which, each once
   * @param x the input of each, row-major, one after the other, and no more; whole numbers where
   *     the input is of integers
   * @param y the output of each, in an array that they fill; written
   */
  public void advance(int[] streams, float[] x, float[] y) {
    advance(streams, StateMemory.count(streams), true, x, y);
  }

  /**
   * One step of some streams, with arrays that may be longer than that: so numbers of streams may
   * vary without new arrays.
   *
   * @param streams which, each once, and then any numbers
   * @param count how many of them
   * @param x the input of each, one after the other
   * @param y the output of each, likewise; written
   */
  public void advance(int[] streams, int count, float[] x, float[] y) {
    advance(streams, count, false, x, y);
  }

  private void advance(int[] streams, int count, boolean exact, float[] x, float[] y) {
    use.enter();
    try {
      Batch single = batches.getFirst();
      if (single.inputs().size() != 1 || single.outputs().size() != 1) {
        throw new IllegalArgumentException(
            "There are "
                + single.inputs().size()
                + " inputs and "
                + single.outputs().size()
                + " outputs; give an array for each.");
      }
      states.check(streams, count);
      inputArrays.check(0, x, count, exact);
      outputArrays.check(0, y, count, exact);
      onlyInput[0] = x;
      onlyOutput[0] = y;
      step(streams, count, onlyInput, onlyOutput);
    } finally {
      onlyInput[0] = null;
      onlyOutput[0] = null;
      use.exit();
    }
  }

  /**
   * One step of some streams.
   *
   * @param streams which, each once
   * @param inputs an array for each of {@link ReadyGraph#inputs}, as of the other {@code advance}
   * @param outputs an array for each of {@link ReadyGraph#results}, null for what is not wanted;
   *     written
   */
  public void advance(int[] streams, float[][] inputs, float[][] outputs) {
    use.enter();
    try {
      int count = StateMemory.count(streams);
      states.check(streams, count);
      inputArrays.check(inputs, count, false);
      outputArrays.check(outputs, count, true);
      step(streams, count, inputs, outputs);
    } finally {
      use.exit();
    }
  }

  private void step(int[] streams, int all, float[][] inputs, float[][] outputs) {
    for (int from = 0; from < all; from += most) {
      int count = Math.min(most, all - from);
      Batch batch = batch(count);
      load(batch, streams, from, count);
      for (int i = 0; i < inputs.length; i++) {
        put(batch, i, inputs[i], from, count);
      }
      batch.run();
      for (int i = 0; i < outputs.length; i++) {
        get(batch, i, outputs[i], from, count);
      }
      store(batch, count);
    }
  }

  /** The smallest that has room: rows that nobody takes are calculated in vain. */
  private Batch batch(int count) {
    int i = 0;
    while (batches.get(i).size() < count) {
      i++;
    }
    return batches.get(i);
  }

  private void load(Batch batch, int[] streams, int from, int count) {
    for (int row = 0; row < count; row++) {
      // Checked before, but the caller's array may have changed since.
      addresses[row] = states.address(states.checked(streams[from + row]));
      batch.load(row, addresses[row]);
    }
  }

  private void store(Batch batch, int count) {
    for (int row = 0; row < count; row++) {
      batch.store(row, addresses[row]);
    }
  }

  private static void put(Batch batch, int input, float[] x, int from, int count) {
    BatchRows rows = batch.inputs().get(input);
    for (int row = 0; row < count; row++) {
      rows.write(batch.memory(), row, x, (from + row) * rows.size());
    }
  }

  private static void get(Batch batch, int output, float[] y, int from, int count) {
    BatchRows rows = batch.outputs().get(output);
    for (int row = 0; y != null && row < count; row++) {
      rows.read(batch.memory(), row, y, (from + row) * rows.size());
    }
  }

  /** Sets the states of a stream to their start: what the graph says, or zeros. */
  public void reset(int stream) {
    use.enter();
    try {
      states.restore(states.checked(stream), start);
    } finally {
      use.exit();
    }
  }

  /** Floats of all states of a stream together. */
  public int stateSize() {
    return start.length;
  }

  /**
   * Copies the states of a stream out, in the order of {@link ReadyGraph#states}.
   *
   * @param state {@link #stateSize} floats; written
   */
  public void saveState(int stream, float[] state) {
    use.enter();
    try {
      StateCopy.checkLength(state, start.length);
      states.save(states.checked(stream), state);
    } finally {
      use.exit();
    }
  }

  /**
   * Sets the states of a stream to what {@link #saveState} gave, here or in a {@link GraphStream}.
   *
   * @param state {@link #stateSize} floats
   */
  public void restoreState(int stream, float[] state) {
    use.enter();
    try {
      StateCopy.checkLength(state, start.length);
      states.restore(states.checked(stream), state);
    } finally {
      use.exit();
    }
  }

  /** Bytes held off the heap, without the shared weights and what recurrent nodes work in. */
  public long byteSize() {
    use.enter();
    try {
      return batches.stream().mapToLong(Batch::bytes).sum() + states.byteSize();
    } finally {
      use.exit();
    }
  }

  /**
   * Gives the memory back. Closing again does nothing.
   *
   * @throws IllegalStateException if another thread is using the streams
   */
  @Override
  public void close() {
    if (use.close()) {
      batches.forEach(Batch::close);
      states.close();
      network.release(hold);
    }
  }
}
