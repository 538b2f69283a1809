package io.cellbelt.bptt;

import io.cellbelt.cells.Architecture;
import io.cellbelt.cells.Layer;
import io.cellbelt.cells.Schedule;
import io.cellbelt.cells.Weights;
import io.cellbelt.kernels.checks.Sizes;
import java.util.Arrays;
import java.util.Objects;
import java.util.SplittableRandom;

/**
 * How much of a gradient is left k steps back: the vanishing gradient (Hochreiter 1991; Bengio,
 * Simard and Frasconi 1994), measured.
 *
 * <p>The loss is a random direction of the outputs at the last step. {@code dL/dh(t-k)} is the
 * gradient of the bottom layer's h k steps before that, c held fixed, and {@code dL/dc(t-k)} that
 * of its c, h held fixed. Immutable, thread-safe.
 *
 * @param h norms of dL/dh(t-k) for k = 1 to T - 1, over all sequences
 * @param c norms of dL/dc(t-k), or empty where the cell has no second state
 */
public record GradientFlow(double[] h, double[] c) {
  /** Copies the arrays. */
  public GradientFlow {
    h = Objects.requireNonNull(h, "There are norms of h, but got null.").clone();
    c = Objects.requireNonNull(c, "There are norms of c, or none, but got null.").clone();
  }

  @Override
  public double[] h() {
    return h.clone();
  }

  @Override
  public double[] c() {
    return c.clone();
  }

  /**
   * Measures the gradients of a network along sequences of tokens.
   *
   * @param tokens {@code [T, B]}
   * @param steps T, 2 or more
   * @param batch B, 1 or more
   * @param seed of the direction
   * @throws IllegalArgumentException if the network takes vectors or needs whole sequences, or a
   *     size does not fit
   */
  public static GradientFlow of(Weights weights, int[] tokens, int steps, int batch, long seed) {
    Objects.requireNonNull(weights, "A gradient is that of weights, but got null.");
    Objects.requireNonNull(tokens, "'tokens' are the inputs, but got null.");
    Architecture architecture = weights.architecture();
    if (architecture.needsWholeSequences()) {
      throw new IllegalArgumentException(
          "The gradient's way back in time is that of networks which run forward, step by step.");
    }
    if (steps < 2) {
      throw new IllegalArgumentException(
          "A gradient flows back over 2 steps or more, but got " + steps + ".");
    }
    if (batch < 1) {
      throw new IllegalArgumentException(
          "A gradient flows through 1 sequence or more, but got " + batch + ".");
    }
    Ranges.checkInput(true, architecture);
    int rows = Sizes.product("rows", steps, batch);
    Ranges.checkRange("tokens", tokens, rows, 0, architecture.input().tokens());
    int size = architecture.outputSize();
    Sizes.product("floats of y", steps, batch, size);
    Layer bottom = architecture.layers().getFirst();
    Schedule schedule = bottom.checkedCell().schedule();
    int first = schedule.states().getFirst();
    int second = schedule.carried() > 1 ? schedule.states().get(1) : 0;
    double[] h = new double[steps - 1];
    double[] c = new double[second > 0 ? steps - 1 : 0];
    float[] direction = direction(size * batch, seed);
    try (Bptt bptt = new Bptt(weights, steps, batch)) {
      for (int k = 1; k < steps; k++) {
        prepare(bptt, tokens, steps - k, batch, size);
        bptt.forward(
            Arrays.copyOfRange(tokens, (steps - k) * batch, steps * batch),
            k,
            new float[k * batch * size]);
        float[] dy = new float[k * batch * size];
        System.arraycopy(direction, 0, dy, (k - 1) * batch * size, batch * size);
        bptt.backward(dy);
        for (int b = 0; b < batch; b++) {
          float[] gradient = bptt.initialStateGradient(b);
          h[k - 1] += squares(gradient, 0, first);
          if (second > 0) {
            c[k - 1] += squares(gradient, first, first + second);
          }
        }
      }
    }
    return new GradientFlow(roots(h), roots(c));
  }

  /** Brings the sequences to the given step, from zero states. */
  private static void prepare(Bptt bptt, int[] tokens, int steps, int batch, int size) {
    float[] zeros = new float[bptt.stateSize()];
    for (int b = 0; b < batch; b++) {
      bptt.initialState(b, zeros);
    }
    bptt.forward(Arrays.copyOf(tokens, steps * batch), steps, new float[steps * batch * size]);
    float[][] states = new float[batch][];
    for (int b = 0; b < batch; b++) {
      states[b] = bptt.finalState(b);
    }
    for (int b = 0; b < batch; b++) {
      bptt.initialState(b, states[b]);
    }
  }

  private static float[] direction(int count, long seed) {
    SplittableRandom random = new SplittableRandom(seed);
    float[] values = new float[count];
    double sum = 0;
    for (int i = 0; i < count; i++) {
      values[i] = (float) random.nextDouble(-1, 1);
      sum += values[i] * values[i];
    }
    for (int i = 0; i < count; i++) {
      values[i] /= (float) Math.sqrt(sum);
    }
    return values;
  }

  private static double squares(float[] values, int from, int to) {
    double sum = 0;
    for (int i = from; i < to; i++) {
      sum += (double) values[i] * values[i];
    }
    return sum;
  }

  private static double[] roots(double[] squares) {
    return Arrays.stream(squares).map(Math::sqrt).toArray();
  }
}
