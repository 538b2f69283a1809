package io.cellbelt.models.data;

import io.cellbelt.models.ModelFileException;
import java.io.BufferedInputStream;
import java.io.DataInputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Objects;

/**
 * Reads a wav file of any length block by block: 8, 16, 24 and 32-bit whole numbers, 32 and 64-bit
 * floats, any number of channels, also in the extensible form and as RF64. Takes a fixed amount of
 * memory. Not thread-safe.
 */
public final class WavReader implements AutoCloseable {
  private static final int CHUNK_BYTES = 1 << 16;

  private final Path file;
  private final DataInputStream in;
  private final WavHeader header;
  private final byte[] bytes;
  private long left;

  private WavReader(Path file, DataInputStream in, WavHeader header) {
    this.file = file;
    this.in = in;
    this.header = header;
    this.left = header.frames();
    int frame = header.channels() * header.encoding().bytes();
    this.bytes = new byte[Math.max(1, CHUNK_BYTES / frame) * frame];
  }

  /**
   * Opens a file at its first sample.
   *
   * @throws ModelFileException if it cannot be read, is no wav file, or is truncated
   */
  public static WavReader open(Path file) throws ModelFileException {
    Objects.requireNonNull(file, "Sound is read from a file, but got null.");
    try {
      long size = Files.size(file);
      DataInputStream in = new DataInputStream(new BufferedInputStream(Files.newInputStream(file)));
      try {
        return new WavReader(file, in, WavHeader.read(in, size, file));
      } catch (IOException | RuntimeException | Error e) {
        in.close();
        throw e;
      }
    } catch (IOException e) {
      throw ModelFileException.unreadable(file, e);
    }
  }

  /** Frames a second. */
  public int sampleRate() {
    return header.sampleRate();
  }

  /** Samples of a frame. */
  public int channels() {
    return header.channels();
  }

  /** How samples lie in the file. */
  public WavEncoding encoding() {
    return header.encoding();
  }

  /** Frames of the whole file. */
  public long frames() {
    return header.frames();
  }

  /**
   * Reads the next frames, whole numbers as values from -1 to 1.
   *
   * @param values takes frame after frame, each of all channels
   * @param offset of the first sample in {@code values}
   * @param frames at most
   * @return the frames that were read: fewer than asked for only at the end
   * @throws IllegalArgumentException if {@code values} is too short for so many frames
   * @throws ModelFileException if the file cannot be read, or became shorter
   */
  public int read(float[] values, int offset, int frames) throws ModelFileException {
    Objects.requireNonNull(values, "Samples are read into an array, but got null.");
    Audio.requireRoom(values, offset, frames, channels());
    int count = (int) Math.min(frames, left);
    int frame = channels() * encoding().bytes();
    try {
      int chunk;
      for (int done = 0; done < count; done += chunk) {
        chunk = Math.min(count - done, bytes.length / frame);
        if (in.readNBytes(bytes, 0, chunk * frame) < chunk * frame) {
          throw ModelFileException.unreadable(
              file, "it became shorter while it was read. Wait until it is complete.");
        }
        ByteBuffer samples =
            ByteBuffer.wrap(bytes, 0, chunk * frame).order(ByteOrder.LITTLE_ENDIAN);
        encoding().decode(samples, values, offset + done * channels(), chunk * channels());
        left -= chunk;
      }
    } catch (IOException e) {
      throw ModelFileException.unreadable(file, e);
    }
    return count;
  }

  @Override
  public void close() throws ModelFileException {
    try {
      in.close();
    } catch (IOException e) {
      throw ModelFileException.unreadable(file, e);
    }
  }
}
