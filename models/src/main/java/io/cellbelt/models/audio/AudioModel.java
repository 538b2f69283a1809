package io.cellbelt.models.audio;

import io.cellbelt.graphs.Graph;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.OptionalDouble;
import java.util.TreeMap;
import java.util.stream.DoubleStream;
import java.util.stream.Stream;

/**
 * A model of real-time audio. One step of its graph is one sample.
 *
 * <p>The graph takes {@code input}, [time, batch, inputs], and gives {@code output}, [time, batch,
 * outputs]. What it remembers from call to call are further inputs, which nobody has to feed, and
 * outputs of the same name with {@code _next}: of a recurrent layer {@code layerK.h} and {@code
 * layerK.c}, [1, batch, units], and of a convolution the samples before, {@code layerK.history},
 * [batch, channels, samples]. K counts the layers that remember something, from 0.
 *
 * <p>Immutable, thread-safe.
 *
 * @param graph for as many samples a call and as many streams side by side as wanted
 * @param metadata what else the file tells, texts by name, such as {@code sample_rate}
 * @param remarks sentences about what was guessed or left out
 */
public record AudioModel(Graph graph, Map<String, String> metadata, List<String> remarks) {
  /** Copies the map and the list. */
  public AudioModel {
    metadata = Collections.unmodifiableMap(new TreeMap<>(metadata));
    remarks = List.copyOf(remarks);
  }

  /** Samples a second that the model was made for, if the file tells. */
  public OptionalDouble sampleRate() {
    return Stream.of("sample_rate", "samplerate")
        .map(metadata::get)
        .filter(Objects::nonNull)
        .flatMapToDouble(AudioModel::rate)
        .findFirst();
  }

  private static DoubleStream rate(String text) {
    try {
      double rate = Double.parseDouble(text);
      return rate > 0 && Double.isFinite(rate) ? DoubleStream.of(rate) : DoubleStream.empty();
    } catch (NumberFormatException e) {
      return DoubleStream.empty();
    }
  }
}
