package io.cellbelt.app;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.stream.Stream;

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
  /** All of them, with a header, in columns as wide as they need. */
  static List<String> table(List<VerifyResult> results) {
    List<List<String>> rows = new ArrayList<>();
    rows.add(List.of("model", "output", "error", "tolerance", "result"));
    results.forEach(result -> rows.add(result.row()));
    return Printable.table(rows, Set.of(2, 3));
  }

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

  private List<String> row() {
    String result =
        skipped
            ? "left out: " + remark
            : isFailure() ? "FAILED" + (remark.isEmpty() ? "" : ": " + remark) : "passed";
    return Stream.of(model, what, number(error), number(tolerance), result)
        .map(cell -> Printable.text(cell, Integer.MAX_VALUE))
        .toList();
  }

  private static String number(double value) {
    return Double.isNaN(value) ? "" : String.format(Locale.ROOT, "%.1e", value);
  }
}
