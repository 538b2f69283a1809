package io.cellbelt.app.examples;

import com.google.gson.JsonParser;
import io.cellbelt.graphs.Attribute;
import io.cellbelt.graphs.ElementType;
import io.cellbelt.graphs.Graph;
import io.cellbelt.graphs.GraphNetwork;
import io.cellbelt.graphs.GraphStream;
import io.cellbelt.graphs.Node;
import io.cellbelt.graphs.Port;
import io.cellbelt.graphs.Port.Dimension;
import io.cellbelt.graphs.Setup;
import io.cellbelt.graphs.Tensor;
import io.cellbelt.models.data.ValueFiles;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.Collection;
import java.util.Deque;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.function.Consumer;

/**
 * Titles, character by character: textgenrnn. Its weights come without a graph, which is built
 * here: two LSTM layers, and attention over what they and the embedding gave in the last 40
 * characters.
 */
final class TextGenRnn implements Example {
  /** Characters that the model looks back on. */
  static final int CONTEXT = 40;

  private static final int LONGEST = 200;
  private static final int TITLES = 5;
  private static final double TEMPERATURE = 0.5;
  private static final String START = "<s>";

  @Override
  public String files() {
    return "WEIGHTS.safetensors VOCABULARY.json";
  }

  @Override
  public void run(List<Path> files, Path out, Consumer<String> print) throws IOException {
    Map<String, Integer> ids = new HashMap<>();
    JsonParser.parseString(Files.readString(files.get(1)))
        .getAsJsonObject()
        .asMap()
        .forEach((character, id) -> ids.put(character, id.getAsInt()));
    Map<Integer, String> characters = new HashMap<>();
    ids.forEach((character, id) -> characters.put(id, character));
    SplittableRandom random = new SplittableRandom(7);
    try (GraphNetwork network = new GraphNetwork(graph(ValueFiles.read(files.getFirst())));
        GraphStream stream = network.ready(Setup.DEFAULT).newStream()) {
      for (int i = 0; i < TITLES; i++) {
        print.accept(title(stream, ids.get(START), characters, random));
      }
    }
  }

  private static String title(
      GraphStream stream, int start, Map<Integer, String> characters, SplittableRandom random) {
    Deque<Integer> last = new ArrayDeque<>();
    last.add(start);
    StringBuilder title = new StringBuilder();
    while (title.length() < LONGEST) {
      int next = draw(probabilities(stream, last), random);
      if (next == start) {
        break;
      }
      title.append(characters.getOrDefault(next, ""));
      last.addLast(next);
      if (last.size() > CONTEXT) {
        last.removeFirst();
      }
    }
    return title.toString();
  }

  /** Of the next character, after those that came last, which stand at the end of the context. */
  static float[] probabilities(GraphStream stream, Collection<Integer> last) {
    long[] ids = new long[CONTEXT];
    int at = CONTEXT - last.size();
    for (int id : last) {
      ids[at++] = id;
    }
    stream.put("ids", Tensor.of(ids, CONTEXT));
    stream.run();
    return stream.get("probability").floats();
  }

  private static int draw(float[] probabilities, SplittableRandom random) {
    double[] sums = new double[probabilities.length];
    double sum = 0;
    // Id 0 stands for nothing, in front of a title.
    for (int i = 1; i < sums.length; i++) {
      sum += Math.pow(probabilities[i], 1 / TEMPERATURE);
      sums[i] = sum;
    }
    double drawn = random.nextDouble(sum);
    int i = 1;
    while (i < sums.length - 1 && sums[i] <= drawn) {
      i++;
    }
    return i;
  }

  /** ids {@code [40]} to probability {@code [1, 465]}. */
  static Graph graph(Map<String, Tensor> weights) {
    Map<String, Tensor> constants = new LinkedHashMap<>(weights);
    constants.keySet().removeIf(name -> name.startsWith("example."));
    constants.put("column", Tensor.of(new long[] {1}, 1));
    constants.put("time", Tensor.of(new long[] {0}, 1));
    Map<String, Attribute> hidden = Map.of("hidden_size", new Attribute.Whole(128));
    return new Graph(
        "textgenrnn",
        List.of(new Port("ids", ElementType.I64, List.of(Dimension.of(CONTEXT)))),
        List.of(new Port("probability", null, null)),
        constants,
        List.of(
            Node.of("Gather", List.of("embedding", "ids"), List.of("rows"), Map.of()),
            Node.of("Unsqueeze", List.of("rows", "column"), List.of("x"), Map.of()),
            Node.of("LSTM", List.of("x", "lstm1.W", "lstm1.R", "lstm1.B"), List.of("y1"), hidden),
            Node.of("Squeeze", List.of("y1", "column"), List.of("h1"), Map.of()),
            Node.of("LSTM", List.of("h1", "lstm2.W", "lstm2.R", "lstm2.B"), List.of("y2"), hidden),
            Node.of("Squeeze", List.of("y2", "column"), List.of("h2"), Map.of()),
            Node.of(
                "Concat",
                List.of("x", "h1", "h2"),
                List.of("seen"),
                Map.of("axis", new Attribute.Whole(2))),
            Node.of("MatMul", List.of("seen", "attention.W"), List.of("score"), Map.of()),
            Node.of(
                "Softmax",
                List.of("score"),
                List.of("share"),
                Map.of("axis", new Attribute.Whole(0))),
            Node.of("Mul", List.of("seen", "share"), List.of("shares"), Map.of()),
            Node.of(
                "ReduceSum",
                List.of("shares", "time"),
                List.of("sum"),
                Map.of("keepdims", new Attribute.Whole(0))),
            Node.of(
                "Gemm",
                List.of("sum", "output.kernel", "output.bias"),
                List.of("logits"),
                Map.of()),
            Node.of("Softmax", List.of("logits"), List.of("probability"), Map.of())));
  }
}
