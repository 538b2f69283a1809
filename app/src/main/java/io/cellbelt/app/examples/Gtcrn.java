package io.cellbelt.app.examples;

import io.cellbelt.graphs.GraphNetwork;
import io.cellbelt.graphs.GraphStream;
import io.cellbelt.graphs.Setup;
import io.cellbelt.models.data.Audio;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.function.Consumer;

/** Speech without noise: GTCRN, spectrum by spectrum, with three caches as its state. */
final class Gtcrn implements Example {
  private static final int FRAME = 512;
  private static final int HOP = 256;

  @Override
  public String files() {
    return "MODEL.onnx NOISY.wav";
  }

  @Override
  public void run(List<Path> files, Path out, Consumer<String> print) throws IOException {
    Audio noisy = Clips.sound(files.get(1), 16000);
    Clips.write(noisy, clean(files.getFirst(), noisy.channels()[0]), out, print);
  }

  static float[] clean(Path model, float[] noisy) throws IOException {
    float[] clean = new float[noisy.length];
    Fourier fourier = new Fourier(FRAME, HOP);
    float[] x = new float[FRAME + 2];
    float[] y = new float[FRAME + 2];
    double[] better = new double[FRAME + 2];
    try (GraphNetwork graph = Clips.graph(model);
        GraphStream stream = graph.ready(Setup.DEFAULT).newStream()) {
      for (int from = HOP - FRAME; from < noisy.length; from += HOP) {
        double[] spectrum = fourier.forward(noisy, from);
        for (int i = 0; i < x.length; i++) {
          x[i] = (float) spectrum[i];
        }
        stream.step(x, y);
        for (int i = 0; i < y.length; i++) {
          better[i] = y[i];
        }
        Fourier.add(fourier.back(better), clean, from);
      }
    }
    return clean;
  }
}
