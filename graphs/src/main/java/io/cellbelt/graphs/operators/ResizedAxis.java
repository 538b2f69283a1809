package io.cellbelt.graphs.operators;

import io.cellbelt.graphs.plan.Site;

/**
 * How the indices of a resized dimension lie among those of the original.
 *
 * @param input size of the original
 * @param output size of the result
 * @param scale how much larger the result is
 * @param width size of the result before it was rounded
 * @param start of the part that is resized, where 0 is the first element and 1 the last
 * @param end of that part
 */
record ResizedAxis(int input, int output, double scale, double width, double start, double end) {
  /** What points outside of the original are in this mode, and only there, is a fixed value. */
  static final String CROP = "tf_crop_and_resize";

  /** Where all indices of the result lie in the original: between its indices, or outside. */
  double[] coordinates(Site site, String mode) {
    double[] all = new double[output];
    for (int i = 0; i < output; i++) {
      all[i] = coordinate(site, mode, i);
    }
    return all;
  }

  private double coordinate(Site site, String mode, int index) {
    double last = input - 1;
    double halves = (index + 0.5) / scale - 0.5;
    return switch (mode) {
      case "half_pixel" -> halves;
      case "half_pixel_symmetric" -> input / 2.0 * (1 - output / width) + halves;
      case "pytorch_half_pixel" -> width == 1 ? -0.5 : halves;
      case "align_corners" -> width == 1 ? 0 : index * last / (width - 1);
      case "asymmetric" -> index / scale;
      case "tf_half_pixel_for_nn" -> (index + 0.5) / scale;
      case CROP ->
          start * last
              + (width == 1
                  ? (end - start) * last / 2
                  : index * (end - start) * last / (width - 1));
      default -> throw site.refuse("there is no transformation of coordinates '" + mode + "'.");
    };
  }

  /** Whether there is nothing of the original at a coordinate. */
  boolean isOutside(double coordinate) {
    return !(coordinate >= 0 && coordinate <= input - 1);
  }

  /** The nearest index to a coordinate. */
  int nearest(Site site, String mode, double coordinate) {
    double low = Math.floor(coordinate);
    double rest = coordinate - low;
    boolean up =
        switch (mode) {
          case "round_prefer_floor" -> rest > 0.5;
          case "round_prefer_ceil" -> rest >= 0.5;
          case "floor" -> false;
          case "ceil" -> rest > 0;
          // Up to opset 10.
          case "" -> rest > 0 && scale < 1;
          default -> throw site.refuse("there is no rounding '" + mode + "' to the nearest.");
        };
    return inside(up ? low + 1 : low);
  }

  private int inside(double index) {
    return (int) Math.clamp(index, 0, input - 1);
  }

  /**
   * Indices whose weighted sums the elements of the result are.
   *
   * @param count indices for each element
   * @param indices {@code [output, count]}
   * @param weights {@code [output, count]}
   */
  record Taps(int count, int[] indices, double[] weights) {}

  /** The two, or four, nearest indices to each coordinate, where the first and last go on. */
  Taps taps(double[] coordinates, boolean cubic, double a, boolean excludeOutside) {
    int count = cubic ? 4 : 2;
    int[] indices = new int[count * output];
    double[] weights = new double[count * output];
    for (int i = 0; i < output; i++) {
      double low = Math.floor(coordinates[i]);
      double rest = coordinates[i] - low;
      double sum = 0;
      for (int tap = 0; tap < count; tap++) {
        double index = low + tap - (cubic ? 1 : 0);
        double weight = cubic ? cubic(Math.abs(coordinates[i] - index), a) : linear(rest, tap);
        boolean left = excludeOutside && isOutside(index);
        indices[count * i + tap] = inside(index);
        weights[count * i + tap] = left ? 0 : weight;
        sum += left ? 0 : weight;
      }
      for (int tap = 0; excludeOutside && sum != 0 && tap < count; tap++) {
        weights[count * i + tap] /= sum;
      }
    }
    return new Taps(count, indices, weights);
  }

  private static double linear(double rest, int tap) {
    return tap == 0 ? 1 - rest : rest;
  }

  /** The weight of what lies so far away, under 2, by Keys. */
  private static double cubic(double x, double a) {
    return x <= 1 ? ((a + 2) * x - (a + 3)) * x * x + 1 : ((a * x - 5 * a) * x + 8 * a) * x - 4 * a;
  }
}
