package io.cellbelt.vad;

import io.cellbelt.models.data.Audio;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Path;

/**
 * The sound that a load is made of, heard by each stream from another place on, round and round,
 * and what the library itself says of it. Immutable, thread-safe.
 */
final class Recording {
  /** Samples between the places where streams begin: no multiple of a window. */
  private static final int SHIFT = 9973;

  private final float[] samples;
  private final byte[] pcm;
  private final float[][] expected;

  private Recording(float[] samples, float[][] expected) {
    this.samples = samples;
    this.expected = expected;
    ByteBuffer bytes = ByteBuffer.allocate(2 * samples.length).order(ByteOrder.LITTLE_ENDIAN);
    for (float sample : samples) {
      bytes.putShort((short) Math.round(sample * 32768));
    }
    pcm = bytes.array();
  }

  /**
   * Reads a sound and calculates what is expected.
   *
   * @param sound a wav file of 16 bits, 16 kHz and one channel
   * @param places how many places streams begin at
   * @param windows how many windows each stream hears
   */
  static Recording of(Model model, Path sound, int places, int windows) throws IOException {
    Audio audio = Audio.read(sound);
    if (audio.sampleRate() != Model.RATE || audio.channels().length != 1) {
      throw new IllegalArgumentException(
          "The sound has one channel and "
              + Model.RATE
              + " samples a second, but "
              + sound
              + " has "
              + audio.channels().length
              + " and "
              + audio.sampleRate()
              + "; convert it first.");
    }
    float[] samples = audio.channels()[0];
    float[][] expected = new float[places][];
    for (int i = 0; i < places; i++) {
      expected[i] = model.offline(samples, i * SHIFT, windows);
    }
    return new Recording(samples, expected);
  }

  /** How many windows of each stream there is an expectation for. */
  int windows() {
    return expected[0].length;
  }

  private int at(int stream, int window, int sample) {
    long from = (long) (stream % expected.length) * SHIFT + (long) window * Windows.HOP;
    return Math.floorMod(from + sample, samples.length);
  }

  /** Adds the sound that completes a window to a message. */
  void message(int stream, int window, ByteBuffer out) {
    int from = 2 * at(stream, window, 0);
    int first = Math.min(2 * Windows.HOP, pcm.length - from);
    out.put(pcm, from, first).put(pcm, 0, 2 * Windows.HOP - first);
  }

  /** Writes a whole window. */
  void window(int stream, int window, float[] x, int to) {
    for (int i = 0; i < Windows.SIZE; i++) {
      boolean before = window == 0 && i < Windows.CONTEXT;
      x[to + i] = before ? 0 : samples[at(stream, window, i - Windows.CONTEXT)];
    }
  }

  /** Whether an answer is the right one. */
  boolean isRight(int stream, int window, float probability, float tolerance) {
    float right = expected[stream % expected.length][window];
    return tolerance == 0
        ? Float.floatToIntBits(probability) == Float.floatToIntBits(right)
        : Math.abs(probability - right) <= tolerance;
  }
}
