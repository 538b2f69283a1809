package io.cellbelt.kernels.simd;

import java.util.List;
import java.util.Locale;
import java.util.Optional;

/**
 * The library's system properties, read once. A value that none of them takes counts as the
 * default, and {@link #problem} tells about it: a static field that cannot be computed would make
 * the classes of the kernels unusable, with errors that no longer say why.
 */
public final class Settings {
  /** Forces the width of vectors. */
  public static final String VECTOR_BITS = "cellbelt.vectorBits";

  /** Bounds-checks every access. */
  public static final String CHECKED_SEGMENTS = "cellbelt.checkedSegments";

  /** Starts the library where the kernels would be slow. */
  public static final String ALLOW_SLOW = "cellbelt.allowSlow";

  private static final String PREFERRED = "preferred";
  private static final List<String> WIDTHS = List.of(PREFERRED, "128", "256", "512");
  private static final List<String> SWITCH = List.of("true", "false");

  private static final String BITS = System.getProperty(VECTOR_BITS, PREFERRED);
  private static final String CHECKED = lowerCase(CHECKED_SEGMENTS);
  private static final String SLOW = lowerCase(ALLOW_SLOW);

  private Settings() {}

  /** Bits of a vector, or 0 for what the JVM prefers. */
  public static int vectorBits() {
    return BITS.equals(PREFERRED) || !WIDTHS.contains(BITS) ? 0 : Integer.parseInt(BITS);
  }

  /** Whether every access is bounds-checked. */
  public static boolean checkedSegments() {
    return CHECKED.equals("true");
  }

  /** Whether kernels may be slow. */
  public static boolean allowSlow() {
    return SLOW.equals("true");
  }

  /** What is wrong with a property, as a sentence that says what to do. */
  public static Optional<String> problem() {
    if (!WIDTHS.contains(BITS)) {
      return Optional.of(
          VECTOR_BITS
              + " is 128, 256 or 512, but it is set to '"
              + BITS
              + "'; correct it or leave it out to use the width the JVM prefers.");
    }
    return wrongSwitch(CHECKED_SEGMENTS, CHECKED).or(() -> wrongSwitch(ALLOW_SLOW, SLOW));
  }

  private static String lowerCase(String name) {
    return System.getProperty(name, "false").toLowerCase(Locale.ROOT);
  }

  private static Optional<String> wrongSwitch(String name, String value) {
    return SWITCH.contains(value)
        ? Optional.empty()
        : Optional.of(
            name
                + " is true or false, but it is set to '"
                + value
                + "'; correct it or leave it out.");
  }
}
