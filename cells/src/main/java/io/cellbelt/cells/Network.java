package io.cellbelt.cells;

import java.time.Duration;
import java.util.Objects;

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
    Objects.requireNonNull(weights, "A network needs weights, but got null.");
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
   * Runs steps until the JVM has compiled this network, for 30 seconds at most; see {@link
   * #warmUp(Duration)}.
   */
  public WarmUp warmUp() {
    return warmUp(WarmUp.LIMIT);
  }

  /**
   * Runs steps until the JVM has compiled what steps, runs and batches of this network use, so that
   * the first of a service is as fast as the millionth. Best called before the service reports that
   * it is ready, once for each network.
   *
   * <p>It ends when for a fifth of a second no way of stepping has allocated, the JVM's compiler
   * has had no method of this library in hand, and no way has become faster. That takes about a
   * second (docs/warm-up.md).
   *
   * <p>Steps run in this thread, on streams of its own: those that are open are not touched, and
   * may be used meanwhile. May be called from any thread.
   *
   * @param atMost how long to go on; each way of stepping is tried once at least
   * @return how it went: a warm-up that was cut short is no error, only slow first steps
   * @throws IllegalArgumentException if the duration is not positive
   * @throws IllegalStateException if the network is closed
   */
  public WarmUp warmUp(Duration atMost) {
    return WarmUp.of(this, atMost);
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
