package io.cellbelt.bptt;

import static io.cellbelt.bptt.GradientCheck.ADJOINT_LIMIT;
import static io.cellbelt.bptt.GradientCheck.DIRECTIONS;
import static io.cellbelt.bptt.GradientCheck.KERNEL_LIMIT;
import static io.cellbelt.bptt.GradientCheck.REFERENCE_LIMIT;

import io.cellbelt.bptt.Differences.Found;
import io.cellbelt.bptt.GradientCheck.Report;
import io.cellbelt.bptt.GradientCheck.Row;
import io.cellbelt.bptt.NetworkLoss.Data;
import io.cellbelt.cells.Weights;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SplittableRandom;

/** The check of a network: its forward pass first, then its gradients. */
final class NetworkCheck {
  /** h of the differences along random directions, small ones where there are kinks. */
  private static final double[] ADJOINT_STEPS = {1e-4, 1e-5, 1e-6, 1e-7};

  private final Weights weights;
  private final int steps;
  private final int batch;
  private final Data data;
  private final long seed;
  private final NetworkLoss network;

  private NetworkCheck(Weights weights, int steps, int batch, Data data, long seed) {
    this.weights = weights;
    this.steps = steps;
    this.batch = batch;
    this.data = data;
    this.seed = seed;
    network = new NetworkLoss(weights, steps, batch, data, data != null, seed);
  }

  /**
   * Checks a network.
   *
   * @param data null for random sequences of different lengths from random states
   */
  static Report run(Weights weights, int steps, int batch, Data data, long seed) {
    return new NetworkCheck(weights, steps, batch, data, seed).run();
  }

  private Report run() {
    try (Bptt bptt = network.kernels(weights, seed)) {
      ForwardComparison forward = network.compare(bptt);
      return forward.passed()
          ? gradients(forward, network.kernelGradients(bptt))
          : Report.of(forward);
    }
  }

  private Report gradients(ForwardComparison forward, Map<String, double[]> kernel) {
    Map<String, double[]> analytic = network.referenceGradients();
    Differences differences =
        new Differences(
            network::loss,
            network.variables(),
            network::isFixed,
            Differences.STEP,
            Differences.DOUBLE_ROUNDING,
            REFERENCE_LIMIT);
    double largest = Differences.largest(analytic);
    Map<String, Layout> layouts = network.layouts();
    List<Row> rows = new ArrayList<>();
    Map<String, Found> found = new LinkedHashMap<>();
    for (String name : network.variables().keySet()) {
      double[] reference = analytic.get(name);
      double floor = Differences.floor(reference, largest);
      Layout layout = layouts.get(name);
      int stride = Comparison.stride(reference.length, layout.columns());
      Found one = differences.entries(name, reference, floor, stride);
      found.put(name, one);
      rows.add(
          Comparison.row(
              differences, name, layout, kernel.get(name), reference, one, floor, REFERENCE_LIMIT));
    }
    double adjoint =
        differences.projectionError(
            kernel,
            Map.of(),
            DIRECTIONS,
            ADJOINT_STEPS,
            ADJOINT_LIMIT / 10,
            new SplittableRandom(~seed));
    if (!rows.stream().allMatch(Row::passed)) {
      guess(rows, found, kernel, analytic, differences.noise());
    }
    return Comparison.report(Optional.of(forward), rows, adjoint, ADJOINT_LIMIT);
  }

  /** Adds to the rows that failed what may be wrong. */
  private void guess(
      List<Row> rows,
      Map<String, Found> found,
      Map<String, double[]> kernel,
      Map<String, double[]> analytic,
      double noise) {
    double largest = Differences.largest(analytic);
    Shorter one = steps > 1 ? new Shorter(1) : null;
    Shorter two = steps > 2 ? new Shorter(2) : null;
    for (int k = 0; k < rows.size(); k++) {
      Row row = rows.get(k);
      String name = row.parameter();
      double[] reference = analytic.get(name);
      if (!(row.referenceError() < row.limit()) || row.entries() == 0 && row.kinks() > 0) {
        String guess =
            Comparison.guess(reference, found.get(name), row.layout(), row.limit(), noise);
        rows.set(k, row.with("the reference: " + guess));
      } else if (!(row.kernelError() < KERNEL_LIMIT)) {
        double floor = Differences.floor(reference, largest);
        String guess = ofKernel(row, kernel.get(name), reference, floor, one, two);
        rows.set(k, row.with("the kernels: " + guess));
      }
    }
  }

  private String ofKernel(
      Row row, double[] claimed, double[] reference, double floor, Shorter one, Shorter two) {
    String name = row.parameter();
    double tolerance = Comparison.CLEARLY * KERNEL_LIMIT;
    boolean finite = Arrays.stream(claimed).allMatch(Double::isFinite);
    boolean clearly = !Comparison.agree(claimed, reference, floor, tolerance);
    // Not x, which has another length at T = 1 and steps to tell apart.
    if (!finite || !clearly || steps == 1 || name.equals(NetworkLoss.X)) {
      return Diagnosis.of(claimed, reference, row.layout(), tolerance);
    }
    if (!one.isRight(name)) {
      return Diagnosis.of(one.kernel.get(name), one.reference.get(name), row.layout(), tolerance);
    }
    return two != null && two.isRight(name)
        ? "it is right at T = 1 and at T = 2: is the network chaotic, so that rounding grows from"
            + " step to step, or the gradient cut off in time?"
        : Comparison.throughTime(steps);
  }

  /** Gradients of the kernels and of the reference over fewer steps, from random states. */
  private final class Shorter {
    private final Map<String, double[]> kernel;
    private final Map<String, double[]> reference;

    Shorter(int count) {
      Data first = data == null ? null : data.first(count, steps);
      NetworkLoss shorter = new NetworkLoss(weights, count, batch, first, false, seed);
      try (Bptt bptt = shorter.kernels(weights, seed)) {
        kernel = shorter.kernelGradients(bptt);
      }
      reference = shorter.referenceGradients();
    }

    boolean isRight(String name) {
      double[] right = reference.get(name);
      double floor = Differences.floor(right, Differences.largest(reference));
      return Comparison.agree(kernel.get(name), right, floor, KERNEL_LIMIT);
    }
  }
}
