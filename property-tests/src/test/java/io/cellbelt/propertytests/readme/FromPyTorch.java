package io.cellbelt.propertytests.readme;

import io.cellbelt.cells.Network;
import io.cellbelt.cells.Stream;
import io.cellbelt.models.Model;
import io.cellbelt.models.PyTorch;
import io.cellbelt.models.SafetensorsFile;
import java.io.IOException;
import java.nio.file.Path;

/** The example of docs/pytorch.md. */
public final class FromPyTorch {
  /** Steps through recorded inputs, and returns how far the outputs are from PyTorch's. */
  public static float largestDifference(Path file, Path recorded) throws IOException {
    Model model = PyTorch.module("encoder.rnn").head("fc").read(file);
    model.remarks().forEach(System.err::println);
    SafetensorsFile values = SafetensorsFile.read(recorded);
    float[] x = values.find("x").orElseThrow().values(); // [T, I]
    float[] expected = values.find("y").orElseThrow().values(); // [T, O]
    float largest = 0;
    try (Network network = new Network(model.weights());
        Stream stream = network.newStream()) {
      float[] in = new float[network.architecture().input().size()];
      float[] out = new float[network.architecture().outputSize()];
      for (int t = 0; t < x.length / in.length; t++) {
        System.arraycopy(x, t * in.length, in, 0, in.length);
        stream.step(in, out);
        for (int o = 0; o < out.length; o++) {
          largest = Math.max(largest, Math.abs(out[o] - expected[t * out.length + o]));
        }
      }
    }
    return largest;
  }

  private FromPyTorch() {}
}
