package io.cellbelt.app;

import io.cellbelt.bptt.GradientCheck;
import io.cellbelt.cells.Architecture;
import io.cellbelt.cells.Layer;
import io.cellbelt.cells.Weights;
import io.cellbelt.models.Model;
import io.cellbelt.models.ModelFileException;
import io.cellbelt.models.ModelFiles;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.ExitCode;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code cellbelt check}: finite differences against analytic gradients. */
@Command(
    name = "check",
    description = {
      "Checks outputs and gradients: first the kernels' forward pass against a reference in double"
          + " precision, step by step; then the kernels' gradients against the reference's, the"
          + " reference's against finite differences, and both by the adjoint identity"
          + " <J v, u> = <v, J'u>.",
      "",
      "The table shows, for each parameter, the entry that differs most, as [row, column], and what"
          + " may be wrong. If the forward pass is wrong, that is all that is shown. A model of 1 MB takes"
          + " about half a minute, --cell all a minute or two."
    },
    sortOptions = false,
    sortSynopsis = false,
    footerHeading = "%nExamples:%n",
    footer = {
      "  cellbelt check --cell lstm",
      "  cellbelt check --cell all --seed 7",
      "  cellbelt check book.safetensors",
      "  cellbelt check --model book.safetensors --data book.txt --steps 20"
    })
final class CheckCommand implements Callable<Integer> {
  private static final String ALL = "all";
  private static final int MODEL_STEPS = 8;
  private static final int MODEL_BATCH = 2;

  @Spec private CommandSpec spec;

  @ArgGroup(multiplicity = "1")
  private Target target;

  /** What is checked: one or the other. */
  private static final class Target {
    @Parameters(index = "0", paramLabel = "MODEL", description = "A model file.")
    private Path model;

    @Option(names = "--model", paramLabel = "FILE", description = "The same: a model file.")
    private Path named;

    @Option(
        names = "--cell",
        paramLabel = "NAME",
        description =
            "A cell with random weights in several odd shapes, or all: every cell with every"
                + " option, direction, merge, mask, input and readout, a line each. Cells: rnn,"
                + " lstm, gru-after and so on; a wrong name lists them.")
    private String cell;
  }

  @Option(
      names = "--data",
      paramLabel = "FILE",
      description =
          "What the model is fed, from a state of zero: a text for a model of characters, lines of"
              + " numbers, separated by commas, for others (default: random data and states).")
  private Path data;

  @Option(
      names = "--steps",
      paramLabel = "T",
      description = "Steps that a model is checked over (default: " + MODEL_STEPS + ").")
  private Integer steps;

  @Option(
      names = "--seed",
      paramLabel = "SEED",
      defaultValue = "1",
      description = "For the random data (default: ${DEFAULT-VALUE}).")
  private long seed;

  @Override
  public Integer call() throws ModelFileException {
    Console console = Console.of(spec);
    boolean passed;
    if (target.cell == null) {
      passed = checkModel(console, target.model == null ? target.named : target.model);
    } else if (data != null || steps != null) {
      throw new ParameterException(
          spec.commandLine(),
          (data != null ? "--data" : "--steps") + " is for models, and --cell checks without one.");
    } else if (target.cell.equals(ALL)) {
      passed = checkAll(console);
    } else {
      passed = true;
      for (CheckCase one : named(target.cell)) {
        Weights weights = one.weights(seed);
        title(console, weights, one.steps(), one.batch());
        passed &= print(console, GradientCheck.run(weights, one.steps(), one.batch(), seed));
      }
    }
    console.println(console.bold(passed ? "All gradients are right." : "The check FAILED."));
    return passed ? ExitCode.OK : ExitCode.SOFTWARE;
  }

  private boolean checkModel(Console console, Path file) throws ModelFileException {
    int most = steps == null ? MODEL_STEPS : steps;
    if (most < 1) {
      throw new ParameterException(
          spec.commandLine(), "--steps must be 1 or more, but is " + most + ".");
    }
    Model model = ModelFiles.read(file);
    model.remarks().forEach(console::error);
    Weights weights = model.weights();
    if (data == null) {
      title(console, weights, most, MODEL_BATCH);
      return print(console, GradientCheck.run(weights, most, MODEL_BATCH, seed));
    }
    CheckData fed = CheckData.read(data, file, model, most, MODEL_BATCH);
    title(console, weights, fed.steps(), fed.batch());
    return print(console, fed.check(weights, seed));
  }

