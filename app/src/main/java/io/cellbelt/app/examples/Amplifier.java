package io.cellbelt.app.examples;

import io.cellbelt.graphs.GraphNetwork;
import io.cellbelt.graphs.GraphStream;
import io.cellbelt.graphs.Setup;
import io.cellbelt.models.data.Audio;
import io.cellbelt.models.data.WavEncoding;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import java.util.function.Consumer;

/** A guitar through a pedal or amplifier, sample by sample: a model of RTNeural, AIDA-X or NAM. */
final class Amplifier implements Example {
  private static final int RATE = 44100;

  /** Frequencies of the strings of a chord of A. */
  private static final double[] CHORD = {110, 164.81, 220, 277.18, 329.63};

  @Override
  public String files() {
    return "MODEL.json";
  }

  @Override
  public void run(List<Path> files, Path out, Consumer<String> print) throws IOException {
    float[] dry = strum(4);
    float[] wet = play(files.getFirst(), dry);
    write(out.resolve("guitar.wav"), dry, print);
    write(out.resolve("amplified.wav"), wet, print);
    int from = RATE / 2;
    int to = from + RATE / 40;
    byte[] plot =
        Plots.lines(
            "A guitar before and after",
            "milliseconds",
            "sample",
            Plots.wave("guitar", Arrays.copyOfRange(dry, from, to), RATE / 1000.0),
            Plots.wave("amplified", Arrays.copyOfRange(wet, from, to), RATE / 1000.0));
    Example.write(out.resolve("amplified.png"), plot, print);
  }

  private static void write(Path file, float[] sound, Consumer<String> print) throws IOException {
    new Audio(RATE, new float[][] {sound}).write(file, WavEncoding.FLOAT_32);
    print.accept("Wrote " + file + ".");
  }

  static float[] play(Path model, float[] dry) throws IOException {
    float[] wet = new float[dry.length];
    float[] x = new float[1];
    float[] y = new float[1];
    try (GraphNetwork graph = Clips.graph(model);
        GraphStream stream = graph.ready(Setup.DEFAULT.shape("input", 1, 1, 1)).newStream()) {
      for (int i = 0; i < dry.length; i++) {
        x[0] = dry[i];
        stream.step(x, y);
        wet[i] = y[0];
      }
    }
    return wet;
  }

  /** Strings that are plucked one after the other: a burst of noise that goes round and fades. */
  private static float[] strum(int seconds) {
    float[] sound = new float[seconds * RATE];
    SplittableRandom random = new SplittableRandom(1);
    for (int string = 0; string < CHORD.length; string++) {
      float[] round = new float[(int) Math.round(RATE / CHORD[string])];
      for (int i = 0; i < round.length; i++) {
        round[i] = (float) random.nextDouble(-1, 1);
      }
      int start = string * RATE / 20;
      for (int i = start; i < sound.length; i++) {
        int at = (i - start) % round.length;
        int next = (at + 1) % round.length;
        sound[i] += 0.15f * round[at];
        round[at] = 0.498f * (round[at] + round[next]);
      }
    }
    return sound;
  }
}
