package io.cellbelt.propertytests.support;

import io.cellbelt.cells.Architecture;
import io.cellbelt.cells.Input;
import io.cellbelt.cells.Stream;
import io.cellbelt.cells.Streams;
import java.util.Arrays;
import java.util.SplittableRandom;

/**
 * What a network is fed: T steps of B sequences.
 *
 * @param x {@code [T, B, I]}, or null where tokens are fed
 * @param tokens {@code [T, B]}, or null where vectors are fed
 */
public record Feed(Architecture architecture, int steps, int batch, float[] x, int[] tokens) {
  /** Random vectors in ±1 or random tokens, whatever the network takes. */
  public static Feed random(Architecture architecture, int steps, int batch, long seed) {
    Input input = architecture.input();
    SplittableRandom random = new SplittableRandom(seed);
    int rows = steps * batch;
    return input.tokens() == 0
        ? new Feed(architecture, steps, batch, Floats.random(rows * input.size(), 1, random), null)
        : new Feed(
            architecture, steps, batch, null, random.ints(rows, 0, input.tokens()).toArray());
  }

  /** Room for all outputs. */
  public float[] newOutput() {
    int rows = architecture.readout().perSequence() ? batch : steps * batch;
    return new float[rows * architecture.outputSize()];
  }

  /** Steps from, inclusive, to, exclusive. */
  public Feed part(int from, int to) {
    int i = architecture.input().size();
    return new Feed(
        architecture,
        to - from,
        batch,
        x == null ? null : Arrays.copyOfRange(x, from * batch * i, to * batch * i),
        tokens == null ? null : Arrays.copyOfRange(tokens, from * batch, to * batch));
  }

  /** The outputs of these steps. */
  public float[] outputs(float[] y, int from, int to) {
    int row = batch * architecture.outputSize();
    return Arrays.copyOfRange(y, from * row, to * row);
  }

  /** One sequence alone. */
  public Feed sequence(int b) {
    return new Feed(
        architecture,
        steps,
        1,
        x == null ? null : column(x, b, architecture.input().size()),
        tokens == null ? null : everyOf(b));
  }

  private int[] everyOf(int b) {
    int[] own = new int[steps];
    Arrays.setAll(own, t -> tokens[t * batch + b]);
    return own;
  }

  /** The rows of one sequence of {@code [T, B, size]}. */
  public float[] column(float[] rows, int b, int size) {
    float[] own = new float[steps * size];
    for (int t = 0; t < steps; t++) {
      System.arraycopy(rows, (t * batch + b) * size, own, t * size, size);
    }
    return own;
  }

  /** All steps in one call. */
  public float[] run(Streams streams) {
    float[] y = newOutput();
    if (x != null) {
      streams.run(x, steps, y);
    } else {
      streams.run(tokens, steps, y);
    }
    return y;
  }

  /** All steps of sequences that end before in one call. */
  public float[] run(Streams streams, int[] lengths) {
    float[] y = newOutput();
    if (x != null) {
      streams.run(x, steps, lengths, y);
    } else {
      streams.run(tokens, steps, lengths, y);
    }
    return y;
  }

  /** All steps in one call. */
  public float[] run(Stream stream) {
    float[] y = newOutput();
    if (x != null) {
      stream.run(x, steps, y);
    } else {
      stream.run(tokens, y);
    }
    return y;
  }

  /** One call per step. */
  public float[] stepped(Streams streams) {
    return stepped(
        (step, y) -> {
          if (x != null) {
            streams.step(step.x, y);
          } else {
            streams.step(step.tokens, y);
          }
        });
  }

  /** One call per step. */
  public float[] stepped(Stream stream) {
    return stepped(
        (step, y) -> {
          if (x != null) {
            stream.step(step.x, y);
          } else {
            stream.step(step.tokens[0], y);
          }
        });
  }

  private interface Step {
    void run(Feed step, float[] y);
  }

  private float[] stepped(Step step) {
    float[] all = newOutput();
    int row = batch * architecture.outputSize();
    float[] y = new float[row];
    for (int t = 0; t < steps; t++) {
      step.run(part(t, t + 1), y);
      System.arraycopy(y, 0, all, t * row, row);
    }
    return all;
  }
}
