package io.cellbelt.app.examples;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;

/** A network of others at work. */
public interface Example {
  /** All examples by name, in the order of the documentation. */
  Map<String, Example> ALL = all();

  private static Map<String, Example> all() {
    Map<String, Example> all = new LinkedHashMap<>();
    all.put("silero-vad", new SileroVad());
    all.put("dtln", new Dtln());
    all.put("gtcrn", new Gtcrn());
    all.put("textgenrnn", new TextGenRnn());
    all.put("nnsplit", new NnSplit());
    all.put("amplifier", new Amplifier());
    all.put("actuator", new Actuator());
    return all;
  }

  /** What it is given, such as {@code MODEL.onnx TALK.wav}: as many names as files. */
  String files();

  /**
   * Runs it.
   *
   * @param files the files that it asks for
   * @param out a folder for what it writes
   * @param print takes lines for the user
   */
  void run(List<Path> files, Path out, Consumer<String> print) throws IOException;

  /** Writes a picture or text, and tells where. */
  static void write(Path file, byte[] content, Consumer<String> print) throws IOException {
    Files.write(file, content);
    print.accept("Wrote " + file + ".");
  }
}
