package io.cellbelt.propertytests.misuse;

import io.cellbelt.bptt.Batch;
import io.cellbelt.bptt.Bptt;
import io.cellbelt.bptt.Clipping;
import io.cellbelt.bptt.LearningRate;
import io.cellbelt.bptt.Loss;
import io.cellbelt.bptt.Sgd;
import io.cellbelt.bptt.Trainer;
import io.cellbelt.cells.Architecture;
import io.cellbelt.cells.Input;
import io.cellbelt.cells.Lstm;
import io.cellbelt.cells.Network;
import io.cellbelt.cells.Streams;
import io.cellbelt.cells.Weights;
import java.util.List;

/**
 * Tokens, labels, lengths and sequences of labels are overwritten by another thread while they are
 * used, between good values and such as would reach far outside any memory.
 */
public final class RacingArrays {
  private static final int BATCH = 8;
  private static final int STEPS = 16;
  private static final int TOKENS = 5;
  private static final long NANOS = 1_000_000_000L;

  private static final int[] tokens = new int[STEPS * BATCH];
  private static final int[] labels = new int[STEPS * BATCH];
  private static final int[] lengths = new int[BATCH];
  private static final int[][] sequences = new int[BATCH][3];

  private RacingArrays() {}

  /** Ends with 0 unless the JVM crashes, or something else than a sentence is thrown. */
  public static void main(String[] arguments) {
    Thread.ofPlatform()
        .daemon()
        .start(
            () -> {
              for (int i = 0; true; i++) {
                int wild = i % 3 == 0 ? 400_000_000 : -1_000_000;
                tokens[tokens.length - 1] = i % 2 == 0 ? 1 : wild;
                labels[labels.length - 1] = i % 2 == 0 ? 1 : wild;
                lengths[BATCH - 1] = i % 2 == 0 ? STEPS : wild;
                sequences[BATCH - 1][2] = i % 2 == 0 ? 2 : wild;
                sequences[0] = i % 2 == 0 ? new int[] {1} : new int[1000];
              }
            });
    Architecture architecture =
        new Architecture(new Input.OneHot(TOKENS), List.of(new Lstm(TOKENS, 8)), TOKENS);
    Weights weights = Weights.random(architecture, 1);
    race(
        trainer(weights, Loss.SOFTMAX_CROSS_ENTROPY),
        new Batch(STEPS, false, tokens, null, labels, null, null, lengths, null));
    race(
        trainer(weights, new Loss.Ctc(0)),
        new Batch(STEPS, true, tokens, null, null, null, sequences, lengths, null));
    float[] y = new float[STEPS * BATCH * TOKENS];
    try (Bptt bptt = new Bptt(weights, STEPS, BATCH)) {
      race(
          () -> {
            bptt.forward(tokens, STEPS, lengths, y);
            bptt.backward(y);
          });
    }
    try (Network network = new Network(weights);
        Streams streams = network.newStreams(BATCH)) {
      race(() -> streams.run(tokens, STEPS, lengths, y));
    }
    System.out.println("raced");
  }

  private static Trainer trainer(Weights weights, Loss loss) {
    return new Trainer(
        weights,
        new Trainer.Options(
            BATCH, STEPS, loss, new Sgd(1e-6, 0, false), Clipping.NONE, LearningRate.CONSTANT, 2));
  }

  private static void race(Trainer trainer, Batch batch) {
    try (trainer) {
      race(
          () -> {
            trainer.update(batch);
            trainer.evaluate(batch);
          });
    }
  }

  private static void race(Runnable call) {
    long end = System.nanoTime() + NANOS;
    while (System.nanoTime() < end) {
      try {
        call.run();
      } catch (IllegalArgumentException | ArithmeticException e) {
        if (!e.getMessage().endsWith(".")) {
          throw e;
        }
      }
    }
  }
}
