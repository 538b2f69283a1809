package io.cellbelt.app;

import io.cellbelt.bptt.Adam;
import io.cellbelt.bptt.Batch;
import io.cellbelt.bptt.GradientFlow;
import io.cellbelt.bptt.Loss;
import io.cellbelt.bptt.Trainer;
import io.cellbelt.cells.Architecture;
import io.cellbelt.cells.Input;
import io.cellbelt.cells.Readout;
import io.cellbelt.cells.Weights;
import io.cellbelt.models.AtomicFiles;
import io.cellbelt.models.ModelFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.SplittableRandom;
import java.util.concurrent.Callable;
import java.util.stream.DoubleStream;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code cellbelt gradient-flow}: how fast gradients vanish, before and after training. */
@Command(
    name = "gradient-flow",
    description = {
      "Shows how much of a gradient is left k steps back in time, before and after training.",
      "",
      "The task is to say at the end of a sequence which of eight symbols stood at its beginning,"
          + " with noise in between; it is learned on short sequences first. The table has the norm"
          + " of dL/dh(t-k), and of dL/dc(t-k) where a cell has a c, divided by that of dL/dh(t-1)."
    },
    sortOptions = false,
    footerHeading = "%nExamples:%n",
    footer = {
      "  cellbelt gradient-flow",
      "  cellbelt gradient-flow --cell lstm,lstm-nfg,clockwork --steps 60 --out flow.png"
    })
final class GradientFlowCommand implements Callable<Integer> {
  private static final int SYMBOLS = 8;
  private static final int NOISE = 4;
  private static final int BATCH = 32;
  private static final int SHORTEST = 3;
  private static final double LEARNING_RATE = 0.005;

  /** The loss under which sequences get longer; guessing has ln 8 = 2.08. */
  private static final double KNOWN = 0.3;

  private static final double SMOOTHING = 0.1;

  /** Norms that are not numbers of a logarithmic axis are drawn at its bottom. */
  private static final double LEAST = 1e-30;

  @Spec private CommandSpec spec;

  @Option(
      names = "--cell",
      split = ",",
      paramLabel = "NAME",
      converter = CellKind.Converter.class,
      defaultValue = "rnn,lstm,gru-after",
      description = "Cells to compare (default: ${DEFAULT-VALUE}).")
  private List<CellKind> kinds;

  @Option(
      names = "--steps",
      paramLabel = "T",
      defaultValue = "40",
      description = "Steps of a sequence, 4 to 1000 (default: ${DEFAULT-VALUE}).")
  private int steps;

  @Option(
      names = "--hidden",
      paramLabel = "H",
      defaultValue = "32",
      description = "Hidden size (default: ${DEFAULT-VALUE}).")
  private int hidden;

  @Option(
      names = "--updates",
      paramLabel = "N",
      defaultValue = "1500",
      description = "Updates of training (default: ${DEFAULT-VALUE}).")
  private int updates;

  @Option(
      names = "--seed",
      paramLabel = "SEED",
      defaultValue = "1",
      description = "For weights and data (default: ${DEFAULT-VALUE}).")
  private long seed;

  @Option(
      names = "--out",
      paramLabel = "FILE",
      defaultValue = "gradient-flow.png",
      description = "Where the plot goes (default: ${DEFAULT-VALUE}).")
  private Path out;

  /**
   * What was found for a cell.
   *
   * @param before norms for h of the untrained network, over the first
   * @param after norms for h of the trained one
   * @param beforeC norms for c, empty where there is none
   * @param afterC norms for c of the trained one
   * @param loss at the end of training
   * @param length steps of the sequences that training had come to
   */
  record Measured(
      CellKind kind,
      double[] before,
      double[] after,
      double[] beforeC,
      double[] afterC,
      double loss,
      int length) {}

  @Override
  public Integer call() throws ModelFileException {
    Console console = Console.of(spec);
    if (steps < SHORTEST + 1 || steps > 1000 || hidden < 1 || updates < 0) {
      throw new ParameterException(
          spec.commandLine(),
          String.format(
              Locale.ROOT,
              "--steps is %d to 1000, --hidden 1 or more and --updates 0 or more, but got %d, %d"
                  + " and %d",
              SHORTEST + 1,
              steps,
              hidden,
              updates));
    }
    Targets.require(out);
    List<Measured> all = new ArrayList<>();
    for (CellKind kind : kinds) {
      all.add(measure(console, kind));
    }
    table(console, all);
    byte[] png = Charts.flow(all);
    AtomicFiles.write(out, stream -> stream.write(png));
    console.println();
    console.println("The plot is in " + out + ".");
    return 0;
  }

