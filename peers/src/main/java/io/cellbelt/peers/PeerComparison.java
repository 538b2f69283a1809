package io.cellbelt.peers;

import com.google.gson.FieldNamingPolicy;
import com.google.gson.Gson;
import com.google.gson.GsonBuilder;
import io.cellbelt.kernels.SimdEnvironment;
import io.cellbelt.kernels.WeightFormat;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import java.util.function.ToDoubleFunction;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** Times the same LSTMs in Cellbelt and in native engines, one thread each. */
@Command(
    name = "peers",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    subcommands = ModelComparison.class,
    description =
        "Times LSTMs in Cellbelt, ONNX Runtime, oneDNN and libtorch, in turn, on one core.",
    footerHeading = "%nColumns:%n",
    footer = {
      "  median us, best us  time of a call: the middle and the fastest of many short",
      "                      blocks of calls",
      "  x cellbelt          the same over Cellbelt's with f32 weights: above 1, Cellbelt",
      "                      is faster; the line 'fastest peer' is the least of the peers'"
    })
public final class PeerComparison implements Callable<Integer> {
  private static final double WARM_UP_SECONDS = 0.6;
  private static final int WARM_UP_SIZE = 32;

  private static final Gson GSON =
      new GsonBuilder()
          .setFieldNamingPolicy(FieldNamingPolicy.LOWER_CASE_WITH_UNDERSCORES)
          .disableHtmlEscaping()
          .setPrettyPrinting()
          .create();

  @Option(
      names = "--mode",
      paramLabel = "MODE",
      split = ",",
      description = "Only these: ${COMPLETION-CANDIDATES} (default: all).")
  private List<Mode> modes = List.of(Mode.values());

  @Option(
      names = "--engine",
      paramLabel = "NAME",
      split = ",",
      description = "Only these peers: onnxruntime, onednn, torch, torch-blas (default: all).")
  private List<String> peers = List.of();

  @Option(
      names = "--seconds",
      paramLabel = "S",
      defaultValue = "2",
      description =
          "How long an LSTM is timed in all engines together (default: ${DEFAULT-VALUE}).")
  private double seconds;

  @Option(
      names = "--json",
      paramLabel = "FILE",
      description = "Also write the figures to this file.")
  private Path json;

  @Spec private CommandSpec spec;

  private PeerComparison() {}

  /** An engine as the JSON file names it. */
  private record Version(String engine, String weights, String version) {}

  /** The JSON file. */
  private record Report(
      SimdEnvironment environment, String time, List<Version> engines, List<Comparison> results) {}

  /** Runs the comparison. */
  public static void main(String[] args) {
    // Or JavaCPP reads how much memory the process has whenever an object is made, in each call.
    System.setProperty("org.bytedeco.javacpp.maxPhysicalBytes", "0");
    CommandLine command =
        new CommandLine(new PeerComparison()).setCaseInsensitiveEnumValuesAllowed(true);
    System.exit(command.execute(args));
  }

  @Override
  public Integer call() throws IOException {
    requirePinned();
    PrintWriter out = spec.commandLine().getOut();
    List<Engine> engines = engines();
    out.println(SimdEnvironment.current().summary());
    for (Engine engine : engines) {
      out.printf(Locale.ROOT, "%-12s %-8s %s%n", engine.name(), engine.weights(), engine.version());
    }
    List<Comparison> comparisons = new ArrayList<>();
    for (Mode mode : modes) {
      out.printf(
          Locale.ROOT,
          "%n%-8s    T  B    I    H engine       weights    median us     best us    x cellbelt%n",
          "mode");
      out.flush();
      // Waits for the compiler, which takes longer than a measurement.
      var small = Problem.random(mode, WARM_UP_SIZE, WARM_UP_SIZE);
      Comparison.run(engines, small, WARM_UP_SECONDS);
      List<Comparison> ofMode = new ArrayList<>();
      for (int[] shape : mode.shapes()) {
        Comparison comparison =
            Comparison.run(engines, Problem.random(mode, shape[0], shape[1]), seconds);
        print(out, comparison);
        ofMode.add(comparison);
      }
      for (Engine engine : engines) {
        if (!engine.peer() && engine.supports(mode)) {
          out.printf(
              Locale.ROOT,
              "%-8s geometric mean, fastest peer / cellbelt %-5s %17s %6.2f %6.2f%n",
              mode.label(),
              engine.weights(),
              "",
              geometricMean(ofMode, c -> c.fastestPeerMedianRatio(engine.weights())),
              geometricMean(ofMode, c -> c.fastestPeerBestRatio(engine.weights())));
        }
      }
      out.flush();
      comparisons.addAll(ofMode);
    }
    if (json != null) {
      List<Version> versions =
          engines.stream().map(e -> new Version(e.name(), e.weights(), e.version())).toList();
      String time = Instant.now().truncatedTo(ChronoUnit.SECONDS).toString();
      Report report = new Report(SimdEnvironment.current(), time, versions, comparisons);
      Files.writeString(json, GSON.toJson(report) + "\n");
      out.println("Wrote " + json + ".");
    }
    return 0;
  }

  /** Cellbelt with its weights in each format, f32 first, and the peers that are asked for. */
  private List<Engine> engines() {
    List<Engine> all =
        List.of(
            new CellbeltEngine(WeightFormat.F32),
            new CellbeltEngine(WeightFormat.BF16),
            new CellbeltEngine(WeightFormat.INT8),
            new OnnxRuntimeEngine(),
            new OneDnnEngine(),
            new TorchEngine(true),
            new TorchEngine(false));
    for (String peer : peers) {
      if (all.stream().noneMatch(e -> e.peer() && e.name().equals(peer))) {
        throw new ParameterException(spec.commandLine(), "There is no peer '" + peer + "'.");
      }
    }
    return all.stream()
        .filter(e -> !e.peer() || peers.isEmpty() || peers.contains(e.name()))
        .toList();
  }

  /** On one core no engine can be helped by threads, whichever it starts. */
  void requirePinned() {
    int cores = Runtime.getRuntime().availableProcessors();
    if (cores != 1) {
      throw new ParameterException(
          spec.commandLine(),
          "The comparison is of one core, but this process may use "
              + cores
              + "; start it with taskset -c 1, for example.");
    }
  }

  private static void print(PrintWriter out, Comparison comparison) {
    String what =
        String.format(
            Locale.ROOT,
            "%-8s %4d %2d %4d %4d",
            comparison.mode(),
            comparison.steps(),
            comparison.batch(),
            comparison.input(),
            comparison.hidden());
    for (Comparison.Row row : comparison.rows()) {
      out.printf(
          Locale.ROOT,
          "%s %-12s %-8s %11.2f %11.2f %6.2f %6.2f  %s%n",
          what,
          row.engine(),
          row.weights(),
          row.medianUs(),
          row.bestUs(),
          comparison.medianRatio(row),
          comparison.bestRatio(row),
          row.implementation());
    }
    out.printf(
        Locale.ROOT,
        "%s %-45s %6.2f %6.2f%n",
        what,
        "fastest peer",
        comparison.fastestPeerMedianRatio("f32"),
        comparison.fastestPeerBestRatio("f32"));
    out.flush();
  }

  private static double geometricMean(
      List<Comparison> comparisons, ToDoubleFunction<Comparison> ratio) {
    double logs = 0;
    for (Comparison comparison : comparisons) {
      logs += Math.log(ratio.applyAsDouble(comparison));
    }
    return Math.exp(logs / comparisons.size());
  }
}
