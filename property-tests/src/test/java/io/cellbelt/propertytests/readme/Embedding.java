package io.cellbelt.propertytests.readme;

import io.cellbelt.cells.Architecture;
import io.cellbelt.cells.Input;
import io.cellbelt.cells.Lstm;
import io.cellbelt.cells.Network;
import io.cellbelt.cells.Stream;
import io.cellbelt.cells.Weights;
import java.util.List;

public final class Embedding {
  public static void main(String[] args) {
    // 3 sensors in, two layers of 64, one prediction out; a trained model comes from ModelFiles.
    List<Lstm> layers = List.of(new Lstm(3, 64), new Lstm(64, 64));
    Architecture architecture = new Architecture(new Input.Dense(3), List.copyOf(layers), 1);
    try (Network network = new Network(Weights.random(architecture, 42));
        Stream stream = network.newStream()) {
      float[] x = new float[3];
      float[] y = new float[1];
      for (int event = 0; event < 1000; event++) {
        x[event % 3] = (float) Math.sin(0.1 * event);
        stream.step(x, y);
      }
      System.out.printf("prediction %.4f, %d bytes a stream%n", y[0], stream.byteSize());
    }
  }
}
