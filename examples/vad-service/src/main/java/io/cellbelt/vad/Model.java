package io.cellbelt.vad;

import io.cellbelt.graphs.GraphNetwork;
import io.cellbelt.graphs.GraphStream;
import io.cellbelt.graphs.ReadyGraph;
import io.cellbelt.graphs.Setup;
import io.cellbelt.graphs.Tensor;
import io.cellbelt.models.Models;
import java.io.IOException;
import java.nio.file.Path;

/** A model that takes a window and gives a probability. The caller closes it, after its streams. */
record Model(Path file, GraphNetwork network, ReadyGraph ready) implements AutoCloseable {
  /** Samples a second. */
  static final int RATE = 16000;

  /** Name of the input that some versions of Silero VAD take besides sound. */
  static final String RATE_INPUT = "sr";

  /**
   * Opens a file.
   *
   * @throws IllegalArgumentException if the model does not take windows, or gives anything else
   */
  static Model open(Path file) throws IOException {
    GraphNetwork network = new GraphNetwork(Models.readGraph(file));
    try {
      Setup setup = Setup.DEFAULT.shape("input", 1, Windows.SIZE);
      if (network.graph().inputs().stream().anyMatch(port -> port.name().equals(RATE_INPUT))) {
        setup = setup.constant(RATE_INPUT, Tensor.of(new long[] {RATE}));
      }
      ReadyGraph ready = network.ready(setup);
      if (ready.inputs().size() != 1 || ready.results().size() != 1) {
        throw new IllegalArgumentException(
            "The service wants a model with one input and one output besides its states, but "
                + file
                + " has "
                + ready.inputs().keySet()
                + " and "
                + ready.results()
                + "; give it Silero VAD, version 5 or later.");
      }
      return new Model(file, network, ready);
    } catch (Throwable e) {
      network.close();
      throw e;
    }
  }

  /**
   * The probabilities that a sound gives from its start on, one stream, one window at a time: what
   * every answer of a service is compared with.
   *
   * @param samples the sound, taken round and round
   * @param from the first sample
   * @param count how many probabilities
   */
  float[] offline(float[] samples, int from, int count) {
    float[] probabilities = new float[count];
    float[] x = new float[Windows.SIZE];
    float[] y = new float[1];
    try (GraphStream stream = ready.newStream()) {
      for (int i = 0; i < count; i++) {
        System.arraycopy(x, Windows.HOP, x, 0, Windows.CONTEXT);
        for (int j = 0; j < Windows.HOP; j++) {
          int at = Math.floorMod(from + (long) i * Windows.HOP + j, samples.length);
          x[Windows.CONTEXT + j] = samples[at];
        }
        stream.step(x, y);
        probabilities[i] = y[0];
      }
    }
    return probabilities;
  }

  @Override
  public void close() {
    network.close();
  }
}
