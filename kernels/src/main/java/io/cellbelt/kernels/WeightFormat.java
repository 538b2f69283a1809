package io.cellbelt.kernels;

import java.util.Locale;

/**
 * How the numbers of a matrix are stored. Arithmetic, state and sums are 32-bit floats in any case:
 * a smaller format saves memory traffic, which is what bounds the step of a single stream.
 */
public enum WeightFormat {
  /** 32-bit floats. */
  F32(1) {
    @Override
    float encode(float[] column, int[] words) {
      for (int k = 0; k < column.length; k++) {
        words[k] = Float.floatToRawIntBits(column[k]);
      }
      return 1;
    }

    @Override
    float decode(int word, int part) {
      return Float.intBitsToFloat(word);
    }
  },

  /**
   * bfloat16: the upper half of a float, rounded to nearest even, so a relative error of at most
   * 2^-9 a weight. Results have the bits of an f32 network with the rounded weights.
   */
  BF16(2) {
    @Override
    float encode(float[] column, int[] words) {
      for (int k = 0; k < column.length; k++) {
        words[k / 2] |= k % 2 == 0 ? rounded(column[k]) : rounded(column[k]) << 16;
      }
      return 1;
    }

    // The upper half of a finite float, never that of infinity.
    private static int rounded(float value) {
      int bits = Float.floatToRawIntBits(value);
      int nearest = bits + 0x7fff + (bits >>> 16 & 1) >>> 16;
      return (nearest & 0x7f80) == 0x7f80 ? bits >>> 16 : nearest;
    }

    @Override
    float decode(int word, int part) {
      return Float.intBitsToFloat(part == 0 ? word << 16 : word & 0xffff0000);
    }
  },

  /**
   * 8-bit integers with one scale per output: an error of at most half a step a weight, which is
   * 1/254 of the largest weight of its output, and none on average. Columns whose weights are all
   * under 1e-20 become zero.
   */
  INT8(4) {
    // Kernels shift a byte to the top of its word and do not clear the bytes below, so a weight is
    // its byte plus a fraction that the weights before it have left there; the byte is chosen so
    // that the two together are nearest.
    @Override
    float encode(float[] column, int[] words) {
      float largest = 0;
      for (float weight : column) {
        largest = Math.max(largest, Math.abs(weight));
      }
      if (largest < 1e-20f) {
        return 1;
      }
      double step = largest / 127.0;
      for (int k = 0; k < column.length; k++) {
        int shift = 8 * (k % 4);
        double fraction = Integer.toUnsignedLong(words[k / 4]) / (double) (1L << shift);
        int nearest = (int) Math.clamp(Math.rint(column[k] / step - fraction), -128, 127);
        words[k / 4] |= (nearest & 0xff) << shift;
      }
      return (float) (step / (1 << 24));
    }

    @Override
    float decode(int word, int part) {
      return word << 8 * (3 - part);
    }
  };

  private final int perWord;

  WeightFormat(int perWord) {
    this.perWord = perWord;
  }

  /** The name in options and reports, such as {@code bf16}. */
  public String label() {
    return name().toLowerCase(Locale.ROOT);
  }

  /** Weights of one output in 32 bits. */
  public int perWord() {
    return perWord;
  }

  /**
   * Stores the weights of one output.
   *
   * @param column finite weights by k
   * @param words zeros, which become the words
   * @return the scale, which a decoded weight is to be multiplied by
   */
  abstract float encode(float[] column, int[] words);

  /** The weight at a place of its word, not scaled. */
  abstract float decode(int word, int part);
}
