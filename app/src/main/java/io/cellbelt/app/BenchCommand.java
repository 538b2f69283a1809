package io.cellbelt.app;

import com.google.gson.FieldNamingPolicy;
import com.google.gson.Gson;
import com.google.gson.GsonBuilder;
import com.google.gson.JsonObject;
import io.cellbelt.cells.Cell;
import io.cellbelt.kernels.JitState;
import io.cellbelt.kernels.SimdEnvironment;
import io.cellbelt.kernels.WeightFormat;
import io.cellbelt.models.AtomicFiles;
import io.cellbelt.models.ModelFileException;
import java.nio.file.Path;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
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
      "  speed_over_f32      how many times as fast as f32 weights, by the medians",
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
      "A step against its products, in a table of its own, with f32 weights:",
      "  step_us             median time of a step of a stream",
      "  products_us         of its matrix products alone, timed in turn with it",
      "  step_best_us, products_best_us",
      "                      the fastest of many short blocks of calls",
      "  outside_products_percent",
      "                      share of the step that is something else",
      "  active_percent      units that a step computes, on average; under 100 for a",
      "                      clockwork cell, whose times are means over its longest period",
      "  step_over_rnn       its time over that of a plain rnn of the same size",
      "",
      "Examples:",
      "  cellbelt bench --quick",
      "  cellbelt bench --cell all",
      "  cellbelt bench --weights f32 --json > bench.json",
      "  cellbelt bench --cell rnn --json bench.json"
    })
final class BenchCommand implements Callable<Integer> {
  /** A format that is not at least this much as fast as f32 is said to be slower. */
  private static final double NO_GAIN = 0.98;

  /** Kernels with a loop over vectors; the others call them. */
  private static final String LOOPS =
      ".*\\.product\\.(Gemv|Gemm|Bf16|Int8|RowLoops)\\.\\w*(Groups?|Rows|Loop)"
          + "|.*\\.(activation|pointwise)\\.\\w+\\.(loop|cell|output|cellGradient|gradient)";

