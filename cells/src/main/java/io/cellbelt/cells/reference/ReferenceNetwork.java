package io.cellbelt.cells.reference;

import io.cellbelt.cells.Architecture;
import io.cellbelt.cells.Cell;
import io.cellbelt.cells.Parameter;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/**
 * A whole network in double, one sequence at a time, forward and backward, with plain loops over
 * plain arrays: what the SIMD kernels are compared with.
 *
 * <p>A state is flat, {@code [L][directions][carried states][size]}; after the states of each
 * direction of a layer whose cell has a clock, there is one number more: the steps taken, modulo
 * {@link Cell#clock}.
 *
 * <p>Not thread-safe. {@link #backward} is about the sequence of the last {@link #forward}.
 */
public final class ReferenceNetwork {
  private final Architecture architecture;
  private final Map<String, double[]> parameters;
  private final Noise noise;

  private int[] tokens;
  private double[] x;
  private int steps;
  private double[] initial;
  private ReferenceRun last;

  /**
   * What training draws at random. It must answer the same to the same question, because going
   * backward asks again. A layer is only asked for what it has a probability for.
   */
  public interface Noise {
    /** What a layer's output at a step is multiplied by, entry by entry. */
    double[] dropout(int layer, int step, int size);

    /** What h' is multiplied by where U reads it, at all steps. */
    double[] recurrent(int layer, int direction, int size);

    /** 1 for the units of a state that stay what they were at a step, 0 for the others. */
    double[] zoneout(int layer, int direction, int step, int state, int size);
  }

  /**
   * A network that reads the given parameters, row-major by name, at every {@link #forward}; the
   * arrays are not copied, so that finite differences can change them.
   */
  public ReferenceNetwork(Architecture architecture, Map<String, double[]> parameters) {
    this(architecture, parameters, null);
  }

  /** A network that trains with noise, or, where that is null, does not. */
  public ReferenceNetwork(
      Architecture architecture, Map<String, double[]> parameters, Noise noise) {
    Objects.requireNonNull(architecture, "A network has an architecture, but got null.");
    Objects.requireNonNull(parameters, "A network has parameters by name, but got null.");
    this.architecture = architecture;
    this.parameters = parameters;
    this.noise = noise;
  }

  /** The same numbers in double, as new arrays; the argument is left as it is. */
  public static Map<String, double[]> widened(Map<String, float[]> values) {
    Objects.requireNonNull(values, "Numbers are widened from arrays by name, but got null.");
    Map<String, double[]> wide = new LinkedHashMap<>();
    values.forEach((name, floats) -> wide.put(name, widened(floats)));
    return wide;
  }

  /** The same numbers in double, as new arrays; the argument is left as it is. */
  public static double[] widened(float[] values) {
    Objects.requireNonNull(values, "Numbers are widened from an array, but got null.");
    double[] wide = new double[values.length];
    for (int i = 0; i < values.length; i++) {
      wide[i] = values[i];
    }
    return wide;
  }

  /**
   * Runs a sequence.
   *
   * @param tokens {@code [T]}, or null where the input is a vector
   * @param x {@code [T, I]}, or null where the input is tokens
   * @param steps T, 0 or more
   * @param initial the state before it
   * @return {@code [T, O]}, or {@code [O]} where there is one output for a sequence
   */
  public double[] forward(int[] tokens, double[] x, int steps, double[] initial) {
    Objects.requireNonNull(initial, "A state is an array, but got null.");
    if (initial.length != architecture.stateSize()) {
      throw new IllegalArgumentException(
          "A state has " + architecture.stateSize() + " numbers, but got " + initial.length + ".");
    }
    check(tokens, x, steps);
    this.tokens = tokens == null ? null : tokens.clone();
    this.x = x == null ? null : x.clone();
    this.steps = steps;
    this.initial = initial.clone();
    last = run(new Tensors(parameters, null, null));
    return flat(last.outputs());
  }

  private void check(int[] ofTokens, double[] ofX, int count) {
    int vocabulary = architecture.input().tokens();
    boolean fits =
        vocabulary > 0
            ? (ofX == null || ofX.length == 0) && ofTokens != null && ofTokens.length == count
            : (ofTokens == null || ofTokens.length == 0)
                && ofX != null
                && ofX.length == (long) count * architecture.input().size();
    if (count < 0 || !fits) {
      throw new IllegalArgumentException(
          "A sequence of T steps, 0 or more, is given as "
              + (vocabulary > 0
                  ? "T tokens without x"
                  : "T * " + architecture.input().size() + " numbers of x without tokens")
              + ", but got T = "
              + count
              + " with "
              + (ofTokens == null ? 0 : ofTokens.length)
              + " tokens and "
              + (ofX == null ? 0 : ofX.length)
              + " numbers.");
    }
    for (int t = 0; vocabulary > 0 && t < count; t++) {
      if (ofTokens[t] < 0 || ofTokens[t] >= vocabulary) {
        throw new IllegalArgumentException(
            "The tokens are 0 to " + (vocabulary - 1) + ", but got " + ofTokens[t] + ".");
      }
    }
    for (Parameter parameter : architecture.parameters()) {
      double[] values = parameters.get(parameter.name());
      if (values == null || values.length != parameter.size()) {
        throw new IllegalArgumentException(
            "The parameter '"
                + parameter.name()
                + "' has "
                + parameter.size()
                + " numbers, but got "
                + (values == null ? "none" : values.length)
                + ".");
      }
    }
  }

