package io.cellbelt.cells;

import java.lang.foreign.MemorySegment;

/**
 * One sequence on its way through a network: the state between two steps.
 *
 * <p>Errors, thread safety and ownership are those of {@link Streams}, of which this is one.
 */
public final class Stream implements AutoCloseable {
  private final Streams streams;

  Stream(Streams streams) {
    this.streams = streams;
  }

  /**
   * One step.
   *
   * @param x {@code [I]}
   * @param y {@code [O]}, written
   */
  public void step(float[] x, float[] y) {
    streams.step(x, y);
  }

  /**
   * One step.
   *
   * @param x {@code [I]}
   * @param y {@code [O]}, written
   */
  public void step(MemorySegment x, MemorySegment y) {
    streams.step(x, y);
  }

  /**
   * One step, fed a token.
   *
   * @param token 0 to vocabulary - 1
   * @param y {@code [O]}, written
   */
  public void step(int token, float[] y) {
    streams.step(token, y);
  }

  /**
   * T steps, with the same bits as one after the other, but W x is one product for all.
   *
   * @param x {@code [T, I]}
   * @param steps T, 0 or more
   * @param y {@code [T, O]}, written
   */
  public void run(float[] x, int steps, float[] y) {
    streams.run(x, steps, y);
  }

  /**
   * T steps, with the same bits as one after the other, but W x is one product for all.
   *
   * @param x {@code [T, I]}
   * @param steps T, 0 or more
   * @param y {@code [T, O]}, written
   */
  public void run(MemorySegment x, int steps, MemorySegment y) {
    streams.run(x, steps, y);
  }

  /**
   * As many steps as tokens, with the same bits as one after the other.
   *
   * @param tokens {@code [T]}
   * @param y {@code [T, O]}, written
   */
  public void run(int[] tokens, float[] y) {
    streams.run(tokens, tokens.length, y);
  }

  /** Sets the state to zero. */
  public void reset() {
    streams.reset();
  }

  /** Floats in the state: {@code [L][states][H]}. */
  public int stateSize() {
    return streams.stateSize();
  }

  /**
   * Copies the state out.
   *
   * @param state {@code [L][states][H]}: for every layer h, then c where the cell has one; written
   */
  public void saveState(float[] state) {
    streams.saveState(0, state);
  }

  /**
   * Sets the state to what {@link #saveState} gave.
   *
   * @param state {@code [L][states][H]}
   */
  public void restoreState(float[] state) {
    streams.restoreState(0, state);
  }

  /** Bytes held off-heap, without the shared weights. */
  public long byteSize() {
    return streams.byteSize();
  }

  /**
   * Gives the memory back. Closing again does nothing.
   *
   * @throws IllegalStateException if another thread is using the stream
   */
  @Override
  public void close() {
    streams.close();
  }
}
