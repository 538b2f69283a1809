package io.cellbelt.propertytests.support;

import io.cellbelt.cells.Network;
import java.io.IOException;
import java.nio.file.Path;

/** Opens the model file of the system property {@code model}. */
public final class OpenModel {
  private OpenModel() {}

  /** Prints {@code opened} and what it is. */
  public static void main(String[] args) throws IOException {
    try (Network network = Network.open(Path.of(System.getProperty("model")))) {
      System.out.println("opened " + network.architecture());
    }
  }
}
