package io.cellbelt.graphs.rewrite;

import io.cellbelt.graphs.Tensor;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;

/**
 * A value that is a sum of products with constant matrices, and of constants: {@code W x + U h + b}
 * for one sequence, written out in whatever order and with its gates together or apart.
 *
 * @param terms the matrices by the value that they are multiplied with
 * @param bias a number for each element, all sums done
 */
record Affine(Map<String, Term> terms, double[] bias) {
  /**
   * Rows and columns of a constant matrix.
   *
   * @param transposed whether a row belongs to an output, otherwise to an input
   * @param from the first input
   * @param inputs how many
   * @param at the first output
   */
  record Term(Tensor matrix, boolean transposed, int from, int inputs, int at) {
    float of(int output, int input) {
      int columns = matrix.shape()[1];
      int index =
          transposed
              ? (at + output) * columns + from + input
              : (from + input) * columns + at + output;
      return ((float[]) matrix.shared())[index];
    }

    Term after(int skipped) {
      return new Term(matrix, transposed, from, inputs, at + skipped);
    }
  }

  int width() {
    return bias.length;
  }

  /** The values that are multiplied. */
  Set<String> sources() {
    return terms.keySet();
  }

  /** What a value is; null where it is something else. */
  static Affine of(String value, Values values) {
    return new AffineReader(values).of(value);
  }

  /** The sum of two; null where it is none, or takes a value twice. */
  static Affine sum(Affine first, Affine second) {
    if (first == null || second == null || first.width() != second.width()) {
      return null;
    }
    Map<String, Term> terms = new LinkedHashMap<>(first.terms);
    for (Map.Entry<String, Term> term : second.terms.entrySet()) {
      if (terms.put(term.getKey(), term.getValue()) != null) {
        return null;
      }
    }
    double[] bias = first.bias.clone();
    for (int i = 0; i < bias.length; i++) {
      bias[i] += second.bias[i];
    }
    return new Affine(terms, bias);
  }

  /** Some of the elements; null where there are no such. */
  Affine part(long from, long to) {
    if (from < 0 || to > width() || from >= to) {
      return null;
    }
    Map<String, Term> some = new LinkedHashMap<>();
    terms.forEach((source, term) -> some.put(source, term.after((int) from)));
    double[] numbers = new double[(int) (to - from)];
    System.arraycopy(bias, (int) from, numbers, 0, numbers.length);
    return new Affine(some, numbers);
  }

  /** Whether the matrix of a source has so many inputs. */
  boolean takes(String source, int inputs) {
    return terms.containsKey(source) && terms.get(source).inputs() == inputs;
  }
}
