package io.cellbelt.app;

import java.util.Locale;

/**
 * One comparison of a verification.
 *
 * @param model folder, and file where it has several
 * @param what which recording, and which output
 * @param error the largest difference; NaN where there is none
 * @param tolerance the largest that passes
 * @param remark why it failed or was left out; empty otherwise
 * @param skipped whether it was left out
 */
record VerifyResult(
    String model, String what, double error, double tolerance, String remark, boolean skipped) {
  private static final String FORMAT = "%-36s %-32s %10s %10s  %s";

  static final String HEADER =
      String.format(Locale.ROOT, FORMAT, "model", "output", "error", "tolerance", "result");

  static VerifyResult of(String model, String what, double error, double tolerance) {
    return new VerifyResult(model, what, error, tolerance, "", false);
  }

  static VerifyResult failed(String model, String what, String remark) {
    return new VerifyResult(model, what, Double.NaN, Double.NaN, remark, false);
  }

  static VerifyResult skipped(String model, String reason) {
    return new VerifyResult(model, "", Double.NaN, Double.NaN, reason, true);
  }

  boolean isSkipped() {
    return skipped;
  }

  boolean isFailure() {
    return !skipped && !(error <= tolerance);
  }

  String line() {
    String result =
        skipped
            ? "left out: " + remark
            : isFailure() ? "FAILED" + (remark.isEmpty() ? "" : ": " + remark) : "passed";
    return String.format(Locale.ROOT, FORMAT, model, what, number(error), number(tolerance), result)
        .stripTrailing();
  }

  private static String number(double value) {
    return Double.isNaN(value) ? "" : String.format(Locale.ROOT, "%.1e", value);
  }
}
