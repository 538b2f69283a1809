package io.cellbelt.app.examples;

import io.cellbelt.graphs.GraphNetwork;
import io.cellbelt.graphs.GraphStream;
import io.cellbelt.graphs.Setup;
import io.cellbelt.graphs.Tensor;
import io.cellbelt.models.data.Audio;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.function.Consumer;

/** Where somebody speaks: Silero VAD, versions 5 and later. */
final class SileroVad implements Example {
  /** Speech begins over the first, and ends under the second. */
  private static final float BEGINS = 0.5f;

  private static final float ENDS = 0.35f;

  /** Seconds that speech lasts, and that silence lasts which ends it. */
  private static final double SHORTEST = 0.25;

  private static final double PAUSE = 0.1;

  /** From where to where somebody speaks, in seconds. */
  record Segment(double from, double to) {}

  @Override
  public String files() {
    return "MODEL.onnx TALK.wav";
  }

  @Override
  public void run(List<Path> files, Path out, Consumer<String> print) throws IOException {
    Audio sound = Clips.sound(files.get(1), 16000, 8000);
    float[] probabilities = probabilities(files.getFirst(), sound);
    int hop = hop(sound);
    List<Segment> segments = segments(probabilities, (double) hop / sound.sampleRate());
    double[] times = new double[probabilities.length];
    double[] values = new double[probabilities.length];
    for (int i = 0; i < times.length; i++) {
      times[i] = (double) i * hop / sound.sampleRate();
      values[i] = probabilities[i];
    }
    for (Segment segment : segments) {
      print.accept(
          String.format(Locale.ROOT, "speech from %6.2f to %6.2f s", segment.from(), segment.to()));
    }
    byte[] plot =
        Plots.lines(
            "Is somebody speaking?",
            "seconds",
            "sample, probability",
            Plots.wave("sound", sound.channels()[0], sound.sampleRate()),
            new Plots.Line("probability of speech", times, values));
    Example.write(out.resolve("speech.png"), plot, print);
  }

  private static int hop(Audio sound) {
    return sound.sampleRate() == 16000 ? 512 : 256;
  }

  /** The probability of speech in every window of 32 ms; a window begins with 4 ms of the last. */
  static float[] probabilities(Path model, Audio sound) throws IOException {
    int hop = hop(sound);
    int context = hop / 8;
    float[] samples = sound.channels()[0];
    float[] window = new float[context + hop];
    float[] probabilities = new float[Math.ceilDiv(samples.length, hop)];
    float[] one = new float[1];
    try (GraphNetwork graph = Clips.graph(model)) {
      Setup setup = Setup.DEFAULT.shape("input", 1, window.length);
      if (graph.graph().inputs().stream().anyMatch(port -> port.name().equals("sr"))) {
        setup = setup.constant("sr", Tensor.of(new long[] {sound.sampleRate()}));
      }
      try (GraphStream stream = graph.ready(setup).newStream()) {
        for (int i = 0; i < probabilities.length; i++) {
          System.arraycopy(window, hop, window, 0, context);
          int count = Math.min(hop, samples.length - i * hop);
          System.arraycopy(samples, i * hop, window, context, count);
          Arrays.fill(window, context + count, window.length, 0);
          stream.step(window, one);
          probabilities[i] = one[0];
        }
      }
    }
    return probabilities;
  }

  /** Stretches of speech, without short ones, over short pauses. */
  static List<Segment> segments(float[] probabilities, double seconds) {
    List<Segment> all = new ArrayList<>();
    int from = -1;
    int silentFrom = -1;
    for (int i = 0; i <= probabilities.length; i++) {
      float now = i < probabilities.length ? probabilities[i] : 0;
      boolean end = i == probabilities.length;
      if (now >= BEGINS) {
        from = from < 0 ? i : from;
        silentFrom = -1;
      } else if (from >= 0 && now < ENDS) {
        silentFrom = silentFrom < 0 ? i : silentFrom;
        if (end || (i + 1 - silentFrom) * seconds >= PAUSE) {
          if ((silentFrom - from) * seconds >= SHORTEST) {
            all.add(new Segment(from * seconds, silentFrom * seconds));
          }
          from = -1;
          silentFrom = -1;
        }
      }
    }
    return all;
  }
}
