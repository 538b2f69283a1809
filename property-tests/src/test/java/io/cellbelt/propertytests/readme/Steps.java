package io.cellbelt.propertytests.readme;

import io.cellbelt.cells.Network;
import io.cellbelt.cells.Stream;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;

public final class Steps {
  public static void main(String[] args) throws IOException {
    try (Network network = Network.open(Path.of(args[0]));
        Stream stream = network.newStream()) {
      float[] x = new float[network.architecture().input().size()];
      float[] y = new float[network.architecture().outputSize()];
      for (int event = 0; event < 1000; event++) {
        x[0] = (float) Math.sin(0.1 * event);
        stream.step(x, y);
      }
      System.out.println(Arrays.toString(y));
    }
  }
}
