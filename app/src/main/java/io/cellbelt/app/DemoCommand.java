package io.cellbelt.app;

import io.cellbelt.bptt.GradientCheck;
import io.cellbelt.cells.Architecture;
import io.cellbelt.cells.Input;
import io.cellbelt.cells.Lstm;
import io.cellbelt.cells.Network;
import io.cellbelt.cells.Stream;
import io.cellbelt.cells.Weights;
import io.cellbelt.kernels.SimdEnvironment;
import io.cellbelt.models.ModelFileException;
import java.io.IOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.SplittableRandom;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.ExitCode;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code cellbelt demo}: why the LSTM was invented, on data it makes itself. */
@Command(
    name = "demo",
    description = {
      "Shows what an LSTM learns to remember and a plain RNN does not, in well under two minutes.",
      "",
      "Trains both on sentences such as 'i grew up in france ... and i speak fluent french',"
          + " compares their answers by distance, checks gradients, streams predictions, measures"
          + " the latency of a step, and writes a report with plots."
    },
    sortOptions = false,
    footerHeading = "%nExamples:%n",
    footer = {"  cellbelt demo", "  cellbelt demo --seed 7 --out demo-7"})
final class DemoCommand implements Callable<Integer> {
  private static final List<Integer> DISTANCES = List.of(4, 6, 9, 14, 19, 24, 34, 44, 64, 84);
  private static final int SHOWN_DISTANCE = 24;
  private static final DemoStudent.Plan PLAN = new DemoStudent.Plan(48, 8, 40, 5000, 300);
  private static final DemoStudent.Plan QUICK_PLAN = new DemoStudent.Plan(32, 8, 40, 800, 150);
  private static final int SENTENCES = 1000;
  private static final int QUICK_SENTENCES = 200;
  private static final int LATENCY_STEPS = 1_000_000;
  private static final int QUICK_LATENCY_STEPS = 50_000;

  /** Sentences of the exam must not be those of training, so they come from another seed. */
  private static final long EXAM_SEED = 0x9e3779b97f4a7c15L;

  @Spec private CommandSpec spec;

  @Option(
      names = "--out",
      paramLabel = "DIR",
      defaultValue = "cellbelt-demo",
      description = "Folder of the report, made if missing (default: ${DEFAULT-VALUE}).")
  private Path folder;

  @Option(
      names = "--seed",
      paramLabel = "SEED",
      defaultValue = "1",
      description = "For the sentences and the first weights (default: ${DEFAULT-VALUE}).")
  private long seed;

  @Option(
      names = "--quick",
      description = "Learn less and measure for a shorter time: seconds, but worse answers.")
  private boolean quick;

  private final DemoGrammar grammar = new DemoGrammar();
  private Console console;

  @Override
  public Integer call() throws ModelFileException {
    console = Console.of(spec);
    makeFolder();
    console.println(SimdEnvironment.current().summary());
    title("1. Sentences");
    DemoGrammar.Sentence sentence =
        grammar.sentence(SHOWN_DISTANCE, new SplittableRandom(seed ^ EXAM_SEED));
    console.println(
        String.format(
            Locale.ROOT,
            "Which language is next? There are %d; guessing is right in %.1f %% of cases.",
            DemoGrammar.languages(),
            100.0 / DemoGrammar.languages()));
    console.println(
        String.format(Locale.ROOT, "  %s ... [%s]", sentence.text(), sentence.language()));
    DemoStudent.Plan plan = quick ? QUICK_PLAN : PLAN;
    try (DemoStudent lstm = new DemoStudent(CellKind.LSTM, grammar, plan, seed);
        DemoStudent rnn = new DemoStudent(CellKind.RNN, grammar, plan, seed)) {
      title("2. Training");
      learn("LSTM", lstm, plan);
      learn("plain RNN", rnn, plan);
      try (Network remembering = lstm.network();
          Network forgetting = rnn.network()) {
        List<DemoReport.Score> scores = exam(remembering, forgetting);
        List<DemoReport.Word> words = stream(sentence, remembering, forgetting);
        GradientCheck.Report gradients = checkGradients();
        DemoLatency latency = measure(remembering);
        new DemoReport(
                scores,
                lstm.losses(),
                rnn.losses(),
                words,
                sentence.language(),
                gradients,
                latency,
                seed)
            .write(folder);
        console.println();
        console.println("The report is in " + folder.resolve("report.html") + ".");
        return gradients.passed() ? ExitCode.OK : ExitCode.SOFTWARE;
      }
    }
  }

