package io.cellbelt.app;

import io.cellbelt.bptt.Adam;
import io.cellbelt.bptt.Batch;
import io.cellbelt.bptt.Loss;
import io.cellbelt.bptt.Trainer;
import io.cellbelt.cells.Architecture;
import io.cellbelt.cells.Input;
import io.cellbelt.cells.Network;
import io.cellbelt.cells.Weights;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.SplittableRandom;

/**
 * A network that learns the last words of {@link DemoGrammar}'s sentences: first of short ones
 * until it knows them, which both kinds of cell can, then of all distances. One user at a time;
 * closed by whoever made it.
 */
final class DemoStudent implements AutoCloseable {
  private static final int BATCH = 32;
  private static final double CLIP_NORM = 1;
  private static final double SMOOTHING = 0.05;
  private static final double KNOWN = 0.05;
  private static final double LONG_RATE = 0.5;

  /**
   * How much is learned, in updates; distances are as likely as each other on a logarithmic scale.
   *
   * @param shortest the largest distance of short sentences
   * @param longest the largest distance of all
   * @param mostShort updates on short sentences, at most
   * @param all updates on sentences of all distances
   */
  record Plan(int hidden, int shortest, int longest, int mostShort, int all) {}

  private final DemoGrammar grammar;
  private final Plan plan;
  private final SplittableRandom random;
  private final Trainer trainer;
  private final List<Double> losses = new ArrayList<>();

  /** A student that knows nothing. */
  DemoStudent(CellKind kind, DemoGrammar grammar, Plan plan, long seed) {
    this.grammar = grammar;
    this.plan = plan;
    random = new SplittableRandom(seed);
    int words = grammar.vocabulary().size();
    Architecture architecture =
        new Architecture(new Input.OneHot(words), List.of(kind.cell(words, plan.hidden())), words);
    Weights start = Weights.random(architecture, seed);
    trainer =
        new Trainer(
            start,
            new Trainer.Options(
                BATCH,
                DemoGrammar.length(plan.longest()),
                Loss.SOFTMAX_CROSS_ENTROPY,
                Adam.of(learningRate(kind)),
                CLIP_NORM));
  }

  /** What each kind learns well with; the plain RNN does not bear more. */
  private static double learningRate(CellKind kind) {
    return kind == CellKind.RNN ? 0.003 : 0.006;
  }

  /** Learns all of the plan. */
  void learn(Progress progress) {
    do {
      update(plan.shortest(), progress);
    } while (losses.getLast() > KNOWN && losses.size() < plan.mostShort());
    for (int i = 0; i < plan.all(); i++) {
      double left = 1 - (double) i / plan.all();
      trainer.learningRate(LONG_RATE * left * trainer.options().optimiser().learningRate());
      update(plan.longest(), progress);
    }
  }

  private void update(int longest, Progress progress) {
    double log = random.nextDouble(Math.log(DemoGrammar.MIN_DISTANCE), Math.log(longest + 1));
    DemoGrammar.Sample sample = grammar.sample((int) Math.exp(log), BATCH, random);
    double loss =
        trainer.update(Batch.ofTokens(sample.steps(), true, sample.tokens(), sample.labels()));
    double before = losses.isEmpty() ? loss : losses.getLast();
    losses.add(before + SMOOTHING * (loss - before));
    progress.step(1);
    progress.message(String.format(Locale.ROOT, "loss %.2f", losses.getLast()));
  }

  /** The loss after each update, smoothed, in nats per sentence. */
  List<Double> losses() {
    return losses;
  }

  /** What it has learned. */
  Network network() {
    return new Network(trainer.snapshot());
  }

  @Override
  public void close() {
    trainer.close();
  }
}
