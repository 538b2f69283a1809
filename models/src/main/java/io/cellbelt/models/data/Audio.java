package io.cellbelt.models.data;

import io.cellbelt.models.ModelFileException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Locale;
import java.util.Objects;

/**
 * A sound in memory. Not thread-safe: it shares the arrays that it was made of.
 *
 * @param sampleRate frames a second, 1 or more
 * @param channels one or more, each with its samples, all equally long
 */
public record Audio(int sampleRate, float[][] channels) {
  private static final int BLOCK = 1 << 12;

  /** Refuses channels of different lengths. */
  public Audio {
    Objects.requireNonNull(channels, "A sound has channels, but got null.");
    if (sampleRate < 1 || channels.length == 0) {
      throw new IllegalArgumentException(
          String.format(
              Locale.ROOT,
              "A sound has 1 or more frames a second and channels, but got %d and %d.",
              sampleRate,
              channels.length));
    }
    for (float[] channel : channels) {
      Objects.requireNonNull(channel, "A channel has samples, but got null.");
      if (channel.length != channels[0].length) {
        throw new IllegalArgumentException(
            "The channels of a sound are equally long, but there are "
                + Arrays.stream(channels).mapToInt(c -> c == null ? -1 : c.length).boxed().toList()
                + " samples.");
      }
    }
  }

  /** Samples of a channel. */
  public int frames() {
    return channels[0].length;
  }

  /**
   * Reads a wav file. It takes up to 4 times the size of the file in memory.
   *
   * @throws ModelFileException if it cannot be read, is no wav file, is truncated, or needs more
   *     than the memory of this JVM
   */
  public static Audio read(Path file) throws ModelFileException {
    try (WavReader reader = WavReader.open(file)) {
      long samples = reader.frames() * reader.channels();
      long memory = Runtime.getRuntime().maxMemory();
      if (reader.frames() > Integer.MAX_VALUE - 8 || samples > memory / Float.BYTES) {
        throw ModelFileException.unreadable(
            file,
            String.format(
                Locale.ROOT,
                "its %d samples do not fit the memory of this JVM, %d MB. Give it more with -Xmx,"
                    + " or read it with WavReader, block by block.",
                samples,
                memory >> 20));
      }
      float[][] channels = new float[reader.channels()][(int) reader.frames()];
      float[] block = new float[blockFrames(channels.length) * channels.length];
      int read;
      for (int done = 0;
          (read = reader.read(block, 0, block.length / channels.length)) > 0;
          done += read) {
        for (int i = 0; i < read * channels.length; i++) {
          channels[i % channels.length][done + i / channels.length] = block[i];
        }
      }
      return new Audio(reader.sampleRate(), channels);
    }
  }

  /**
   * Writes a wav file, which replaces one that is there in one step at the very end.
   *
   * @throws ModelFileException if it cannot be written, or would have 4 GB or more
   */
  public void write(Path file, WavEncoding encoding) throws ModelFileException {
    try (WavWriter writer = WavWriter.create(file, sampleRate, channels.length, encoding)) {
      float[] block = new float[blockFrames(channels.length) * channels.length];
      int count;
      for (int done = 0; done < frames(); done += count) {
        count = Math.min(frames() - done, block.length / channels.length);
        for (int i = 0; i < count * channels.length; i++) {
          block[i] = channels[i % channels.length][done + i / channels.length];
        }
        writer.write(block, 0, count);
      }
      writer.finish();
    }
  }

  static void requireRoom(float[] values, int offset, int frames, int channels) {
    if (offset < 0 || frames < 0 || (long) frames * channels > (long) values.length - offset) {
      throw new IllegalArgumentException(
          String.format(
              Locale.ROOT,
              "An array of %d samples does not hold %d frames of %d channels from index %d on.",
              values.length,
              frames,
              channels,
              offset));
    }
  }

  /** A fixed amount of memory for any number of channels. */
  private static int blockFrames(int channels) {
    return Math.max(1, BLOCK / channels);
  }
}
