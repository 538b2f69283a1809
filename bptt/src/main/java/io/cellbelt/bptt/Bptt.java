package io.cellbelt.bptt;

import io.cellbelt.cells.Architecture;
import io.cellbelt.cells.Cell;
import io.cellbelt.cells.Input;
import io.cellbelt.cells.Parameter;
import io.cellbelt.cells.Weights;
import io.cellbelt.cells.engine.ParameterSlab;
import io.cellbelt.cells.engine.Unrolled;
import io.cellbelt.kernels.Slab;
import io.cellbelt.kernels.pointwise.Rows;
import io.cellbelt.kernels.product.RowLoops;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * Gradients of a loss of one's own: a forward pass over up to T steps of B sequences that is kept
 * on a tape, and the way back through it from the gradients of the outputs.
 *
 * <p>Arrays are time-major. Gradients of the parameters add up until {@link #clearGradients}. Not
 * thread-safe. Ownership: closed by whoever made it; the weights are copied and stay the caller's.
 */
public final class Bptt implements AutoCloseable {
  private final ParameterSlab weights;
  private final ParameterSlab gradients;
  private final Unrolled tape;
  private final Backward backward;

  /** Steps of the last forward pass, 0 once it was gone back through. */
  private int steps;

  /** Rows of the last backward pass, 0 before the first. */
  private int rowsBack;

  /**
   * Room for the given steps and sequences, initial states zero.
   *
   * @param maxSteps T, 1 or more
   * @param batch B, 1 or more
   */
  public Bptt(Weights weights, int maxSteps, int batch) {
    if (maxSteps < 1 || batch < 1) {
      throw new IllegalArgumentException(
          "Backpropagation needs 1 step and 1 sequence or more, but got "
              + maxSteps
              + " and "
              + batch
              + ".");
    }
    this.weights = new ParameterSlab(weights.architecture());
    this.weights.copyFrom(weights.parameters());
    gradients = new ParameterSlab(weights.architecture());
    tape = new Unrolled(this.weights, maxSteps, batch);
    backward = new Backward(this.weights, gradients, tape, true);
  }

  private Architecture architecture() {
    return tape.architecture();
  }

  /**
   * Runs the sequences from their initial states.
   *
   * @param x {@code [T, B, I]}
   * @param steps T, 1 to the most
   * @param y {@code [T, B, O]}, written
   * @throws IllegalArgumentException if an array has another size, or the input is tokens
   */
  public void forward(float[] x, int steps, float[] y) {
    checkForward(false, steps, y.length);
    int rows = steps * tape.batch();
    RowLosses.checkSize("x", x.length, rows * architecture().input().size());
    tape.putInput(x, 0, rows);
    forward(steps, y);
  }

  /**
   * Runs the sequences from their initial states.
   *
   * @param tokens {@code [T, B]}
   * @param steps T, 1 to the most
   * @param y {@code [T, B, O]}, written
   * @throws IllegalArgumentException if an array has another size, a token is not in the
   *     vocabulary, or the input is a vector
   */
  public void forward(int[] tokens, int steps, float[] y) {
    checkForward(true, steps, y.length);
    int rows = steps * tape.batch();
    RowLosses.checkRange("tokens", tokens, rows, 0, architecture().input().tokens());
    tape.putTokens(tokens, 0, rows);
    forward(steps, y);
  }

  private void checkForward(boolean tokens, int steps, int outputs) {
    if (steps < 1 || steps > tape.maxSteps()) {
      throw new IllegalArgumentException(
          "There is room for 1 to " + tape.maxSteps() + " steps, but got " + steps + ".");
    }
    RowLosses.checkInput(tokens, architecture());
    RowLosses.checkSize("y", outputs, steps * tape.batch() * architecture().outputSize());
  }

  private void forward(int steps, float[] y) {
    tape.forward(steps);
    tape.getOutput(y, 0, steps * tape.batch());
    this.steps = steps;
  }

  /**
   * Goes back through the last forward pass and adds to the gradients of the parameters. Each
   * forward pass can be gone back through once.
   *
   * @param dy gradients of the outputs, {@code [T, B, O]}
   * @throws IllegalArgumentException if the array has another size
   * @throws IllegalStateException if there was no forward pass since
   */
  public void backward(float[] dy) {
    if (steps == 0) {
      throw new IllegalStateException(
          "There is no forward pass to go back through; each one serves once, so run another.");
    }
    int size = architecture().outputSize();
    int rows = steps * tape.batch();
    RowLosses.checkSize("dy", dy.length, rows * size);
    boolean head = architecture().outputs() > 0;
    if (!head) {
      RowLoops.zero(backward.outputGradient(), backward.outputGradientRow(), Slab.pad(size), rows);
    }
    for (int row = 0; row < rows; row++) {
      if (head) {
        tape.slab().put(tape.outputIndex(row), dy, row * size, size);
      } else {
        long index = row * backward.outputGradientRow() / Float.BYTES;
        backward.outputGradientSlab().put(index, dy, row * size, size);
      }
    }
    backward.run(steps);
    rowsBack = rows;
    steps = 0;
  }

  /** Gradients of the parameters by name, row-major, as new arrays. */
  public Map<String, float[]> gradients() {
    Map<String, float[]> values = new LinkedHashMap<>();
    for (Parameter parameter : architecture().parameters()) {
      values.put(parameter.name(), gradients.get(parameter));
    }
    return values;
  }

  /** Sets the gradients of the parameters to zero. */
  public void clearGradients() {
    gradients.clear();
  }

  /**
   * Gradients of the input after the last {@link #backward}, {@code [T, B, I]}, a new array.
   *
   * @throws IllegalStateException if the input is tokens, or nothing was gone back through
   */
  public float[] inputGradient() {
    if (!(architecture().input() instanceof Input.Dense(int size))) {
      throw new IllegalStateException("Tokens have no gradient; only vector inputs do.");
    }
    requireBackward();
    float[] dx = new float[rowsBack * size];
    for (int row = 0; row < rowsBack; row++) {
      backward.inputGradient().get(backward.inputGradientIndex(row), dx, row * size, size);
    }
    return dx;
  }

  /**
   * Sets the state that a sequence starts from in forward passes to come; the last one can no
   * longer be gone back through.
   *
   * @param state {@code [L][states][H]}, as {@link io.cellbelt.cells.Stream#saveState} gives it
   */
  public void initialState(int sequence, float[] state) {
    checkSequence(sequence);
    RowLosses.checkSize("state", state.length, tape.stateSize());
    tape.restoreState(sequence, state);
    steps = 0;
  }

  /**
   * Gradients of the state that a sequence started from, after the last {@link #backward}, {@code
   * [L][states][H]}, a new array.
   *
   * @throws IllegalStateException if nothing was gone back through
   */
  public float[] initialStateGradient(int sequence) {
    checkSequence(sequence);
    requireBackward();
    float[] gradient = new float[tape.stateSize()];
    int at = 0;
    for (int l = 0; l < architecture().layers().size(); l++) {
      Cell cell = architecture().layers().get(l);
      Rows rows = tape.rows(l);
      for (int s = 0; s < cell.states(); s++, at += cell.hiddenSize()) {
        long index = (sequence * rows.stateRow() + s * rows.plane()) / Float.BYTES;
        backward.stateGradient(l).get(index, gradient, at, cell.hiddenSize());
      }
    }
    return gradient;
  }

  private void checkSequence(int sequence) {
    if (sequence < 0 || sequence >= tape.batch()) {
      throw new IllegalArgumentException(
          "There are sequences 0 to " + (tape.batch() - 1) + ", but got " + sequence + ".");
    }
  }

  private void requireBackward() {
    if (rowsBack == 0) {
      throw new IllegalStateException("There is no gradient yet; call backward first.");
    }
  }

  @Override
  public void close() {
    backward.close();
    tape.close();
    gradients.close();
    weights.close();
  }
}
