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
import java.util.SplittableRandom;

/**
 * A network that learns the last words of {@link DemoGrammar}'s sentences. Students of the same
 * seed get the same sentences. One user at a time; closed by whoever made it.
 */
final class DemoStudent implements AutoCloseable {
  private static final int BATCH = 32;
  private static final double CLIP_NORM = 1;
  private static final double SMOOTHING = 0.05;

  private final DemoGrammar grammar;
  private final SplittableRandom random;
  private final Trainer trainer;
  private final List<Double> losses = new ArrayList<>();

  /**
   * A student that knows nothing.
   *
   * @param longest the largest distance it will learn from
   */
  DemoStudent(CellKind kind, int hidden, int longest, DemoGrammar grammar, long seed) {
    this.grammar = grammar;
    random = new SplittableRandom(seed);
    int words = grammar.vocabulary().size();
    Architecture architecture =
        new Architecture(new Input.OneHot(words), List.of(kind.cell(words, hidden)), words);
    try (Weights start = Weights.random(architecture, seed)) {
      trainer =
          new Trainer(
              start,
              new Trainer.Options(
                  BATCH,
                  DemoGrammar.length(longest),
                  Loss.SOFTMAX_CROSS_ENTROPY,
                  Adam.of(learningRate(kind)),
                  CLIP_NORM));
    }
  }

  /** What each kind learns fastest with; the plain RNN does not bear more. */
  private static double learningRate(CellKind kind) {
    return switch (kind) {
      case LSTM -> 0.006;
      case RNN -> Double.parseDouble(System.getProperty("rlr","0.003"));
    };
  }

  /**
   * Learns from some sentences of one random distance; short distances are as likely as long ones
   * on a logarithmic scale.
   */
  void learn(int longest) {
    double log = random.nextDouble(Math.log(DemoGrammar.MIN_DISTANCE), Math.log(longest + 1));
    DemoGrammar.Sample sample = grammar.sample((int) Math.exp(log), BATCH, random);
    double loss =
        trainer.update(Batch.ofTokens(sample.steps(), true, sample.tokens(), sample.labels()));
    double before = losses.isEmpty() ? loss : losses.getLast();
    losses.add(before + SMOOTHING * (loss - before));
  }

  /** Scales the learning rate of the updates to come. */
  void slowDown(double factor) {
    trainer.learningRate(factor * trainer.options().adam().learningRate());
  }

  /** The loss after each update, smoothed, in nats per sentence. */
  List<Double> losses() {
    return losses;
  }

  /** What it has learned so far; the caller closes it. */
  Network network() {
    return new Network(trainer.snapshot());
  }

  @Override
  public void close() {
    trainer.close();
  }
}
