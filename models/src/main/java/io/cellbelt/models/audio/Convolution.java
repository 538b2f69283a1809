package io.cellbelt.models.audio;

/**
 * A causal convolution over time.
 *
 * @param inputs channels
 * @param outputs channels
 * @param size of the kernel, in samples
 * @param dilation samples between two of the kernel
 * @param groups of channels that are convolved apart
 * @param weights [outputs, inputs / groups, size], of which the last is for the newest sample
 * @param bias [outputs], or null
 */
record Convolution(
    int inputs, int outputs, int size, int dilation, int groups, float[] weights, float[] bias) {
  /** A kernel of one sample. */
  static Convolution pointwise(int inputs, int outputs, float[] weights, float[] bias) {
    return new Convolution(inputs, outputs, 1, 1, 1, weights, bias);
  }

  /** How many samples before the newest it needs. */
  long past() {
    return (size - 1L) * dilation;
  }
}
