package io.cellbelt.kernels.pointwise;

/**
 * Where a step of all rows finds what it reads and writes: raw addresses of row 0, set anew for
 * each step. One object serves all steps of a layer, so that a step allocates nothing.
 *
 * <p>Not thread-safe; belongs to whoever runs the layer.
 */
@SuppressWarnings("VisibilityModifier")
public final class Step {
  /** A step whose addresses are all 0 and must be set before a kernel runs. */
  public Step() {}

  /** Gates; see {@link Pointwise}. */
  public long gates;

  /**
   * Raw address of the states at t-1 of row 0: h, then the others, {@link Rows#plane} bytes apart.
   */
  public long previous;

  /**
   * Raw address of the states at t of row 0, laid out like {@link #previous}; may be the same
   * memory.
   */
  public long next;

  /** What the layer is fed, rows {@link #xRow} apart, for cells that read it directly. */
  public long x;

  /** Bytes from one row of x to the next. */
  public long xRow;

  /** The memory that the layer below has at t, zeros where there is none. */
  public long below;

  /** Bytes from one row of {@link #below} to the next; 0 where there is none. */
  public long belowRow;

  /** Parameters that are vectors of length H, one address for each of the cell's lists of them. */
  public long[] vectors;

  /** Steps that each row has taken before this call, since its state was zero. */
  public int[] clocks;

  /** Steps taken in this call so far: a row is at step {@code clocks[row] + time}. */
  public int time;

  /** Gradients of the states, laid out like them. */
  public long dStates;

  /** Gradient of x, rows {@link #dxRow} apart; backward adds to it. */
  public long dx;

  /** Bytes from one row of dx to the next. */
  public long dxRow;

  /** Gradient of {@link #below}; backward adds to it. */
  public long dBelow;

  /** Bytes from one row of dBelow to the next; 0 where there is none. */
  public long dBelowRow;

  /** Gradients of {@link #vectors}; backward adds to them. */
  public long[] dVectors;
}
