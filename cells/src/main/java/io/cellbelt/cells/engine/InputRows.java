package io.cellbelt.cells.engine;

import io.cellbelt.cells.Architecture;
import io.cellbelt.kernels.PanelMatrix;
import io.cellbelt.kernels.Slab;
import io.cellbelt.kernels.product.Products;
import io.cellbelt.kernels.product.RowLoops;

/**
 * What an unrolled network is fed: rows of x, or tokens, of neighbouring sequences of a batch.
 *
 * <p>Allocates nothing after construction. Belongs to one {@link Unrolled} and has its user.
 */
public final class InputRows {
  private final NetworkPlan plan;
  private final PanelMatrix embedding;
  private final boolean written;
  private final Slab slab;
  private final long x;
  private final long xRow;
  private final int[] tokens;

  /** Which sequences, of how many that x and tokens are given for. */
  private int first;

  private int count;
  private int of;

  /** Rows that lie at the start of a slab. */
  InputRows(NetworkPlan plan, Slab slab, int rows) {
    this.plan = plan;
    this.slab = slab;
    embedding = plan.matrix(Architecture.EMBEDDING);
    written = plan.layout().needsX();
    x = slab.address();
    xRow = plan.layout().xRow();
    tokens = new int[plan.vocabulary() > 0 ? rows : 0];
  }

  void sequences(int from, int some, int all) {
    first = from;
    count = some;
    of = all;
  }

  int first() {
    return first;
  }

  /** The row of the batch, time-major, that one of the own rows belongs to. */
  public int row(int own) {
    return count == of ? own : own / count * of + first + own % count;
  }

  /**
   * Copies tokens in, to rows 0 and on.
   *
   * @param source those of the batch
   * @param from index of the batch's first token of the first step to copy
   * @throws IllegalArgumentException if a token is not in the vocabulary: checked after they were
   *     copied, because the caller's array may change in between
   */
  public void put(int[] source, int from, int rows) {
    for (int i = 0; i < rows; i++) {
      int index = from + row(i);
      tokens[i] = source[index];
      plan.checkToken(tokens[i], index);
    }
  }

  /** Copies vectors in, to rows 0 and on, from row {@code from} of the batch's, and on. */
  public void put(float[] source, int from, int rows) {
    int size = plan.inputSize();
    for (int row = 0; row < rows; row++) {
      slab.put(index(row), source, (from + row(row)) * size, size);
    }
  }

  /** Index in the slab of a row of x. */
  public long index(int row) {
    return (x + row * xRow - slab.address()) / Float.BYTES;
  }

  /** Tokens by row, to be set before a forward pass; empty where the input is a vector. */
  public int[] tokens() {
    return tokens;
  }

  long address() {
    return x;
  }

  /** Writes rows of x that stand for tokens. */
  void embed(int rows) {
    if (embedding != null) {
      RowLoops.zero(x, xRow, embedding.shape().columns(), rows);
      for (int row = 0; row < rows; row++) {
        Products.accumulateRow(embedding, tokens[row], x + row * xRow);
      }
    } else if (written && tokens.length > 0) {
      RowLoops.zero(x, xRow, (int) (xRow / Float.BYTES), rows);
      for (int row = 0; row < rows; row++) {
        slab.set(index(row) + tokens[row], 1);
      }
    }
  }
}
