package io.cellbelt.models.stacks;

import io.cellbelt.graphs.ElementType;
import io.cellbelt.graphs.Node;
import io.cellbelt.graphs.Tensor;

/**
 * The linear head.
 *
 * @param rows its matrix, {@code [outputs, inputs]}
 * @param bias {@code [outputs]}
 * @param hasBias whether a bias was there; otherwise it is zeros
 */
record Head(float[] rows, float[] bias, boolean hasBias) {
  /**
   * A head without a bias.
   *
   * @param transposed whether the matrix has a row for each output
   */
  static Head of(Node node, Tensor matrix, boolean transposed) {
    Misfit.unless(
        matrix != null && matrix.type() == ElementType.F32 && matrix.rank() == 2,
        node.describe() + " is no head.");
    int outputs = matrix.shape()[transposed ? 0 : 1];
    float[] given = matrix.floats();
    float[] rows = transposed ? given : new float[given.length];
    int inputs = outputs == 0 ? 0 : given.length / outputs;
    for (int i = 0; !transposed && i < given.length; i++) {
      rows[i % outputs * inputs + i / outputs] = given[i];
    }
    return new Head(rows, new float[outputs], false);
  }

  int outputs() {
    return bias.length;
  }

  int inputs() {
    return bias.length == 0 ? 0 : rows.length / bias.length;
  }

  /** With a bias, one number for all outputs or one for each. */
  Head with(Node node, Tensor given) {
    Misfit.unless(
        !hasBias
            && given.type() == ElementType.F32
            && (given.size() == 1
                || given.size() == outputs() && given.shape()[given.rank() - 1] == outputs()),
        node.describe() + " is no bias of a head.");
    float[] numbers = given.floats();
    float[] all = new float[outputs()];
    for (int i = 0; i < all.length; i++) {
      all[i] = numbers[i % numbers.length];
    }
    return new Head(rows, all, true);
  }
}
