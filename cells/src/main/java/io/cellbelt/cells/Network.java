package io.cellbelt.cells;

/**
 * An immutable network of recurrent layers, ready to be streamed through.
 *
 * <p>Thread safety: streams may be opened, used and closed from any threads; they share the
 * weights. Ownership: the network owns its weights; its streams must be closed before it.
 *
 * <pre>{@code
 * try (Network network = new Network(Weights.random(Architecture.of(new Lstm(8, 32)), 1));
 *     Stream stream = network.newStream()) {
 *   stream.step(x, y);
 * }
 * }</pre>
 */
public final class Network implements AutoCloseable {
  private static final int MAX_STREAMS = 1_000_000;

  private final Weights weights;

  /** A network that owns the weights. */
  public Network(Weights weights) {
    this.weights = weights;
  }

  /** What it is made of. */
  public Architecture architecture() {
    return weights.architecture();
  }

  /** Its numbers. */
  public Weights weights() {
    return weights;
  }

  /**
   * A stream with zero state.
   *
   * @throws IllegalStateException if the network is closed
   */
  public Stream newStream() {
    return new Stream(newStreams(1));
  }

  /**
   * Streams that are advanced together, with zero states.
   *
   * @param count how many, 1 to {@value #MAX_STREAMS}
   * @throws IllegalArgumentException if count is out of range
   * @throws IllegalStateException if the network is closed
   */
  public Streams newStreams(int count) {
    if (count < 1 || count > MAX_STREAMS) {
      throw new IllegalArgumentException(
          "Streams that are advanced together are 1 to "
              + MAX_STREAMS
              + ", but got "
              + count
              + ".");
    }
    return new Streams(weights, count);
  }

  /**
   * Gives the weights' memory back. Closing again does nothing.
   *
   * @throws IllegalStateException if streams are still open
   */
  @Override
  public void close() {
    weights.close();
  }
}
