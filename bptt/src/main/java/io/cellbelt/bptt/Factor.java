package io.cellbelt.bptt;

import java.util.Locale;

/**
 * A number that a wrong gradient is too large by, in words.
 *
 * @param value how many times the gradient is what it should be
 * @param tolerance the most by which a whole number, or one over one, may be missed
 */
record Factor(double value, double tolerance) {
  /** Whether it is a whole number, or one over one. */
  boolean isRound() {
    double large = Math.max(Math.abs(value), 1 / Math.abs(value));
    return Math.abs(large - Math.rint(large)) <= tolerance * large;
  }

  /** Such as {@code 2.0 times} or {@code -1/8 times}. */
  String times() {
    double size = Math.abs(value);
    if (isRound()) {
      String sign = value < 0 ? "-" : "";
      return size > 1 - tolerance
          ? String.format(Locale.ROOT, "%s%.1f times", sign, Math.rint(size))
          : String.format(Locale.ROOT, "%s1/%.0f times", sign, Math.rint(1 / size));
    }
    return number(value) + " times";
  }

  /** What it often comes from, as a question. */
  String cause() {
    if (value < 0) {
      return "is it the gradient of the negative loss, or a difference taken the wrong way round?";
    }
    return value > 1
        ? "is a loss summed instead of averaged, or a term added twice?"
        : "is a loss averaged twice, or a factor left out?";
  }

  static String number(double value) {
    return String.format(Locale.ROOT, "%.4g", value);
  }
}
