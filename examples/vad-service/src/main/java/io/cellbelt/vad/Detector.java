package io.cellbelt.vad;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** One sound from its start to its end: a stream of the engine. One user at a time. */
final class Detector implements AutoCloseable {
  private final Engine engine;
  private final Metrics metrics;
  private final int stream;
  private final Windows windows = new Windows();
  private final Segments segments = new Segments();
  private final float[] probability = new float[1];
  private long frames;

  Detector(Engine engine, Metrics metrics) {
    this.engine = engine;
    this.metrics = metrics;
    stream = engine.open();
  }

  /**
   * Takes the next bytes of the sound.
   *
   * @return empty if they complete no window
   */
  Optional<Answer> hear(byte[] pcm) {
    long first = frames;
    List<Float> probabilities = new ArrayList<>(1);
    List<Segments.Event> events = new ArrayList<>(0);
    int at = 0;
    while (at < pcm.length) {
      at = windows.take(pcm, at);
      if (windows.isFull()) {
        look(probabilities, events);
      }
    }
    return probabilities.isEmpty()
        ? Optional.empty()
        : Optional.of(new Answer(first, probabilities, events, false));
  }

  /** Ends the sound. */
  Answer finish() {
    long first = frames;
    List<Float> probabilities = new ArrayList<>(1);
    List<Segments.Event> events = new ArrayList<>(2);
    if (windows.pad()) {
      look(probabilities, events);
    }
    segments.finish().ifPresent(events::add);
    return new Answer(first, probabilities, events, true);
  }

  private void look(List<Float> probabilities, List<Segments.Event> events) {
    long before = System.nanoTime();
    engine.step(stream, windows.samples(), probability);
    metrics.stepped(System.nanoTime() - before);
    windows.next();
    frames++;
    probabilities.add(probability[0]);
    segments.add(probability[0]).ifPresent(events::add);
  }

  @Override
  public void close() {
    engine.close(stream);
  }
}
