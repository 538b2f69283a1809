package io.cellbelt.app.examples;

import io.cellbelt.graphs.GraphNetwork;
import io.cellbelt.models.Models;
import io.cellbelt.models.data.Audio;
import io.cellbelt.models.data.WavEncoding;
import java.io.IOException;
import java.nio.file.Path;
import java.util.function.Consumer;

/** What the examples read. */
final class Clips {
  private Clips() {}

  /** The graph of a model, which the caller closes. */
  static GraphNetwork graph(Path file) throws IOException {
    return new GraphNetwork(Models.readGraph(file));
  }

  /** A sound with one channel and one of these rates. */
  static Audio sound(Path file, int... rates) throws IOException {
    Audio sound = Audio.read(file);
    boolean fits = sound.channels().length == 1;
    StringBuilder wanted = new StringBuilder();
    boolean rateFits = false;
    for (int rate : rates) {
      rateFits |= sound.sampleRate() == rate;
      wanted.append(wanted.isEmpty() ? "" : " or ").append(rate);
    }
    if (!fits || !rateFits) {
      throw new IllegalArgumentException(
          "The model hears one channel of "
              + wanted
              + " frames a second, but "
              + file
              + " has "
              + sound.channels().length
              + " of "
              + sound.sampleRate()
              + "; convert it first.");
    }
    return sound;
  }

  /** A cleaned sound, and spectrograms of both. */
  static void write(Audio noisy, float[] clean, Path out, Consumer<String> print)
      throws IOException {
    Path file = out.resolve("clean.wav");
    new Audio(noisy.sampleRate(), new float[][] {clean}).write(file, WavEncoding.FLOAT_32);
    print.accept("Wrote " + file + ".");
    byte[] picture =
        Plots.spectrograms(
            noisy.sampleRate(), new String[] {"before", "after"}, noisy.channels()[0], clean);
    Example.write(out.resolve("spectrograms.png"), picture, print);
  }
}
