package io.cellbelt.propertytests.support;

import io.cellbelt.cells.Network;
import io.cellbelt.cells.Stream;
import io.cellbelt.kernels.Slab;
import io.cellbelt.kernels.WeightFormat;
import io.cellbelt.models.ModelFiles;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** Loads a model again and again, as a service does that is given new ones while it runs. */
public final class Reloads {
  /** After so many the JVM has compiled what it compiles, and its memory is what it needs. */
  public static final int EARLY = 200;

  /** All of them. */
  public static final int COUNT = 1000;

  /** Ways of reloading, which take turns. */
  public static final int LINES = 3;

  private Reloads() {}

  /** Prints {@code RELOADS: RESIDENT kB, ALLOCATED bytes}, early and late. */
  public static void main(String[] args) throws IOException {
    Path file = Path.of(System.getProperty("model"));
    for (int reload = 1; reload <= COUNT; reload++) {
      step(
          switch (reload % LINES) {
            case 0 -> Network.open(file);
            case 1 -> Network.open(file, WeightFormat.INT8);
            default -> new Network(ModelFiles.read(file).weights().to(WeightFormat.BF16));
          });
      if (reload == EARLY || reload == COUNT) {
        System.out.println(reload + ": " + resident() + " kB, " + Slab.allocated() + " bytes");
      }
    }
  }

  /** Uses a network, and gives it back. */
  private static void step(Network open) {
    try (Network network = open;
        Stream stream = network.newStream()) {
      float[] x = new float[network.architecture().input().size()];
      stream.step(x, new float[network.architecture().outputSize()]);
    }
  }

  /** What of this process is in the machine's memory. */
  private static long resident() throws IOException {
    for (String line : Files.readAllLines(Path.of("/proc/self/status"))) {
      if (line.startsWith("VmRSS:")) {
        return Long.parseLong(line.replaceAll("\\D", ""));
      }
    }
    throw new IOException("/proc/self/status has no line VmRSS.");
  }
}
