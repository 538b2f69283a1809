package io.cellbelt.models.audio;

/**
 * A convolution over time, causal, and over features.
 *
 * @param features of a sample
 * @param filtersIn values of a feature
 * @param filtersOut values of a feature of the result
 * @param time samples of the kernel
 * @param width features of the kernel
 * @param dilation samples between two of the kernel
 * @param stride features between two results
 * @param padBefore zeros before the first feature
 * @param padAfter zeros after the last feature
 * @param weights [filtersOut, filtersIn, time, width]
 * @param bias [filtersOut]
 */
record Convolution2d(
    int features,
    int filtersIn,
    int filtersOut,
    int time,
    int width,
    int dilation,
    int stride,
    int padBefore,
    int padAfter,
    float[] weights,
    float[] bias) {
  /** How many samples before the newest it needs. */
  long past() {
    return (time - 1L) * dilation;
  }

  /** Values of a sample of the result. */
  int outputs() {
    return ((features + padBefore + padAfter - width) / stride + 1) * filtersOut;
  }
}
