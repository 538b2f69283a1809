package io.cellbelt.propertytests.fuzz;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** What the fuzzer calls with bytes, in a process of its own. */
public final class FuzzTarget {
  /** The property that names the reader. */
  static final String READER = "cellbelt.fuzz.reader";

  private static final int SLACK = 4;

  private static FuzzedReader reader;
  private static Path folder;

  private FuzzTarget() {}

  /** Called once by the fuzzer. */
  public static void fuzzerInitialize() throws IOException {
    reader = FuzzedReader.valueOf(System.getProperty(READER));
    folder = Files.createTempDirectory("fuzz");
  }

  /** Called by the fuzzer for every input. */
  public static void fuzzerTestOneInput(byte[] bytes) throws IOException {
    reader.read(folder, bytes, SLACK);
  }
}
