package io.cellbelt.peers;

import ai.onnxruntime.OrtException;
import io.cellbelt.graphs.GraphNetwork;
import io.cellbelt.graphs.GraphStreams;
import io.cellbelt.graphs.ReadyGraph;
import io.cellbelt.graphs.Setup;
import io.cellbelt.kernels.SimdEnvironment;
import io.cellbelt.kernels.Timing;
import io.cellbelt.models.Models;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.ParentCommand;
import picocli.CommandLine.Spec;

/** Times whole ONNX models in Cellbelt and in ONNX Runtime, step by step with their states. */
@Command(
    name = "models",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    description = "Times whole ONNX models in Cellbelt and in ONNX Runtime, in turn, on one core.",
    footerHeading = "%nColumns:%n",
    footer = {
      "  median us, best us  time of a step of all streams: the middle and the fastest of",
      "                      many short blocks of steps",
      "  x cellbelt          ONNX Runtime's time over Cellbelt's"
    })
final class ModelComparison implements Callable<Integer> {
  private static final int CHECKED_STEPS = 5;
  private static final double TOLERANCE = 1e-4;

  @ParentCommand private PeerComparison parent;
  @Spec private CommandSpec spec;

  @Parameters(paramLabel = "FILE", arity = "1..*", description = "ONNX files with fixed sizes.")
  private List<Path> files;

  @Option(
      names = "--streams",
      paramLabel = "N",
      split = ",",
      description = "Streams that advance together; ONNX Runtime is called N times (default: 1).")
  private List<Integer> streams = List.of(1);

  @Option(
      names = "--seconds",
      paramLabel = "S",
      defaultValue = "4",
      description = "How long a model is timed in both (default: ${DEFAULT-VALUE}).")
  private double seconds;

  @Override
  public Integer call() throws IOException, OrtException {
    parent.requirePinned();
    PrintWriter out = spec.commandLine().getOut();
    out.println(SimdEnvironment.current().summary());
    out.printf(
        Locale.ROOT,
        "%-24s %7s %-12s %11s %11s %13s%n",
        "model",
        "streams",
        "engine",
        "median us",
        "best us",
        "x cellbelt");
    out.flush();
    for (Path file : files) {
      try (GraphNetwork network = new GraphNetwork(Models.readGraph(file))) {
        for (int count : streams) {
          compare(out, file, network.ready(Setup.DEFAULT), count);
        }
      }
    }
    return 0;
  }

  private void compare(PrintWriter out, Path file, ReadyGraph ready, int count)
      throws OrtException {
    List<Map<String, float[]>> x = inputs(ready, count);
    try (CellbeltModel cellbelt = new CellbeltModel(ready, x);
        OnnxRuntimeModel other = new OnnxRuntimeModel(file, ready, x)) {
      for (int step = 0; step < CHECKED_STEPS; step++) {
        cellbelt.run();
        other.run();
        other.results().check("onnxruntime", cellbelt.results(), TOLERANCE);
      }
      List<Timing> timings = Timing.interleaved(seconds, List.of(cellbelt, other));
      String name = String.valueOf(file.getFileName());
      for (int i = 0; i < 2; i++) {
        out.printf(
            Locale.ROOT,
            "%-24s %7d %-12s %11.2f %11.2f %6.2f %6.2f%n",
            name,
            count,
            i == 0 ? "cellbelt" : "onnxruntime",
            1e6 * timings.get(i).median(),
            1e6 * timings.get(i).best(),
            timings.get(i).median() / timings.getFirst().median(),
            timings.get(i).best() / timings.getFirst().best());
      }
      out.flush();
    }
  }

  private static List<Map<String, float[]>> inputs(ReadyGraph ready, int count) {
    SplittableRandom random = new SplittableRandom(1);
    List<Map<String, float[]>> all = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      Map<String, float[]> one = new LinkedHashMap<>();
      ready
          .inputs()
          .forEach(
              (name, shape) -> {
                float[] values = new float[shape.stream().reduce(1, Math::multiplyExact)];
                for (int j = 0; j < values.length; j++) {
                  values[j] = 0.1f * (float) random.nextGaussian();
                }
                one.put(name, values);
              });
      all.add(one);
    }
    return all;
  }

  /** The same model in Cellbelt: arrays are copied in and out. */
  private static final class CellbeltModel implements Runnable, AutoCloseable {
    private final GraphStreams streams;
    private final List<String> results;
    private final int[] all;
    private final float[][] inputs;
    private final float[][] outputs;

    CellbeltModel(ReadyGraph ready, List<Map<String, float[]>> x) {
      streams = ready.newStreams(x.size());
      results = ready.results();
      all = new int[x.size()];
      for (int i = 0; i < all.length; i++) {
        all[i] = streams.open();
      }
      inputs =
          ready.inputs().keySet().stream()
              .map(
                  name -> {
                    int size = x.getFirst().get(name).length;
                    float[] rows = new float[x.size() * size];
                    for (int i = 0; i < x.size(); i++) {
                      System.arraycopy(x.get(i).get(name), 0, rows, i * size, size);
                    }
                    return rows;
                  })
              .toArray(float[][]::new);
      outputs =
          results.stream()
              .map(
                  name ->
                      new float
                          [x.size()
                              * ready.outputs().get(name).stream().reduce(1, (a, b) -> a * b)])
              .toArray(float[][]::new);
    }

    @Override
    public void run() {
      streams.advance(all, inputs, outputs);
    }

    Results results() {
      Results all = new Results();
      for (int i = 0; i < outputs.length; i++) {
        int size = outputs[i].length / this.all.length;
        for (int stream = 0; stream < this.all.length; stream++) {
          int from = stream * size;
          all.with(
              OnnxRuntimeModel.name(stream, results.get(i)),
              Arrays.copyOfRange(outputs[i], from, from + size));
        }
      }
      return all;
    }

    @Override
    public void close() {
      streams.close();
    }
  }
}
