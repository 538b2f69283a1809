package io.cellbelt.app.examples;

import io.cellbelt.graphs.GraphNetwork;
import io.cellbelt.graphs.GraphStream;
import io.cellbelt.graphs.Setup;
import io.cellbelt.models.data.Audio;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.function.Consumer;

/** Speech without noise: DTLN, two networks one after the other, with a transform between them. */
final class Dtln implements Example {
  private static final int FRAME = 512;
  private static final int HOP = 128;

  @Override
  public String files() {
    return "MODEL_1.onnx MODEL_2.onnx NOISY.wav";
  }

  @Override
  public void run(List<Path> files, Path out, Consumer<String> print) throws IOException {
    Audio noisy = Clips.sound(files.get(2), 16000);
    float[] clean = clean(files.get(0), files.get(1), noisy.channels()[0]);
    Clips.write(noisy, clean, out, print);
  }

  static float[] clean(Path model1, Path model2, float[] noisy) throws IOException {
    float[] clean = new float[noisy.length];
    Fourier fourier = Fourier.plain(FRAME, HOP);
    float[] magnitudes = new float[FRAME / 2 + 1];
    float[] mask = new float[FRAME / 2 + 1];
    float[] better = new float[FRAME];
    try (GraphNetwork first = Clips.graph(model1);
        GraphNetwork second = Clips.graph(model2);
        GraphStream masks = first.ready(Setup.DEFAULT).newStream();
        GraphStream frames = second.ready(Setup.DEFAULT).newStream()) {
      // The first windows hold silence and the first samples, as those of a live stream do.
      for (int from = HOP - FRAME; from < noisy.length; from += HOP) {
        double[] spectrum = fourier.forward(noisy, from);
        for (int f = 0; f < magnitudes.length; f++) {
          magnitudes[f] = (float) Math.hypot(spectrum[2 * f], spectrum[2 * f + 1]);
        }
        masks.step(magnitudes, mask);
        for (int i = 0; i < spectrum.length; i++) {
          spectrum[i] *= mask[i / 2];
        }
        frames.step(fourier.back(spectrum), better);
        Fourier.add(better, clean, from);
      }
    }
    return clean;
  }
}
