package io.cellbelt.peers;

/**
 * A way to run an LSTM that is compared: an engine, or another form of its weights. Closed after
 * its tasks.
 */
interface Engine {
  /** Name in tables. */
  String name();

  /** Form of the weights. */
  default String weights() {
    return "f32";
  }

  /** Version, and what else decides what is run. */
  String version();

  /** Whether it is somebody else's. */
  default boolean peer() {
    return true;
  }

  /** Whether it can do this at all. */
  default boolean supports(Mode mode) {
    return true;
  }

  /** By how much results may differ from Cellbelt's with f32 weights. */
  default double tolerance() {
    return 1e-4;
  }

  /** Makes everything that need not be made again for each call, with zero states. */
  Task prepare(Problem problem);

  /** A prepared call; tasks are closed in the reverse order of their preparation. */
  interface Task extends Runnable, AutoCloseable {
    /** The implementation that the engine chose, where it tells. */
    default String implementation() {
      return "";
    }

    /** What the last call computed; gradients may be the sum of those of all calls. */
    Results results();

    @Override
    void close();
  }
}
