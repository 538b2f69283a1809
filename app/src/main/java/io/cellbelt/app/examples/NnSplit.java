package io.cellbelt.app.examples;

import io.cellbelt.graphs.ElementType;
import io.cellbelt.graphs.GraphNetwork;
import io.cellbelt.graphs.GraphStream;
import io.cellbelt.graphs.ReadyGraph;
import io.cellbelt.graphs.Setup;
import io.cellbelt.graphs.Tensor;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;

/** Sentences of a text that has lost its capitals and full stops: NNSplit, on bytes. */
final class NnSplit implements Example {
  /** Zeros before and behind a text. */
  private static final int PADDING = 5;

  /** A byte ends a sentence with more than this probability. */
  private static final double THRESHOLD = 0.8;

  @Override
  public String files() {
    return "MODEL.onnx TEXT.txt";
  }

  @Override
  public void run(List<Path> files, Path out, Consumer<String> print) throws IOException {
    String text = Files.readString(files.get(1)).replaceAll("\\s+", " ").strip();
    sentences(files.getFirst(), text).forEach(print);
  }

  static List<String> sentences(Path model, String text) throws IOException {
    byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
    // The model halves the length and doubles it again.
    int length = Math.ceilDiv(bytes.length + 2 * PADDING, 2) * 2;
    long[] input = new long[length];
    for (int i = 0; i < bytes.length; i++) {
      input[PADDING + i] = bytes[i] & 0xff;
    }
    try (GraphNetwork graph = Clips.graph(model)) {
      ReadyGraph ready = graph.ready(Setup.DEFAULT.shape("input", 1, length));
      try (GraphStream stream = ready.newStream()) {
        stream.put("input", Tensor.wrap(ElementType.U8, input, 1, length));
        stream.run();
        return split(bytes, stream.get("output"));
      }
    }
  }

  /** Cuts behind the bytes that end a sentence. */
  private static List<String> split(byte[] bytes, Tensor logits) {
    List<String> sentences = new ArrayList<>();
    int from = 0;
    for (int i = 0; i < bytes.length; i++) {
      double logit = logits.doubleAt(2 * (PADDING + i));
      if (1 / (1 + Math.exp(-logit)) > THRESHOLD || i == bytes.length - 1) {
        sentences.add(new String(bytes, from, i + 1 - from, StandardCharsets.UTF_8).strip());
        from = i + 1;
      }
    }
    return sentences;
  }
}
