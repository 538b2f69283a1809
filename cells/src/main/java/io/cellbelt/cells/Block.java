package io.cellbelt.cells;

import io.cellbelt.cells.engine.MemoryBlock;

/**
 * Some floats of a {@link Row}: a gate, a state, a gradient. Methods write into this block, here
 * called y, and return it, so that passes can follow each other. Operands have as many floats, and
 * may be y itself.
 *
 * <p>A pass costs some nanoseconds and allocates nothing. Methods throw {@link
 * IllegalArgumentException} if an operand has another size, {@link IndexOutOfBoundsException} for a
 * float that is not there, and {@link IllegalStateException} where a block is to be read or added
 * to only, or is used outside its kernel's call or by another thread.
 */
public sealed interface Block permits MemoryBlock {
  /** Number of floats. */
  int size();

  /** The float at an index. */
  float get(int index);

  /** Writes the float at an index. */
  void set(int index, float value);

  /** Adds to the float at an index. */
  void add(int index, float value);

  /** {@code y = value}. */
  Block fill(float value);

  /** {@code y = a}; what is nearly nothing, under 1e-30, becomes 0. */
  Block copy(Block a);

  /** {@code y += a}. */
  Block add(Block a);

  /** {@code y += factor a}. */
  Block addScaled(Block a, float factor);

  /** {@code y -= a}. */
  Block subtract(Block a);

  /** {@code y *= a}. */
  Block multiply(Block a);

  /** {@code y += a b}. */
  Block multiplyAdd(Block a, Block b);

  /** {@code y = share a + (1 - share) b}; what is nearly nothing, under 1e-30, becomes 0. */
  Block mix(Block share, Block a, Block b);

  /** {@code y = 1 - y}. */
  Block complement();

  /** {@code y = factor y}. */
  Block scale(float factor);

  /** {@code y = min(limit, max(-limit, y))}; NaN stays. */
  Block clamp(float limit);

  /** {@code y = f(y)}. */
  Block apply(Activation f);

  /** {@code y = f'(x)} where y is {@code f(x)}. */
  Block derivative(Activation f);
}
