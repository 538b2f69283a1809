package io.cellbelt.app;

/**
 * One row of {@code cellbelt bench}, with the names of its JSON form in camel case; {@link
 * BenchCommand} says what each means.
 */
record BenchResult(
    String cell,
    String weights,
    String mode,
    int input,
    int hidden,
    int steps,
    int batch,
    double medianUs,
    double bestUs,
    double speedOverF32,
    long bytesPerCall,
    double gflops,
    double weightGbPerS,
    double limitGbPerS,
    double limitGflops,
    double fractionOfLimit) {

  /** Whether reading the weights would take longer than the arithmetic, at the limits. */
  boolean boundByReading() {
    return weightGbPerS / limitGbPerS >= gflops / limitGflops;
  }
}
