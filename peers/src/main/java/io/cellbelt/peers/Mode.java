package io.cellbelt.peers;

import java.util.Locale;

/** What is called, with its T and B, as {@code cellbelt bench} has them. */
enum Mode {
  /** One step of a stream. */
  STEP(1, 1),
  /** A stream run over a sequence. */
  SEQUENCE(100, 1),
  /** Streams advanced together over a sequence. */
  BATCH(50, 32),
  /** Forward and backward over a window of sequences, from zero states. */
  TRAIN(50, 32);

  final int steps;
  final int batch;

  Mode(int steps, int batch) {
    this.steps = steps;
    this.batch = batch;
  }

  /** Input size and hidden size of the LSTMs that are compared. */
  int[][] shapes() {
    return switch (this) {
      case STEP -> new int[][] {{32, 32}, {64, 128}, {256, 256}, {512, 512}, {1024, 1024}};
      case SEQUENCE, TRAIN -> new int[][] {{64, 128}, {256, 256}};
      case BATCH -> new int[][] {{64, 128}, {256, 256}, {512, 512}};
    };
  }

  String label() {
    return name().toLowerCase(Locale.ROOT);
  }
}
