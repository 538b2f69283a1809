package io.cellbelt.app;

import io.cellbelt.bptt.GradientCheck;
import io.cellbelt.cells.Architecture;
import io.cellbelt.cells.Cell;
import io.cellbelt.cells.Input;
import io.cellbelt.cells.Weights;
import io.cellbelt.models.ModelFileException;
import io.cellbelt.models.ModelFiles;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
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
      "Checks gradients: the kernels' against those of a reference in double precision, and the"
          + " reference's against finite differences.",
      "",
      "The table shows, for each parameter, the value that differs most. A model of 1 MB takes"
          + " about half a minute."
    },
    sortOptions = false,
    sortSynopsis = false,
    footerHeading = "%nExamples:%n",
    footer = {
      "  cellbelt check --cell lstm",
      "  cellbelt check --cell all --seed 7",
      "  cellbelt check book.safetensors"
    })
final class CheckCommand implements Callable<Integer> {
  /**
   * A size of the input, of each layer, and of the outputs; odd ones, so that panels have rests.
   */
  private record Shape(Input input, List<Integer> hidden, int outputs, int steps, int batch) {}

  private static final List<Shape> SHAPES =
      List.of(
          new Shape(new Input.Dense(3), List.of(5), 2, 7, 1),
          new Shape(new Input.Dense(1), List.of(1), 1, 3, 2),
          new Shape(new Input.OneHot(13), List.of(17), 13, 5, 3),
          new Shape(new Input.Embedding(11, 6), List.of(9, 33), 11, 9, 2));

  private static final int MODEL_STEPS = 8;
  private static final int MODEL_BATCH = 2;

  @Spec private CommandSpec spec;

  @ArgGroup(multiplicity = "1")
  private Target target;

  /** What is checked: one or the other. */
  private static final class Target {
    @Parameters(index = "0", paramLabel = "MODEL", description = "A model file.")
    private Path model;

    @Option(
        names = "--cell",
        paramLabel = "KIND",
        description = "lstm, rnn, or all: random weights in several odd shapes.")
    private String cell;
  }

  @Option(
      names = "--seed",
      paramLabel = "SEED",
      defaultValue = "1",
      description = "For the random data (default: ${DEFAULT-VALUE}).")
  private long seed;

  @Override
  public Integer call() throws ModelFileException {
    Console console = Console.of(spec);
    boolean passed = true;
    if (target.model != null) {
      try (Weights weights = ModelFiles.read(target.model).weights()) {
        passed = check(console, weights, MODEL_STEPS, MODEL_BATCH);
      }
    } else {
      for (CellKind kind : kinds(target.cell)) {
        for (Shape shape : SHAPES) {
          try (Weights weights = Weights.random(architecture(kind, shape), seed)) {
            passed &= check(console, weights, shape.steps(), shape.batch());
          }
        }
      }
    }
    console.println(console.bold(passed ? "All gradients are right." : "The check FAILED."));
    return passed ? ExitCode.OK : ExitCode.SOFTWARE;
  }

  private List<CellKind> kinds(String name) {
    List<CellKind> all = List.of(CellKind.values());
    List<CellKind> named =
        all.stream().filter(kind -> name.equals("all") || name.equals(kind.toString())).toList();
    if (named.isEmpty()) {
      throw new ParameterException(
          spec.commandLine(), "--cell is one of %s or all, but got '%s'.".formatted(all, name));
    }
    return named;
  }

  private static Architecture architecture(CellKind kind, Shape shape) {
    List<Cell> cells = new ArrayList<>();
    int below = shape.input().size();
    for (int hidden : shape.hidden()) {
      cells.add(kind.cell(below, hidden));
      below = hidden;
    }
    return new Architecture(shape.input(), cells, shape.outputs());
  }

  private boolean check(Console console, Weights weights, int steps, int batch) {
    console.println(console.bold("%s, T = %d, B = %d".formatted(title(weights), steps, batch)));
    GradientCheck.Report report = GradientCheck.run(weights, steps, batch, seed);
    console.println(
        "  %-18s %8s  %13s  %13s  %12s  %12s"
            .formatted("parameter", "index", "analytic", "numeric", "ref. error", "SIMD error"));
    for (GradientCheck.Row row : report.rows()) {
      console.println(
          "  %-18s %8d  %13.6e  %13.6e  %12.1e  %12.1e"
              .formatted(
                  row.parameter(),
                  row.index(),
                  row.analytic(),
                  row.numeric(),
                  row.referenceError(),
                  row.kernelError()));
    }
    console.println(
        "  largest: %.1e of the reference against finite differences, %.1e of the kernels against"
                .formatted(report.worstReferenceError(), report.worstKernelError())
            + " the reference: "
            + (report.passed() ? "passed" : console.bold("FAILED")));
    console.println();
    return report.passed();
  }

  private static String title(Weights weights) {
    Architecture architecture = weights.architecture();
    return "%s, %s, %d outputs"
        .formatted(architecture.input(), architecture.layers(), architecture.outputSize());
  }
}