  private Measured measure(Console console, CellKind kind) {
    int vocabulary = SYMBOLS + NOISE;
    int size = kind.fit(List.of(hidden)).getFirst();
    Input input =
        kind.addsInput() ? new Input.Embedding(vocabulary, size) : new Input.OneHot(vocabulary);
    Architecture architecture =
        new Architecture(input, kind.stack(input.size(), List.of(size)), Readout.linear(SYMBOLS));
    int[] probe = sample(steps, new SplittableRandom(seed + 1)).tokens();
    Weights start = Weights.random(architecture, seed);
    try (Trainer trainer =
        new Trainer(
            start,
            new Trainer.Options(
                BATCH, steps, Loss.SOFTMAX_CROSS_ENTROPY, Adam.of(LEARNING_RATE), 1))) {
      GradientFlow before = GradientFlow.of(start, probe, steps, BATCH, seed);
      SplittableRandom random = new SplittableRandom(seed);
      int length = SHORTEST;
      double loss = Math.log(SYMBOLS);
      try (Progress progress = console.progress(kind.toString(), updates)) {
        for (int i = 0; i < updates; i++) {
          loss += SMOOTHING * (trainer.update(sample(length, random)) - loss);
          if (loss < KNOWN && length < steps) {
            length++;
            loss = Math.max(loss, 2 * KNOWN);
          }
          progress.step(1);
        }
      }
      GradientFlow after = GradientFlow.of(trainer.snapshot(), probe, steps, BATCH, seed);
      double first = before.h()[0];
      double firstTrained = after.h()[0];
      return new Measured(
          kind,
          over(before.h(), first),
          over(after.h(), firstTrained),
          over(before.c(), first),
          over(after.c(), firstTrained),
          loss,
          length);
    }
  }

  private static double[] over(double[] norms, double first) {
    return DoubleStream.of(norms).map(norm -> Math.max(LEAST, norm / first)).toArray();
  }

  /** A symbol, noise, and at the last step the question which it was. */
  private static Batch sample(int length, SplittableRandom random) {
    int[] tokens = new int[length * BATCH];
    int[] labels = new int[length * BATCH];
    Arrays.fill(labels, -1);
    for (int b = 0; b < BATCH; b++) {
      int symbol = random.nextInt(SYMBOLS);
      for (int t = 0; t < length; t++) {
        tokens[t * BATCH + b] = t == 0 ? symbol : SYMBOLS + random.nextInt(NOISE);
      }
      labels[(length - 1) * BATCH + b] = symbol;
    }
    return Batch.ofTokens(length, true, tokens, labels);
  }

  private void table(Console console, List<Measured> all) {
    for (Measured measured : all) {
      boolean hasC = measured.afterC().length > 0;
      console.println();
      console.println(
          console.bold(
              String.format(
                  Locale.ROOT,
                  "%s: after training the loss is %.3f nats (guessing %.3f) on sequences of %d",
                  measured.kind(),
                  measured.loss(),
                  Math.log(SYMBOLS),
                  measured.length())));
      console.println("     k   dL/dh before    after" + (hasC ? "   dL/dc before    after" : ""));
      for (int k : rows()) {
        String line =
            String.format(
                Locale.ROOT,
                "  %4d   %12.2e %8.2e",
                k,
                measured.before()[k - 1],
                measured.after()[k - 1]);
        if (hasC) {
          line +=
              String.format(
                  Locale.ROOT,
                  "   %12.2e %8.2e",
                  measured.beforeC()[k - 1],
                  measured.afterC()[k - 1]);
        }
        console.println(line);
      }
    }
  }

  /** Steps that the table shows: 1, 2, 5, 10, 20, 50 and so on, and the last. */
  private List<Integer> rows() {
    List<Integer> rows = new ArrayList<>();
    for (int decade = 1; decade < steps; decade *= 10) {
      for (int k : new int[] {decade, 2 * decade, 5 * decade}) {
        if (k < steps - 1) {
          rows.add(k);
        }
      }
    }
    rows.add(steps - 1);
    return rows;
  }
}
