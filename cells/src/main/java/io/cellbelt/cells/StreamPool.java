package io.cellbelt.cells;

import io.cellbelt.cells.engine.NetworkPlan;
import io.cellbelt.cells.engine.ParameterSlab;
import io.cellbelt.cells.engine.StateMemory;

/** What the single streams of a network share: the memory of their states, and scratches. */
final class StreamPool implements AutoCloseable {
  private final ParameterSlab parameters;
  private final NetworkPlan plan;
  private final Scratches scratches;

  /** Opened and closed under its own lock. */
  private final StateMemory states;

  StreamPool(ParameterSlab parameters, NetworkPlan plan) {
    this.parameters = parameters;
    this.plan = plan;
    scratches = new Scratches(plan);
    states = new StateMemory(plan.stateBytes(), 0);
  }

  NetworkPlan plan() {
    return plan;
  }

  Scratch lease() {
    return scratches.lease();
  }

  /** Opens a stream, which keeps the network open; its number. */
  int open() {
    parameters.slab().acquire();
    try {
      synchronized (states) {
        return states.open();
      }
    } catch (Throwable e) {
      parameters.slab().release();
      throw e;
    }
  }

  void close(int stream) {
    synchronized (states) {
      states.close(stream);
    }
    parameters.slab().release();
  }

  /** Raw address of the packed state of an open stream. */
  long address(int stream) {
    return states.address(stream);
  }

  void reset(int stream) {
    states.reset(stream);
  }

  void save(int stream, float[] state) {
    states.save(stream, state);
  }

  void restore(int stream, float[] state) {
    states.restore(stream, state);
  }

  /** Gives the memory back, when no stream is open. */
  @Override
  public void close() {
    scratches.close();
    states.close();
  }
}
