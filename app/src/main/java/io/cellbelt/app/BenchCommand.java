package io.cellbelt.app;

import com.google.gson.FieldNamingPolicy;
import com.google.gson.Gson;
import com.google.gson.GsonBuilder;
import com.google.gson.JsonObject;
import io.cellbelt.cells.Cell;
import io.cellbelt.kernels.SimdEnvironment;
import io.cellbelt.models.AtomicFiles;
import io.cellbelt.models.ModelFileException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code cellbelt bench}: how fast cells run here, and how near the limits of the machine. */
@Command(
    name = "bench",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    description = "Measures speed, allocation and distance from the limits of this machine.",
    footerHeading = "%nModes:%n",
    footer = {
      "  step      one step of one stream",
      "  sequence  one stream over T = 100 steps",
      "  batch     B = 32 streams over T = 50 steps",
      "  train     forward and backward over T = 50 steps of B = 32 sequences",
      "",
      "Figures, all on one core:",
      "  median_us, best_us  time of a call: the middle and the fastest of many short",
      "                      blocks of calls",
      "  bytes_per_call      what a call allocates on the heap",
      "  gflops              operations of the matrix products (for train 3 x forward)",
      "                      over best_us",
      "  weight_gb_per_s     weights that must be read (U at each step, W once a call;",
      "                      for train twice that) over best_us",
      "  limit_gb_per_s      best rate of reading a buffer as large as a step's weights,",
      "                      timed in turn with the calls",
      "  limit_gflops        best rate of multiply-adds in registers, timed likewise",
      "  fraction_of_limit   share of the nearer limit that was reached: the larger of",
      "                      weight_gb_per_s / limit_gb_per_s, gflops / limit_gflops",
      "",
      "Examples:",
      "  cellbelt bench --quick",
      "  cellbelt bench --cell rnn --json bench.json"
    })
final class BenchCommand implements Callable<Integer> {
  private static final int[][] SHAPES = {{32, 32}, {64, 128}, {256, 256}, {512, 512}, {1024, 1024}};
  private static final double WARM_UP_SECONDS = 0.6;
  private static final double SECONDS = 1;
  private static final double QUICK_SECONDS = 0.25;

  /** A window of the largest shape takes seconds. */
  private static final int QUICK_TRAINED_SIZE = 512;

  private static final Gson GSON =
      new GsonBuilder()
          .setFieldNamingPolicy(FieldNamingPolicy.LOWER_CASE_WITH_UNDERSCORES)
          .disableHtmlEscaping()
          .setPrettyPrinting()
          .create();

  @Option(
      names = "--cell",
      paramLabel = "KIND",
      defaultValue = "lstm",
      description = "Kind of cell: ${COMPLETION-CANDIDATES} (default: ${DEFAULT-VALUE}).")
  private CellKind kind;

  @Option(
      names = "--quick",
      description =
          "Measure for a shorter time, 45 seconds in all, and do not train the largest shape.")
  private boolean quick;

  @Option(
      names = "--json",
      paramLabel = "FILE",
      description = "Also write the figures to this file.")
  private Path json;

  @Spec private CommandSpec spec;

  @Override
  public Integer call() throws ModelFileException {
    requireFolder();
    Console console = Console.of(spec);
    console.println(SimdEnvironment.current().summary());
    console.println();
    console.println(
        console.bold(
            "cell mode         I    H   median us     best us  bytes     GB/s   GFLOP/s"
                + "   % of limit"));
    Bench bench = new Bench(quick ? QUICK_SECONDS : SECONDS);
    List<BenchResult> results = new ArrayList<>();
    for (Bench.Mode mode : Bench.Mode.values()) {
      // Waits for the compiler, which takes longer than a measurement.
      new Bench(WARM_UP_SECONDS).run(kind.cell(32, 32), mode);
      for (int[] shape : SHAPES) {
        if (!quick || mode != Bench.Mode.TRAIN || shape[1] <= QUICK_TRAINED_SIZE) {
          Cell cell = kind.cell(shape[0], shape[1]);
          BenchResult result = bench.run(cell, mode);
          results.add(result);
          console.println(line(result));
        }
      }
      console.println();
    }
    if (json != null) {
      AtomicFiles.writeString(json, json(results) + "\n");
      console.println("Wrote " + json + ".");
    }
    return 0;
  }

  /** So that a wrong name is known before minutes of measuring, not after. */
  private void requireFolder() throws ModelFileException {
    if (json == null) {
      return;
    }
    Path folder = json.toAbsolutePath().getParent();
    if (Files.isDirectory(json) || folder == null || !Files.isDirectory(folder)) {
      throw new ModelFileException(
          "Cannot write "
              + json
              + ": it is a folder or in none. Name a file in a folder that"
              + " exists.");
    }
  }

  private static String line(BenchResult r) {
    return "%-4s %-8s %5d %4d %11.2f %11.2f %6d %8.1f %9.1f   %5.1f of %.1f %s"
        .formatted(
            r.cell(),
            r.mode(),
            r.input(),
            r.hidden(),
            r.medianUs(),
            r.bestUs(),
            r.bytesPerCall(),
            r.weightGbPerS(),
            r.gflops(),
            100 * r.fractionOfLimit(),
            r.boundByReading() ? r.limitGbPerS() : r.limitGflops(),
            r.boundByReading() ? "GB/s" : "GFLOP/s");
  }

  private static String json(List<BenchResult> results) {
    SimdEnvironment simd = SimdEnvironment.current();
    JsonObject environment = new JsonObject();
    environment.addProperty("cpu", simd.cpu());
    environment.addProperty("cores", simd.cores());
    environment.addProperty("jdk", simd.jdk());
    environment.addProperty("vm", simd.vm());
    environment.addProperty("vector_bits", simd.vectorBits());
    environment.addProperty("supported_bits", simd.supportedBits());
    environment.addProperty("fma", simd.fma());
    environment.addProperty("c2", simd.c2());
    environment.addProperty("checked", simd.checked());
    environment.addProperty("time", Instant.now().truncatedTo(ChronoUnit.SECONDS).toString());
    JsonObject all = new JsonObject();
    all.add("environment", environment);
    all.add("results", GSON.toJsonTree(results));
    return GSON.toJson(all);
  }
}
