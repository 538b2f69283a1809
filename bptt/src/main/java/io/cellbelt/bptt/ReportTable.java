package io.cellbelt.bptt;

import io.cellbelt.bptt.GradientCheck.Report;
import io.cellbelt.bptt.GradientCheck.Row;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** A report for people. */
final class ReportTable {
  private ReportTable() {}

  /** The forward pass, then a line for each tensor, then the guesses. */
  static List<String> lines(Report report) {
    List<String> lines = new ArrayList<>();
    report.forward().ifPresent(forward -> lines.addAll(forward.lines()));
    if (report.forwardPassed()) {
      addRows(lines, report);
      lines.add(
          line(
              "along random directions: %.1e (limit %.0e)%s",
              report.adjointError(),
              report.adjointLimit(),
              report.adjointError() < report.adjointLimit() ? "" : "  FAILED"));
      addGuesses(lines, report);
    }
    return lines;
  }

  private static void addRows(List<String> lines, Report report) {
    boolean network = report.forward().isPresent();
    List<Row> rows = report.rows();
    int name = rows.stream().mapToInt(row -> row.parameter().length()).reduce(18, Math::max);
    int place = rows.stream().mapToInt(row -> row.place().length()).reduce(8, Math::max);
    String format = "%-" + name + "s %" + place + "s  %13s  %13s  %13s  %10s  %10s  %10s %7s %5s";
    lines.add(
        line(
            format,
            "parameter",
            "index",
            network ? "kernels" : "",
            network ? "reference" : "claimed",
            "differences",
            network ? "SIMD error" : "",
            network ? "ref. error" : "rel. error",
            "abs. error",
            "entries",
            "kinks"));
    for (Row row : rows) {
      lines.add(
          line(
                  format,
                  row.parameter(),
                  row.place(),
                  network ? line("%.6e", row.kernel()) : "",
                  line("%.6e", row.analytic()),
                  line("%.6e", row.numeric()),
                  network ? line("%.1e", row.kernelError()) : "",
                  line("%.1e", row.referenceError()),
                  line("%.1e", row.absoluteError()),
                  row.entries(),
                  row.kinks())
              + (row.passed() ? "" : "  FAILED" + meaning(row)));
    }
  }

  private static String meaning(Row row) {
    String meaning = row.index() < 0 ? "" : row.layout().meaning(row.index());
    return meaning.isEmpty() ? "" : " at " + meaning;
  }

  private static void addGuesses(List<String> lines, Report report) {
    for (Row row : report.rows()) {
      if (!row.guess().isEmpty()) {
        lines.add(row.parameter() + ": " + row.guess());
      }
    }
    if (!report.guess().isEmpty()) {
      lines.add("all: " + report.guess());
    }
  }

  @SuppressWarnings("AnnotateFormatMethod") // the annotation would be a dependency
  private static String line(String format, Object... values) {
    return String.format(Locale.ROOT, format, values);
  }
}
