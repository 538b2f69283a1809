package io.cellbelt.vad;

/**
 * What runs the model: streams of windows, each of which gives the probability of speech.
 *
 * <p>Thread safety: any number of threads, as long as each stream has one user at a time.
 */
interface Engine extends AutoCloseable {
  /** Opens a stream and returns the number that stands for it. */
  int open();

  /**
   * One window of a stream.
   *
   * @param x {@link Windows#SIZE} samples
   * @param y one probability; written
   */
  void step(int stream, float[] x, float[] y);

  /**
   * One window of each of some streams, for a caller that has several at hand.
   *
   * @param streams which, each once
   * @param x their windows, one after the other
   * @param y their probabilities; written
   */
  void advance(int[] streams, float[] x, float[] y);

  /** Closes a stream. Its number may then be given again. */
  void close(int stream);

  /** Bytes that one more stream takes. */
  long bytesPerStream();

  /** Closes what streams share, after them. */
  @Override
  void close();
}
