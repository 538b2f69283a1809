package io.cellbelt.models.data;

import io.cellbelt.models.ModelFileException;
import io.cellbelt.models.files.AtomicDraft;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Objects;

/**
 * Writes a wav file block by block, which is there when {@link #finish} is done: until then a file
 * that was there is untouched, and {@link #close} leaves it so. Takes a fixed amount of memory. Not
 * thread-safe.
 */
public final class WavWriter implements AutoCloseable {
  private static final int CHUNK_BYTES = 1 << 16;
  private static final int MOST_CHANNELS = 0xffff / Double.BYTES;
  private static final long MOST_BYTES = 0xffffffffL;

  private final Path target;
  private final AtomicDraft draft;
  private final int sampleRate;
  private final int channels;
  private final WavEncoding encoding;
  private final byte[] bytes;
  private long frames;
  private boolean finished;

  private WavWriter(Path target, int sampleRate, int channels, WavEncoding encoding)
      throws IOException {
    this.target = target;
    this.sampleRate = sampleRate;
    this.channels = channels;
    this.encoding = encoding;
    int frame = channels * encoding.bytes();
    this.bytes = new byte[Math.max(1, CHUNK_BYTES / frame) * frame];
    this.draft = AtomicDraft.of(target);
  }

  /**
   * Begins a file.
   *
   * @param sampleRate frames a second, 1 or more
   * @param channels samples of a frame, 1 to 8191
   * @throws IllegalArgumentException if a number is out of range
   * @throws ModelFileException if the file cannot be written
   */
  public static WavWriter create(Path target, int sampleRate, int channels, WavEncoding encoding)
      throws ModelFileException {
    Objects.requireNonNull(target, "Sound is written to a file, but got null.");
    Objects.requireNonNull(encoding, "Samples are encoded, but got null.");
    if (sampleRate < 1 || channels < 1 || channels > MOST_CHANNELS) {
      throw new IllegalArgumentException(
          String.format(
              Locale.ROOT,
              "A wav file has 1 or more frames a second and 1 to %d channels, but got %d and %d.",
              MOST_CHANNELS,
              sampleRate,
              channels));
    }
    try {
      WavWriter writer = new WavWriter(target, sampleRate, channels, encoding);
      try {
        writer.draft.file().write(writer.header());
        return writer;
      } catch (IOException | RuntimeException | Error e) {
        writer.draft.close();
        throw e;
      }
    } catch (IOException e) {
      throw AtomicDraft.unwritable(target, e);
    }
  }

  /**
   * Writes the next frames. Whole numbers are rounded; values outside -1 to 1 become the nearest
   * that there is, and NaN becomes 0.
   *
   * @param values frame after frame, each of all channels
   * @param offset of the first sample in {@code values}
   * @param count frames
   * @throws IllegalArgumentException if {@code values} has fewer frames
   * @throws ModelFileException if the file cannot be written, or would have 4 GB or more
   * @throws IllegalStateException after {@link #finish} or {@link #close}
   */
  public void write(float[] values, int offset, int count) throws ModelFileException {
    Objects.requireNonNull(values, "Samples are written from an array, but got null.");
    Audio.requireRoom(values, offset, count, channels);
    requireOpen();
    int frame = channels * encoding.bytes();
    if (header().length + (frames + count) * frame >= MOST_BYTES) {
      throw AtomicDraft.unwritable(target, "a wav file has fewer than 4 GB. Write several.");
    }
    try {
      int chunk;
      for (int done = 0; done < count; done += chunk) {
        chunk = Math.min(count - done, bytes.length / frame);
        ByteBuffer samples = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
        encoding.encode(values, offset + done * channels, chunk * channels, samples);
        draft.file().write(bytes, 0, chunk * frame);
        frames += chunk;
      }
    } catch (IOException e) {
      throw AtomicDraft.unwritable(target, e);
    }
  }

  /**
   * Completes the file and puts it in its place.
   *
   * @throws ModelFileException if that fails; a file that was there is untouched
   * @throws IllegalStateException after {@link #finish} or {@link #close}
   */
  public void finish() throws ModelFileException {
    requireOpen();
    finished = true;
    try {
      if ((dataBytes() & 1) == 1) {
        draft.file().write(0);
      }
      draft.file().seek(0);
      draft.file().write(header());
      draft.commit();
    } catch (IOException e) {
      throw AtomicDraft.unwritable(target, e);
    }
  }

  /** Drops what was written, unless the file is finished. */
  @Override
  public void close() throws ModelFileException {
    finished = true;
    try {
      draft.close();
    } catch (IOException e) {
      throw AtomicDraft.unwritable(target, e);
    }
  }

  private void requireOpen() {
    if (finished) {
      throw new IllegalStateException("This wav file is finished or closed; create another.");
    }
  }

  private long dataBytes() {
    return frames * channels * encoding.bytes();
  }

  /** What stands before the samples, for as many as there are now. */
  private byte[] header() {
    boolean whole = encoding.tag() == 1;
    int formatBytes = whole ? 16 : 18;
    // A number of frames stands beside all formats but plain whole numbers.
    ByteBuffer header =
        ByteBuffer.allocate(20 + formatBytes + (whole ? 0 : 12) + 8).order(ByteOrder.LITTLE_ENDIAN);
    int frame = channels * encoding.bytes();
    long data = dataBytes();
    put(header, "RIFF", header.capacity() - 8 + data + (data & 1));
    header.put("WAVE".getBytes(StandardCharsets.US_ASCII));
    put(header, "fmt ", formatBytes);
    header.putShort((short) encoding.tag()).putShort((short) channels).putInt(sampleRate);
    header.putInt((int) Math.min(Integer.MAX_VALUE, (long) sampleRate * frame));
    header.putShort((short) frame).putShort((short) (encoding.bytes() * Byte.SIZE));
    if (!whole) {
      header.putShort((short) 0);
      put(header, "fact", Integer.BYTES);
      header.putInt((int) frames);
    }
    put(header, "data", data);
    return header.array();
  }

  private static void put(ByteBuffer header, String chunk, long size) {
    header.put(chunk.getBytes(StandardCharsets.US_ASCII)).putInt((int) size);
  }
}