  private List<CheckCase> named(String name) {
    List<CheckCase> all = CheckCase.all();
    List<CheckCase> named = all.stream().filter(one -> one.name().equals(name)).toList();
    if (named.isEmpty()) {
      throw new ParameterException(
          spec.commandLine(),
          String.format(
              Locale.ROOT,
              "--cell is one of %s, or a name that 'check --cell all' prints, or all, but got '%s'.",
              CellKind.names(),
              name));
    }
    return named;
  }

  private boolean checkAll(Console console) {
    console.println(
        console.bold(
            String.format(
                Locale.ROOT,
                "%-30s %7s %9s %9s %9s %5s  %s",
                "cell or stack",
                "forward",
                "reference",
                "kernels",
                "adjoint",
                "kinks",
                "network")));
    double forward = 0;
    double reference = 0;
    double kernels = 0;
    double adjoint = 0;
    int failed = 0;
    List<CheckCase> all = CheckCase.all();
    for (CheckCase one : all) {
      Weights weights = one.weights(seed);
      GradientCheck.Report report = GradientCheck.run(weights, one.steps(), one.batch(), seed);
      forward = Math.max(forward, report.forward().orElseThrow().worst());
      if (report.forwardPassed()) {
        reference = Math.max(reference, report.worstReferenceError());
        kernels = Math.max(kernels, report.worstKernelError());
        adjoint = Math.max(adjoint, report.adjointError());
      }
      failed += report.passed() ? 0 : 1;
      console.println(
          String.format(
              Locale.ROOT,
              "%-30s %6.0f%% %9.1e %9.1e %9.1e %5d  %s%s",
              one.name(),
              100 * report.forward().orElseThrow().worst(),
              report.worstReferenceError(),
              report.worstKernelError(),
              report.adjointError(),
              report.kinks(),
              one.shape(),
              report.passed() ? "" : console.bold("  FAILED")));
      if (!report.passed()) {
        report.lines().forEach(line -> console.println("  " + line));
      }
    }
    console.println();
    console.println(
        String.format(
                Locale.ROOT,
                "%d networks, %d failed. Largest errors: forward %.0f%% of the tolerance,"
                    + " reference against finite differences %.1e (limit %.0e),",
                all.size(),
                failed,
                100 * forward,
                reference,
                GradientCheck.REFERENCE_LIMIT)
            + String.format(
                Locale.ROOT,
                " kernels against reference %.1e (limit %.0e), adjoint identity %.1e (limit %.0e).",
                kernels,
                GradientCheck.KERNEL_LIMIT,
                adjoint,
                GradientCheck.ADJOINT_LIMIT));
    return failed == 0;
  }

  private static void title(Console console, Weights weights, int steps, int batch) {
    console.println(
        console.bold(
            String.format(Locale.ROOT, "%s, T = %d, B = %d", title(weights), steps, batch)));
  }

  /** Prints a report; returns whether it passed. */
  static boolean print(Console console, GradientCheck.Report report) {
    report.lines().forEach(line -> console.println("  " + line));
    if (report.forwardPassed()) {
      console.println(
          String.format(
                  Locale.ROOT,
                  "  largest: %.1e of the reference against finite differences, %.1e of the kernels"
                      + " against the reference, %.1e of the adjoint identity: ",
                  report.worstReferenceError(),
                  report.worstKernelError(),
                  report.adjointError())
              + (report.passed() ? "passed" : console.bold("FAILED")));
    } else {
      console.println("  forward pass: " + console.bold("FAILED"));
    }
    console.println();
    return report.passed();
  }

  private static String title(Weights weights) {
    Architecture architecture = weights.architecture();
    return String.format(
        Locale.ROOT,
        "%s, %s, %d outputs",
        architecture.input(),
        architecture.layers().stream()
            .map(layer -> layer.equals(Layer.of(layer.cell())) ? layer.cell() : layer)
            .toList(),
        architecture.outputSize());
  }
}