  /** Before training, so that a wrong name costs no time. */
  private void makeFolder() {
    try {
      Files.createDirectories(folder);
    } catch (IOException e) {
      throw new Failure(
          String.format(
              Locale.ROOT,
              "The folder '%s' cannot be made: %s; name another one with --out.",
              folder,
              e instanceof FileAlreadyExistsException
                  ? "a file of that name is there"
                  : "the system reported " + Failure.reason(e)),
          e);
    }
    if (!Files.isWritable(folder)) {
      throw new Failure(
          String.format(
              Locale.ROOT,
              "The folder '%s' cannot be written to; name another one with --out.",
              folder));
    }
    DemoReport.FILES.forEach(name -> Targets.require(folder.resolve(name)));
  }

  private void title(String text) {
    console.println();
    console.println(console.bold(text));
  }

  private void learn(String name, DemoStudent student, DemoStudent.Plan plan) {
    long start = System.nanoTime();
    try (Progress progress = console.progress(name, plan.mostShort() + plan.all())) {
      student.learn(progress);
    }
    console.println(
        String.format(
            Locale.ROOT,
            "  %-10s %5d updates in %4.1f s, loss %.3f nats",
            name,
            student.losses().size(),
            1e-9 * (System.nanoTime() - start),
            student.losses().getLast()));
  }

  private List<DemoReport.Score> exam(Network remembering, Network forgetting) {
    title("3. Right answers on new sentences, by words between country and language");
    int sentences = quick ? QUICK_SENTENCES : SENTENCES;
    DemoExam lstm = new DemoExam(remembering, grammar, sentences, seed ^ EXAM_SEED);
    DemoExam rnn = new DemoExam(forgetting, grammar, sentences, seed ^ EXAM_SEED);
    console.println("  distance     LSTM   plain RNN");
    List<DemoReport.Score> scores = new ArrayList<>();
    for (int distance : DISTANCES) {
      DemoReport.Score score =
          new DemoReport.Score(distance, lstm.accuracy(distance), rnn.accuracy(distance));
      scores.add(score);
      console.println(
          String.format(
              Locale.ROOT,
              "  %8d  %5.1f %%     %5.1f %%",
              distance,
              100 * score.lstm(),
              100 * score.rnn()));
    }
    return scores;
  }

  private List<DemoReport.Word> stream(
      DemoGrammar.Sentence sentence, Network remembering, Network forgetting) {
    title("4. Streaming: the probability of '" + sentence.language() + "' after each word");
    console.println("  word             LSTM   plain RNN");
    int right = grammar.token(sentence.language());
    float[] y = new float[grammar.vocabulary().size()];
    List<DemoReport.Word> words = new ArrayList<>();
    try (Stream lstm = remembering.newStream();
        Stream rnn = forgetting.newStream()) {
      for (String text : sentence.words()) {
        int token = grammar.token(text);
        lstm.step(token, y);
        double first = DemoExam.probability(y, right);
        rnn.step(token, y);
        DemoReport.Word word = new DemoReport.Word(text, first, DemoExam.probability(y, right));
        words.add(word);
        console.println(
            String.format(
                Locale.ROOT,
                "  %-12s  %5.1f %%     %5.1f %%",
                word.text(),
                100 * word.lstm(),
                100 * word.rnn()));
      }
    }
    return words;
  }

  private GradientCheck.Report checkGradients() {
    title("5. Gradient check");
    Architecture small = new Architecture(new Input.Dense(3), List.of(new Lstm(3, 5)), 2);
    Weights weights = Weights.random(small, seed);
    GradientCheck.Report report = GradientCheck.run(weights, 7, 2, seed);
    console.println(
        String.format(
            Locale.ROOT,
            "  %s: reference against finite differences %.1e, kernels against reference %.1e",
            report.passed() ? "passed" : "FAILED",
            report.worstReferenceError(),
            report.worstKernelError()));
    return report;
  }

  private DemoLatency measure(Network network) {
    title("6. Time of a step");
    DemoLatency latency = DemoLatency.measure(network, quick ? QUICK_LATENCY_STEPS : LATENCY_STEPS);
    console.println("  " + latency.summary());
    return latency;
  }
}
