package io.cellbelt.cells;

import io.cellbelt.cells.engine.NetworkPlan;
import io.cellbelt.cells.engine.ParameterSlab;
import io.cellbelt.kernels.WeightFormat;
import io.cellbelt.kernels.simd.LibrarySlab;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Objects;
import java.util.ServiceLoader;

/**
 * An immutable network of recurrent layers, ready to be streamed through.
 *
 * <p>Thread safety: streams may be opened, used and closed from any threads; they share the packed
 * weights. Ownership: a network owns off-heap memory, the packed weights, and is closed by whoever
 * made it, after its streams.
 *
 * <pre>{@code
 * try (Network network = Network.open(Path.of("model.safetensors"));
 *     Stream stream = network.newStream()) {
 *   stream.step(x, y);
 * }
 * }</pre>
 */
public final class Network implements AutoCloseable {
  private static final int MAX_STREAMS = 1_000_000;

  private final ParameterSlab parameters;
  private final NetworkPlan plan;
  private final StreamPool pool;

  /**
   * A network with these weights, packed for this CPU in their format.
   *
   * @throws IllegalStateException if this JVM would run the kernels slowly
   */
  public Network(Weights weights) {
    Objects.requireNonNull(weights, "A network needs weights, but got null.");
    parameters = weights.pack();
    try {
      plan = new NetworkPlan(parameters, false);
      pool = new StreamPool(parameters, plan);
    } catch (Throwable e) {
      parameters.close();
      throw e;
    }
  }

  /**
   * The network of a model file, with 32-bit floats. Needs a {@link ModelReader}, such as that of
   * {@code io.cellbelt:cellbelt-models}, on the module path or class path.
   *
   * @throws IOException if the file cannot be read or is no model, with a sentence that says why
   * @throws IllegalStateException if there is no reader, or this JVM would run the kernels slowly
   */
  public static Network open(Path file) throws IOException {
    return open(file, WeightFormat.F32);
  }

  /**
   * The network of a model file, with its matrices in a format; see {@link #open(Path)} and {@link
   * Weights#to}.
   *
   * @throws IOException if the file cannot be read or is no model, with a sentence that says why
   * @throws IllegalStateException if there is no reader, or this JVM would run the kernels slowly
   */
  public static Network open(Path file, WeightFormat format) throws IOException {
    Objects.requireNonNull(file, "A network is opened from a file, but got null.");
    Objects.requireNonNull(format, "A network has a weight format, but got null.");
    return new Network(reader().read(file).to(format));
  }

  /** Of the thread's class loader, or of this library's. */
  private static ModelReader reader() {
    ClassLoader own = Network.class.getClassLoader();
    return ServiceLoader.load(ModelReader.class)
        .findFirst()
        .or(() -> ServiceLoader.load(ModelReader.class, own).findFirst())
        .orElseThrow(
            () ->
                new IllegalStateException(
                    "Nothing here reads model files; add io.cellbelt:cellbelt-models to the module"
                        + " path or class path."));
  }

  /** Its input, layers and readout, which also tell the sizes of x and y. */
  public Architecture architecture() {
    return parameters.architecture();
  }

  /**
   * A copy of its numbers, with their format: those that the kernels calculate with, so rounded
   * ones where the network is quantised.
   *
   * @throws IllegalStateException if the network is closed
   */
  public Weights weights() {
    LibrarySlab slab = parameters.slab();
    slab.acquire();
    try {
      return Weights.of(parameters);
    } finally {
      slab.release();
    }
  }

  /** Bytes held off-heap: the packed weights, without streams and scratch. */
  public long byteSize() {
    return parameters.byteSize();
  }

  /**
   * Bytes that each stream holds off-heap: its states, {@link Stream#saveState}, in whole cache
   * lines of 64 bytes. Memory of single streams is allocated for some of them at once; what is not
   * in use yet is less than 64 bytes for each that is open.
   */
  public long streamBytes() {
    return plan.stateBytes();
  }

  /**
   * Bytes off-heap of the scratch for some rows, one for each step and stream that are computed at
   * once.
   *
   * <p>For {@link Stream}s there are as many scratches as threads have computed at the same time,
   * and all stay with the network; each has 1 row, or 32 once it has run several steps. {@link
   * Streams} have a scratch of their own: a row for each stream up to {@value
   * Scratch#MOST_STREAMS}, and twice as many whenever one more is opened than it has; and {@value
   * Scratch#MOST_STREAMS} at most once they have run several steps. Networks that need {@linkplain
   * Architecture#needsWholeSequences whole sequences} have a row for each step of each stream.
   *
   * @param rows how many, 1 or more
   * @throws IllegalArgumentException if there are none
   */
  public long scratchBytes(int rows) {
    if (rows < 1) {
      throw new IllegalArgumentException("Scratch is for 1 row or more, but got " + rows + ".");
    }
    return plan.bytes(1, rows);
  }

  /**
   * A stream with zero state. There may be very many.
   *
   * @throws IllegalStateException if the network is closed
   */
  public Stream newStream() {
    return new Stream(pool);
  }

  /**
   * Streams any of which are advanced together.
   *
   * @param count how many are open at first, with zero states: 0 to {@value #MAX_STREAMS}
   * @throws IllegalArgumentException if count is out of range
   * @throws IllegalStateException if the network is closed
   */
  public Streams newStreams(int count) {
    if (count < 0 || count > MAX_STREAMS) {
      throw new IllegalArgumentException(
          "Streams that are advanced together are 0 to "
              + MAX_STREAMS
              + ", but got "
              + count
              + ".");
    }
    return new Streams(parameters, plan, count);
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
   * has had no method of this library in hand, and no way has become faster. That takes some
   * seconds in a fresh JVM (docs/warm-up.md).
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
   * Gives the memory of the packed weights back. Closing again does nothing.
   *
   * @throws IllegalStateException if streams are still open
   */
  @Override
  public void close() {
    parameters.close();
    pool.close();
  }
}
