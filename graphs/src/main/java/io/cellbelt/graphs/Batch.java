package io.cellbelt.graphs;

import io.cellbelt.graphs.plan.Memory;
import io.cellbelt.graphs.plan.Operand;
import io.cellbelt.graphs.plan.Plan;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** A plan for some streams together, and the memory that their steps share. One user at a time. */
final class Batch implements AutoCloseable {
  private final int size;
  private final Plan plan;
  private final List<StateCopy> carries;
  private final List<BatchRows> inputs;
  private final List<BatchRows> outputs;
  private final List<BatchRows> states;
  private final Memory memory;

  private Batch(
      int size,
      Plan plan,
      List<StateCopy> carries,
      List<BatchRows> inputs,
      List<BatchRows> outputs,
      List<BatchRows> states) {
    this.size = size;
    this.plan = plan;
    this.carries = carries;
    this.inputs = inputs;
    this.outputs = outputs;
    this.states = states;
    memory = plan.memory();
  }

  /**
   * Memory for a plan.
   *
   * @param single the plan for one stream
   * @return empty if the tensors of the plan are not those of so many streams
   */
  static Optional<Batch> of(ReadyGraph ready, Plan single, Plan plan, int size) {
    List<BatchRows> inputs = rows(ready.inputs().keySet(), single.inputs(), plan.inputs(), size);
    List<BatchRows> outputs = rows(ready.results(), single.outputs(), plan.outputs(), size);
    List<String> carried = ready.states().stream().map(Carry::input).toList();
    List<BatchRows> states = rows(carried, single.inputs(), plan.inputs(), size);
    if (inputs == null || outputs == null || states == null) {
      return Optional.empty();
    }
    List<StateCopy> carries =
        ready.states().stream().map(state -> StateCopy.of(ready.graph(), plan, state)).toList();
    return Optional.of(new Batch(size, plan, carries, inputs, outputs, states));
  }

  /** Null where one of the tensors is not that of so many streams. */
  private static List<BatchRows> rows(
      Iterable<String> names, Map<String, Operand> single, Map<String, Operand> batched, int size) {
    List<BatchRows> all = new ArrayList<>();
    for (String name : names) {
      BatchRows rows = BatchRows.of(single.get(name), batched.get(name), size);
      if (rows == null) {
        return null;
      }
      all.add(rows);
    }
    return all;
  }

  int size() {
    return size;
  }

  /** Bytes of the memory, without what recurrent nodes work in. */
  long bytes() {
    return plan.bytes();
  }

  /** What is fed, in the order of {@link ReadyGraph#inputs}. */
  List<BatchRows> inputs() {
    return inputs;
  }

  /** What comes out, in the order of {@link ReadyGraph#results}. */
  List<BatchRows> outputs() {
    return outputs;
  }

  Memory memory() {
    return memory;
  }

  /** Reads the states of a stream from where they are kept. */
  void load(int row, long state) {
    long at = state;
    for (int i = 0; i < states.size(); i++) {
      states.get(i).load(memory, row, at);
      at += (long) Float.BYTES * states.get(i).size();
    }
  }

  /** Writes the states of a stream to where they are kept. */
  void store(int row, long state) {
    long at = state;
    for (int i = 0; i < states.size(); i++) {
      states.get(i).store(memory, row, at);
      at += (long) Float.BYTES * states.get(i).size();
    }
  }

  /** Floats of all states of a stream together. */
  int stateSize() {
    return states.stream().mapToInt(BatchRows::size).sum();
  }

  /** Sets the states of a row. */
  void restore(int row, float[] state) {
    int at = 0;
    for (BatchRows rows : states) {
      rows.write(memory, row, state, at);
      at += rows.size();
    }
  }

  /** Copies the states of a row out. */
  void save(int row, float[] state) {
    int at = 0;
    for (BatchRows rows : states) {
      rows.read(memory, row, state, at);
      at += rows.size();
    }
  }

  /** One step of all rows. */
  void run() {
    plan.run(memory);
    for (int i = 0; i < carries.size(); i++) {
      carries.get(i).carry(memory);
    }
  }

  @Override
  public void close() {
    memory.close();
  }
}
