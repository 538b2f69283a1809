package io.cellbelt.models.keras;

import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Which Keras wrote a model, as far as meanings depend on it.
 *
 * @param major 1, 2 or 3
 * @param minor the second number; a large one where the file does not say it
 * @param isTensorFlows whether it is TensorFlow's Keras or a later one: at a masked step, both
 *     directions of a bidirectional layer give zeros, and a layer gives zeros before the first step
 *     that is not masked
 * @param flipsKernels whether convolutions turn their kernels round, as Theano's did
 */
record KerasVersion(int major, int minor, boolean isTensorFlows, boolean flipsKernels) {
  private static final Pattern NUMBERS = Pattern.compile("(\\d{1,4})(?:\\.(\\d{1,4}))?.*");

  private static final int FIRST_MINOR_OF_TENSORFLOW = 4;
  private static final int LATEST = 9999;

  /**
   * Reads a version such as {@code 2.2.4-tf}.
   *
   * @param text null where the file does not say; then it is taken for {@code otherwise}
   * @param backend such as {@code tensorflow}; null where the file does not say
   */
  static KerasVersion of(String text, int otherwise, String backend) {
    boolean flips = "theano".equals(backend);
    Matcher matcher = NUMBERS.matcher(text == null ? "" : text);
    if (!matcher.matches()) {
      return new KerasVersion(otherwise, LATEST, otherwise > 1, flips);
    }
    int major = Math.clamp(Integer.parseInt(matcher.group(1)), 1, 3);
    int minor = matcher.group(2) == null ? 0 : Integer.parseInt(matcher.group(2));
    boolean tensorFlows =
        major == 3 || text.contains("-tf") || (major == 2 && minor >= FIRST_MINOR_OF_TENSORFLOW);
    return new KerasVersion(major, minor, tensorFlows, flips);
  }

  /** Whether layers that merge hand on a mask by the rules of Keras 3.4. */
  boolean mergesMasksByOr() {
    return major == 3 && minor >= 4;
  }
}
