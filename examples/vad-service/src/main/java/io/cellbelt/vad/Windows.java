package io.cellbelt.vad;

import java.util.Arrays;

/**
 * Cuts a sound that comes in pieces of any length into windows: {@value #HOP} samples each, after
 * the last {@value #CONTEXT} of the window before. Not thread-safe.
 */
final class Windows {
  /** Samples by which windows follow each other: 32 ms. */
  static final int HOP = 512;

  /** Samples that a window repeats. */
  static final int CONTEXT = 64;

  /** Samples of a window. */
  static final int SIZE = CONTEXT + HOP;

  /** Seconds by which windows follow each other. */
  static final double SECONDS = (double) HOP / Model.RATE;

  private final float[] window = new float[SIZE];
  private int filled = CONTEXT;

  /** The first byte of a sample whose second has not come, or -1. */
  private int half = -1;

  /**
   * Takes bytes until a window is full, or there are no more.
   *
   * @param pcm samples of 16 bits, the low byte first
   * @param from where to begin
   * @return where the next call begins
   */
  int take(byte[] pcm, int from) {
    int at = from;
    if (half >= 0 && at < pcm.length && !isFull()) {
      put(half, pcm[at++]);
      half = -1;
    }
    while (at + 1 < pcm.length && !isFull()) {
      put(pcm[at], pcm[at + 1]);
      at += 2;
    }
    if (at + 1 == pcm.length && !isFull()) {
      half = pcm[at++] & 0xff;
    }
    return at;
  }

  private void put(int low, int high) {
    window[filled++] = (short) (low & 0xff | high << 8) / 32768f;
  }

  /** Whether a window can be looked at. */
  boolean isFull() {
    return filled == SIZE;
  }

  /** The window, to be read only. */
  float[] samples() {
    return window;
  }

  /** Goes on to the next window. */
  void next() {
    System.arraycopy(window, HOP, window, 0, CONTEXT);
    filled = CONTEXT;
  }

  /**
   * Ends the sound: silence fills the last window.
   *
   * @return false if nothing has come since the window before
   */
  boolean pad() {
    half = -1;
    boolean some = filled > CONTEXT;
    if (some) {
      Arrays.fill(window, filled, SIZE, 0);
      filled = SIZE;
    }
    return some;
  }
}
