package io.cellbelt.app;

import io.cellbelt.cells.Network;
import io.cellbelt.cells.Streams;
import java.util.SplittableRandom;

/** How often a network finds the last word of sentences that it has not seen. */
record DemoExam(Network network, DemoGrammar grammar, int sentences, long seed) {
  /** Share of right answers at a distance, 0 to 1. */
  double accuracy(int distance) {
    int words = grammar.vocabulary().size();
    DemoGrammar.Sample sample =
        grammar.sample(distance, sentences, new SplittableRandom(seed + distance));
    float[] y = new float[sample.tokens().length * words];
    try (Streams streams = network.newStreams(sentences)) {
      streams.run(sample.tokens(), sample.steps(), y);
    }
    int right = 0;
    for (int b = 0; b < sentences; b++) {
      int last = ((sample.steps() - 1) * sentences + b) * words;
      right += likeliest(y, last, words) == sample.languages()[b] ? 1 : 0;
    }
    return (double) right / sentences;
  }

  private static int likeliest(float[] y, int from, int words) {
    int best = 0;
    for (int word = 1; word < words; word++) {
      best = y[from + word] > y[from + best] ? word : best;
    }
    return best;
  }

  /** The probability that a step's outputs give to a word. */
  static double probability(float[] y, int word) {
    double sum = 0;
    for (float other : y) {
      sum += Math.exp(other - y[word]);
    }
    return 1 / sum;
  }
}