  /** The state after the sequence of the last {@link #forward}. */
  public double[] finalState() {
    return flat(requireLast().finals());
  }

  private ReferenceRun requireLast() {
    return Objects.requireNonNull(last, "There is nothing before the first forward pass.");
  }

  /**
   * A state that a cell left at a step of the last {@link #forward}, a new array.
   *
   * @param layer 0 for the lowest
   * @param direction 0, or 1 for the second direction of a bidirectional layer
   * @param step 0 to T - 1, also where the direction runs back
   * @param state its number in {@link io.cellbelt.cells.Schedule#states}
   */
  public double[] state(int layer, int direction, int step, int state) {
    return requireLast().state(layer, direction, step, state).toArray();
  }

  /**
   * What a layer handed up at a step of the last {@link #forward}, its directions merged and some
   * of it dropped out; a new array.
   *
   * @param layer 0 for the lowest
   * @param step 0 to T - 1
   */
  public double[] layerOutput(int layer, int step) {
    return requireLast().layerOutput(layer, step).toArray();
  }

  /**
   * Gradients of a sequence's loss.
   *
   * @param parameters by name, {@code [as the parameters]}
   * @param x {@code [T, I]}; for tokens, of what the first layer saw
   * @param initial of the state; 0 for a clock
   */
  public record Gradients(Map<String, double[]> parameters, double[] x, double[] initial) {}

  /**
   * Goes back through the sequence of the last {@link #forward}.
   *
   * @param dy gradients of the outputs, of their shape
   */
  public Gradients backward(double[] dy) {
    Objects.requireNonNull(initial, "There is no forward pass to go back through; run one first.");
    return backward(dy, new double[initial.length]);
  }

  /**
   * Goes back through the sequence of the last {@link #forward}, which it runs once more to record
   * it: parameters must be what they were.
   *
   * @param dy gradients of the outputs, of their shape
   * @param dFinal gradients of the final state; a clock's is not looked at
   */
  public Gradients backward(double[] dy, double[] dFinal) {
    Objects.requireNonNull(initial, "There is no forward pass to go back through; run one first.");
    Objects.requireNonNull(dy, "The gradients of the outputs are an array, but got null.");
    Objects.requireNonNull(dFinal, "The gradients of the final state are an array, but got null.");
    int rows = architecture.readout().perSequence() ? 1 : steps;
    if (dy.length != (long) rows * architecture.outputSize()
        || dFinal.length != architecture.stateSize()) {
      throw new IllegalArgumentException(
          "The gradients are those of "
              + rows
              + " outputs of "
              + architecture.outputSize()
              + " and of a state of "
              + architecture.stateSize()
              + ", but got "
              + dy.length
              + " and "
              + dFinal.length
              + " numbers.");
    }
    Map<String, double[]> gradients = new LinkedHashMap<>();
    for (Parameter parameter : architecture.parameters()) {
      gradients.put(parameter.name(), new double[parameter.size()]);
    }
    Recorder recorder = new Recorder();
    ReferenceRun run = run(new Tensors(parameters, gradients, recorder));
    receive(run.outputs(), dy);
    receive(run.finals(), dFinal);
    recorder.backward();
    return new Gradients(gradients, gradient(run.inputs()), gradient(run.initials()));
  }

  private ReferenceRun run(Tensors tensors) {
    return new ReferenceRun(architecture, tensors, noise, tokens, x, steps, initial);
  }

  private static void receive(List<Vec> vectors, double[] gradient) {
    int at = 0;
    for (Vec vector : vectors) {
      int from = at;
      vector.receive(k -> gradient[from + k]);
      at += vector.length();
    }
  }

  private static double[] gradient(List<Vec> vectors) {
    return flat(vectors.stream().map(vector -> Vec.constant(vector.gradient())).toList());
  }

  private static double[] flat(List<Vec> vectors) {
    return vectors.isEmpty() ? new double[0] : Vec.concat(vectors.toArray(Vec[]::new)).toArray();
  }
}
