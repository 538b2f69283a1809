package io.cellbelt.cells;

import java.lang.foreign.MemorySegment;
import java.util.Objects;

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
    Objects.requireNonNull(tokens, "The input is an array or a segment, but got null.");
    streams.run(tokens, tokens.length, y);
  }

  /**
   * Steps of which some are skipped; see {@link Streams#run(float[], int, boolean[], Masked,
   * float[])}.
   *
   * @param x {@code [T, I]}; not looked at where a step is masked
   * @param steps T, 0 or more
   * @param mask whether a step counts, {@code [T]}
   * @param masked what comes out at other steps
   * @param y {@code [T, O]}, written
   */
  public void run(float[] x, int steps, boolean[] mask, Masked masked, float[] y) {
    streams.run(x, steps, mask, masked, y);
  }

  /**
   * As many steps as tokens, of which some are skipped; see {@link Streams#run(float[], int,
   * boolean[], Masked, float[])}.
   *
   * @param tokens {@code [T]}; not looked at where a step is masked
   * @param mask whether a step counts, {@code [T]}
   * @param masked what comes out at other steps
   * @param y {@code [T, O]}, written
   */
  public void run(int[] tokens, boolean[] mask, Masked masked, float[] y) {
    Objects.requireNonNull(tokens, "The input is an array or a segment, but got null.");
    streams.run(tokens, tokens.length, mask, masked, y);
  }

  /** Sets the state to zero, as that of a new stream. */
  public void reset() {
    streams.reset();
  }

  /** Floats in the state: {@code [L][directions][states][H]}, and one more for each clock. */
  public int stateSize() {
    return streams.stateSize();
  }

  /**
   * Copies the state out.
   *
   * @param state {@code [L][directions][states][H]}: for every layer and direction h, then c where
   *     the cell has one, then the steps taken where it has a clock; written
   */
  public void saveState(float[] state) {
    streams.saveState(0, state);
  }

  /**
   * Sets the state to what {@link #saveState} gave.
   *
   * @param state {@code [L][directions][states][H]}, and the clocks
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
