package io.cellbelt.bptt;

import io.cellbelt.cells.Architecture;
import io.cellbelt.cells.engine.NetworkPlan;
import io.cellbelt.cells.engine.Noise;
import io.cellbelt.cells.engine.ParameterSlab;
import io.cellbelt.cells.engine.Sequences;
import io.cellbelt.cells.engine.Unrolled;

/**
 * Some sequences of every batch in training: their states, their tape, and the gradients that they
 * alone give. Parts share the weights and nothing else, so that each can run on another thread.
 */
final class Part {
  private final Sequences sequences;
  private final BatchLoss batchLoss;
  private final Unrolled tape;

  /** Holds the states of evaluation. */
  private final Unrolled evaluation;

  /** Holds the states of training while something goes on that must not change them. */
  private final Unrolled waiting;

  private final ParameterSlab gradients;
  private final Backward backward;
  private final int[] lengths;
  private double loss;

  /** Whether the states of training wait, because {@link #learn} may not count. */
  private boolean undoable;

  /**
   * Room for the sequences.
   *
   * @param owned closes it
   * @param index which part of the batch
   * @param noise of the masks of training, or null
   */
  Part(Owned owned, ParameterSlab weights, Trainer.Options options, int index, Noise noise) {
    Architecture architecture = weights.architecture();
    int window = options.window();
    sequences = sequences(options, index);
    batchLoss = new BatchLoss(owned, options.loss(), architecture, window, sequences);
    tape = owned.add(new Unrolled(weights, window, sequences, noise));
    evaluation = owned.add(new Unrolled(weights, 1, sequences, null));
    waiting = owned.add(new Unrolled(weights, 1, sequences, null));
    gradients = owned.add(new ParameterSlab(architecture));
    backward = new Backward(owned, weights, gradients, tape, false);
    lengths = new int[sequences.count()];
  }

  /**
   * Forward and back: the gradients of the mean loss of the batch, as far as they come from here.
   *
   * @param terms what the mean is taken over
   * @param noise of the masks, or null
   */
  void learn(Batch batch, double terms, Noise noise) {
    waiting.states().copy(tape.states());
    undoable = true;
    tape.noise(noise);
    loss = forward(batch, terms);
    gradients.clear();
    backward.run(batch.steps());
  }

  /** Undoes what a {@link #learn} that failed, or that is not to count, has done to the states. */
  void undo() {
    if (undoable) {
      tape.states().copy(waiting.states());
      undoable = false;
    }
  }

  /** Forward only, from states that are not those of training. */
  void evaluate(Batch batch, double terms) {
    waiting.states().copy(tape.states());
    try {
      tape.states().copy(evaluation.states());
      tape.noise(null);
      loss = forward(batch, terms);
      tape.states().carry(batch.advance());
      evaluation.states().copy(tape.states());
    } finally {
      tape.states().copy(waiting.states());
    }
  }

  /** The loss, and its gradient in place of the outputs. */
  private double forward(Batch batch, double terms) {
    for (int b = 0; b < sequences.count(); b++) {
      if (batch.starts(sequences.first() + b)) {
        tape.states().reset(b);
      }
    }
    int rows = batch.steps() * sequences.count();
    if (batch.tokens() != null) {
      tape.inputs().put(batch.tokens(), 0, rows);
    } else {
      tape.inputs().put(batch.x(), 0, rows);
    }
    if (batch.lengths() != null) {
      System.arraycopy(batch.lengths(), sequences.first(), lengths, 0, sequences.count());
    }
    tape.forward(batch.steps(), batch.lengths() == null ? null : lengths);
    return batchLoss.apply(batch, terms, tape, backward);
  }

  /** The sum of the losses of its sequences, of the last batch. */
  double loss() {
    return loss;
  }

  /** The gradients that the last {@link #learn} gave. */
  ParameterSlab gradients() {
    return gradients;
  }

  private static Sequences sequences(Trainer.Options options, int part) {
    long batch = options.batch();
    int first = (int) (part * batch / options.parts());
    int end = (int) ((part + 1) * batch / options.parts());
    return new Sequences(first, end - first, options.batch());
  }

  /** Bytes that all parts hold off-heap. */
  static long bytes(Architecture architecture, Trainer.Options options) {
    long bytes = 0;
    for (int part = 0; part < options.parts(); part++) {
      bytes += bytes(architecture, options, sequences(options, part).count());
    }
    return bytes;
  }

  private static long bytes(Architecture architecture, Trainer.Options options, int count) {
    int window = options.window();
    boolean masks = architecture.hasMasks();
    return ParameterSlab.bytes(architecture)
        + BatchLoss.bytes(architecture)
        + NetworkPlan.bytes(architecture, window, count, masks)
        + 2 * NetworkPlan.bytes(architecture, 1, count, false)
        + Backward.bytes(architecture, window, count, false);
  }

  /** After an update of the weights: makes ready for the batch after this one. */
  void next(Batch batch) {
    undoable = false;
    refresh();
    tape.states().carry(batch.advance());
  }

  /** Takes note that the weights have changed. */
  void refresh() {
    backward.refresh();
  }

  /** What checks a batch, and counts its terms. */
  BatchLoss batchLoss() {
    return batchLoss;
  }

  /** Which sequences. */
  Sequences sequences() {
    return sequences;
  }

  /** Holds the states of training, at its step 0. */
  Unrolled tape() {
    return tape;
  }
}