  private static final String ALL = "all";
  private static final String STANDARD_OUTPUT = "-";
  private static final int[][] SHAPES = {{32, 32}, {64, 128}, {256, 256}, {512, 512}, {1024, 1024}};
  private static final int[] STEP_SIZES = {128, 256, 512};
  private static final String HEADER =
      "%-4s mode     weights  I    H   median us     best us x f32  bytes     GB/s   GFLOP/s"
          + "   %% of limit";
  private static final String STEP_HEADER =
      String.format(
              Locale.ROOT,
              "%-16s  I    H    step us    best us   products us    best us   outside products   active",
              "cell")
          + "   x rnn";
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
      paramLabel = "NAME",
      defaultValue = "lstm",
      description =
          "A cell, such as rnn, lstm-peepholes or gru-after (a wrong name lists them), or all, for"
              + " a step of each against its matrix products (default: ${DEFAULT-VALUE}).")
  private String cell;

  @Option(
      names = "--quick",
      description =
          "Measure for a shorter time, about a minute in all, and do not train the largest shape.")
  private boolean quick;

  @Option(
      names = "--weights",
      paramLabel = "FORMAT",
      split = ",",
      defaultValue = "f32,bf16,int8",
      description =
          "Formats of the weights besides f32: ${COMPLETION-CANDIDATES} (default: all of them)."
              + " Training has f32 only.")
  private EnumSet<WeightFormat> formats;

  @Option(
      names = "--json",
      paramLabel = "FILE",
      arity = "0..1",
      fallbackValue = STANDARD_OUTPUT,
      description = "Also write the figures to this file; without one, print them instead.")
  private Path json;

  @Spec private CommandSpec spec;

  @Override
  public Integer call() throws ModelFileException {
    List<CellKind> kinds = kinds();
    boolean table = json == null || !json.toString().equals(STANDARD_OUTPUT);
    if (table && json != null) {
      Targets.require(json);
    }
    Console console = Console.of(spec);
    if (table) {
      console.println(SimdEnvironment.current().summary());
    }
    List<BenchResult> results = new ArrayList<>();
    if (kinds.size() == 1) {
      run(kinds.getFirst(), console, table, results);
    }
    List<StepResult> stepResults = new ArrayList<>();
    runSteps(kinds, console, table, stepResults);
    if (table) {
      console.println();
      console.println(compiled());
    }
    if (!table) {
      console.println(json(results, stepResults));
    } else if (json != null) {
      AtomicFiles.writeString(json, json(results, stepResults) + "\n");
      console.println();
      console.println("Wrote " + json + ".");
    }
    return 0;
  }

  private List<CellKind> kinds() {
    if (cell.equals(ALL)) {
      // A single layer has nothing to be tied to.
      EnumSet<CellKind> untied = EnumSet.allOf(CellKind.class);
      untied.remove(CellKind.GRID_LSTM_TIED);
      return List.copyOf(untied);
    }
    return CellKind.named(cell)
        .map(List::of)
        .orElseThrow(
            () ->
                new ParameterException(
                    spec.commandLine(),
                    String.format(
                        Locale.ROOT,
                        "--cell is one of %s or all, but got '%s'.",
                        CellKind.names(),
                        cell)));
  }

  private void run(CellKind kind, Console console, boolean table, List<BenchResult> results) {
    Bench bench = new Bench(quick ? QUICK_SECONDS : SECONDS);
    for (Bench.Mode mode : Bench.Mode.values()) {
      List<WeightFormat> compared = new ArrayList<>(List.of(WeightFormat.F32));
      if (mode != Bench.Mode.TRAIN) {
        formats.stream().filter(format -> format != WeightFormat.F32).forEach(compared::add);
      }
      if (table) {
        console.println();
        console.println(
            console.bold(String.format(Locale.ROOT, HEADER, pad("cell", kind.toString()))));
      }
      for (int[] shape : SHAPES) {
        if (!quick || mode != Bench.Mode.TRAIN || shape[1] <= QUICK_TRAINED_SIZE) {
          Cell measured = kind.cell(kind.fitInput(shape[0], shape[1]), shape[1]);
          for (BenchResult result : bench.run(kind.toString(), measured, mode, compared)) {
            results.add(result);
            if (table) {
              console.println(line(result));
            }
          }
        }
      }
    }
  }

  private static String pad(String text, String other) {
    return text + " ".repeat(Math.max(0, other.length() - text.length()));
  }

  private void runSteps(
      List<CellKind> kinds, Console console, boolean table, List<StepResult> results) {
    StepBench bench = new StepBench(quick ? QUICK_SECONDS : SECONDS);
    if (table) {
      console.println();
      console.println(console.bold(STEP_HEADER));
    }
    for (CellKind kind : kinds) {
      for (int size : STEP_SIZES) {
        StepResult result = bench.run(kind, size, size);
        results.add(result);
        if (table) {
          console.println(line(result));
        }
      }
    }
  }

  private static String line(StepResult r) {
    return String.format(
        Locale.ROOT,
        "%-16s %4d %4d %9.2f %10.2f %13.2f %10.2f %16.1f %% %6.0f %%%s",
        r.cell(),
        r.input(),
        r.hidden(),
        r.stepUs(),
        r.stepBestUs(),
        r.productsUs(),
        r.productsBestUs(),
        r.outsideProductsPercent(),
        r.activePercent(),
        r.stepOverRnn() == null ? "" : String.format(Locale.ROOT, "  %6.2f", r.stepOverRnn()));
  }

  private static String line(BenchResult r) {
    return String.format(
        Locale.ROOT,
        "%-4s %-8s %-5s %5d %4d %11.2f %11.2f %5.2f %6d %8.1f %9.1f   %5.1f of %.1f %s%s",
        r.cell(),
        r.mode(),
        r.weights(),
        r.input(),
        r.hidden(),
        r.medianUs(),
        r.bestUs(),
        r.speedOverF32(),
        r.bytesPerCall(),
        r.weightGbPerS(),
        r.gflops(),
        100 * r.fractionOfLimit(),
        r.boundByReading() ? r.limitGbPerS() : r.limitGflops(),
        r.boundByReading() ? "GB/s" : "GFLOP/s",
        r.speedOverF32() < NO_GAIN ? ", slower than f32" : "");
  }

  /**
   * Which of the loops that hold vectors C2 has compiled. A small one that is called through a
   * handle may only exist inlined into the handle's own code, which goes by another name.
   */
  private static String compiled() {
    Map<Boolean, String> names =
        JitState.levels().entrySet().stream()
            .filter(entry -> entry.getKey().matches(LOOPS))
            .collect(
                Collectors.partitioningBy(
                    entry -> entry.getValue() == JitState.C2,
                    Collectors.mapping(
                        entry -> entry.getKey().replaceAll(".*\\.(\\w+\\.\\w+)", "$1"),
                        Collectors.joining(", "))));
    return "Compiled by C2: "
        + names.get(true)
        + (names.get(false).isEmpty()
            ? ""
            : "\nInlined by C2 into their callers, or slow and then with bytes over 0: "
                + names.get(false));
  }

  private static String json(List<BenchResult> results, List<StepResult> steps) {
    SimdEnvironment simd = SimdEnvironment.current();
    JsonObject environment = new JsonObject();
    environment.addProperty("cpu", simd.cpu());
    environment.addProperty("cores", simd.cores());
    environment.addProperty("jdk", simd.jdk());
    environment.addProperty("vm", simd.vm());
    environment.addProperty("vector_bits", simd.vectorBits());
    environment.addProperty("supported_bits", simd.supportedBits());
    environment.addProperty("tiles", simd.tiles());
    environment.addProperty("fma", simd.fma());
    environment.addProperty("c2", simd.c2());
    environment.addProperty("checked", simd.checked());
    environment.addProperty("time", Instant.now().truncatedTo(ChronoUnit.SECONDS).toString());
    JsonObject all = new JsonObject();
    all.add("environment", environment);
    // By HotSpot's levels: 4 is C2; below it vectors would be boxed, and bytes_per_call not 0.
    all.add("compiled", GSON.toJsonTree(JitState.levels()));
    all.add("results", GSON.toJsonTree(results));
    all.add("steps", GSON.toJsonTree(steps));
    return GSON.toJson(all);
  }
}
