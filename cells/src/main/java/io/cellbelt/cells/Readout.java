package io.cellbelt.cells;

import io.cellbelt.cells.Parameter.Form;
import io.cellbelt.kernels.checks.Sizes;
import java.util.ArrayList;
import java.util.List;

/**
 * What becomes of the top layer's outputs: at every step, or once for a sequence by attention over
 * all of its steps; then a linear head, if there is one.
 *
 * <p>Immutable, thread-safe.
 *
 * @param attention how steps are weighted
 * @param outputs outputs of the linear head, or 0 for none
 */
public record Readout(Attention attention, int outputs) {
  /** The outputs of the top layer as they are. */
  public static final Readout NONE = new Readout(Attention.NONE, 0);

  /** Name of the matrix that additive attention multiplies h by, {@code [H, H]}. */
  public static final String KEYS = "attention.key.weight";

  /** Name of the matrix that additive attention multiplies the query by, {@code [H, H]}. */
  public static final String QUERY = "attention.query.weight";

  /** Name of the bias of additive attention, {@code [H]}. */
  public static final String BIAS = "attention.bias";

  /** Name of the vector v of additive attention, {@code [H]}. */
  public static final String SCORE = "attention.score";

  /**
   * How the steps of a sequence are weighted. With h(t) the top layer's outputs, q the one at the
   * last valid step, and the weights a softmax of the scores over the valid steps, the readout is
   * {@code [sum a(t) h(t), q]}, of length 2 H.
   */
  public enum Attention {
    /** Not at all: every step has an output of its own. */
    NONE,
    /** {@code e(t) = v · tanh(Wk h(t) + Wq q + b)} (Bahdanau et al. 2015). */
    ADDITIVE,
    /** {@code e(t) = h(t) · q / √H} (Luong et al. 2015, scaled as by Vaswani et al. 2017). */
    DOT
  }

  /**
   * Checks the parts.
   *
   * @throws IllegalArgumentException if the attention is null or there are fewer than 0 outputs
   */
  public Readout {
    if (attention == null) {
      throw new IllegalArgumentException("A readout needs an attention, NONE too, not null.");
    }
    if (outputs < 0) {
      throw new IllegalArgumentException(
          "A network has 0 outputs (no head) or more, but got " + outputs + ".");
    }
  }

  /** A linear head on every step, or none for 0. */
  public static Readout linear(int outputs) {
    return new Readout(Attention.NONE, outputs);
  }

  /** Whether there is one output for a sequence, and not one for each step. */
  public boolean perSequence() {
    return attention != Attention.NONE;
  }

  /** Length of what the head is fed, where the top layer gives the given number. */
  public int headInput(int top) {
    return perSequence() ? Sizes.product("inputs of a head", 2, top) : top;
  }

  /** The parameters of the attention and the head. */
  List<Parameter> parameters(int top) {
    List<Parameter> all = new ArrayList<>();
    if (attention == Attention.ADDITIVE) {
      all.add(new Parameter(KEYS, Form.MATRIX, top, top));
      all.add(new Parameter(QUERY, Form.MATRIX, top, top));
      all.add(new Parameter(BIAS, Form.VECTOR, top, 1));
      all.add(new Parameter(SCORE, Form.VECTOR, top, 1));
    }
    if (outputs > 0) {
      all.add(new Parameter(Architecture.HEAD, Form.MATRIX, outputs, headInput(top)));
      all.add(new Parameter(Architecture.HEAD_BIAS, Form.VECTOR, outputs, 1));
    }
    return all;
  }
}
