package io.cellbelt.app;

import io.cellbelt.graphs.Tensor;
import io.cellbelt.models.ModelFileException;
import io.cellbelt.models.data.WavReader;

/** Frames of numbers, read once from the first to the last: a sound, or the rows of a table. */
sealed interface Frames extends AutoCloseable {
  /** Numbers of a frame. */
  int channels();

  /** How many frames there are. */
  long count();

  /**
   * Reads the next frames.
   *
   * @param to takes frame after frame
   * @param offset where in it the first goes
   * @param frames at most
   * @return how many there were: fewer only at the end
   */
  int read(double[] to, int offset, int frames) throws ModelFileException;

  @Override
  void close() throws ModelFileException;

  /** A sound, read block by block. */
  final class Sound implements Frames {
    private final WavReader reader;
    private float[] block = {};

    Sound(WavReader reader) {
      this.reader = reader;
    }

    @Override
    public int channels() {
      return reader.channels();
    }

    @Override
    public long count() {
      return reader.frames();
    }

    @Override
    public int read(double[] to, int offset, int frames) throws ModelFileException {
      int most = frames * channels();
      block = block.length < most ? new float[most] : block;
      int read = reader.read(block, 0, frames);
      for (int i = 0; i < read * channels(); i++) {
        to[offset + i] = block[i];
      }
      return read;
    }

    @Override
    public void close() throws ModelFileException {
      reader.close();
    }
  }

  /** The rows of a tensor: all but its first dimension is a row. */
  final class Rows implements Frames {
    private final Tensor rows;
    private final int count;
    private int next;

    Rows(Tensor rows) {
      this.rows = rows;
      count = rows.rank() == 0 ? 1 : rows.shape()[0];
    }

    @Override
    public int channels() {
      return count == 0 ? 1 : rows.size() / count;
    }

    @Override
    public long count() {
      return count;
    }

    @Override
    public int read(double[] to, int offset, int frames) {
      int read = Math.min(frames, count - next);
      int from = next * channels();
      for (int i = 0; i < read * channels(); i++) {
        to[offset + i] = rows.doubleAt(from + i);
      }
      next += read;
      return read;
    }

    @Override
    public void close() {}
  }
}
