package io.cellbelt.kernels.checks;

import java.util.Arrays;
import java.util.stream.Collectors;

/** Products and sums of sizes that never wrap around to a small or negative number. */
public final class Sizes {
  private Sizes() {}

  /**
   * A product of sizes as an int.
   *
   * @param what is counted, such as "floats of x"
   * @param factors 0 or more
   * @throws IllegalArgumentException if one is negative, or the product is 2^31 or more
   */
  public static int product(String what, int... factors) {
    // Asked for in every call of a graph, so that nothing is allocated.
    long product = 1;
    boolean negative = false;
    for (int factor : factors) {
      product = times(product, factor);
      negative |= factor < 0;
    }
    if (product > Integer.MAX_VALUE || negative) {
      throw tooMany(what, " * ", factors);
    }
    return (int) product;
  }

  /**
   * A sum of sizes as an int.
   *
   * @param what is counted, such as "rows"
   * @param terms 0 or more
   * @throws IllegalArgumentException if one is negative, or the sum is 2^31 or more
   */
  public static int sum(String what, int... terms) {
    long sum = 0;
    boolean negative = false;
    for (int term : terms) {
      sum += term;
      negative |= term < 0;
    }
    if (sum > Integer.MAX_VALUE || negative) {
      throw tooMany(what, " + ", terms);
    }
    return (int) sum;
  }

  /** A product of sizes of 0 or more, or the largest long where it is larger still. */
  public static long times(long a, long b) {
    return Math.multiplyHigh(a, b) != 0 || a * b < 0 ? Long.MAX_VALUE : a * b;
  }

  /** A sum of sizes of 0 or more, or the largest long where it is larger still. */
  public static long plus(long a, long b) {
    return a + b < 0 ? Long.MAX_VALUE : a + b;
  }

  private static IllegalArgumentException tooMany(String what, String sign, int[] sizes) {
    String all = Arrays.stream(sizes).mapToObj(String::valueOf).collect(Collectors.joining(sign));
    return new IllegalArgumentException(
        "There are 0 or more and fewer than 2^31 " + what + ", but got " + all + ".");
  }
}
