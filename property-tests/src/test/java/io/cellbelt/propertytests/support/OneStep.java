package io.cellbelt.propertytests.support;

import io.cellbelt.cells.Architecture;
import io.cellbelt.cells.Lstm;
import io.cellbelt.cells.Network;
import io.cellbelt.cells.Stream;
import io.cellbelt.cells.Weights;

/** The smallest program that embeds the library, for JVMs with other options. */
public final class OneStep {
  private OneStep() {}

  /** Prints {@code stepped} where a step works. */
  public static void main(String[] args) {
    try (Network network = new Network(Weights.random(Architecture.of(new Lstm(2, 3)), 1));
        Stream stream = network.newStream()) {
      stream.step(new float[2], new float[3]);
      System.out.println("stepped");
    }
  }
}
