package io.cellbelt.cells.reference;

import io.cellbelt.cells.Activation;
import java.util.function.DoubleUnaryOperator;
import java.util.function.IntToDoubleFunction;

/**
 * A vector of doubles that knows how it came about, so that gradients can go back the same way
 * (reverse-mode automatic differentiation). Entries never change.
 *
 * <p>What is calculated from constants alone, or while nothing is recorded, is a constant itself
 * and forgets its past. Constants are thread-safe, others belong to their calculation.
 */
public final class Vec {
  /** Hands the gradient of a result on to what it was calculated from. */
  interface Rule {
    void apply(double[] gradient);
  }

  private final double[] value;
  private final Recorder recorder;
  private final Rule rule;
  private double[] gradient;

  /**
   * The result of an operation.
   *
   * @param recorder null for a constant
   */
  Vec(double[] value, Recorder recorder, Rule rule) {
    this.value = value;
    this.recorder = recorder;
    this.rule = recorder == null ? null : rule;
    if (recorder != null) {
      recorder.add(this);
    }
  }

  /** The given numbers, which are copied. */
  public static Vec constant(double[] values) {
    return new Vec(values.clone(), null, null);
  }

  /** A constant whose entries are all the same number. */
  public static Vec filled(int length, double number) {
    return new Vec(array(length, _ -> number), null, null);
  }

  /** Number of entries. */
  public int length() {
    return value.length;
  }

  /** The entry at an index, 0 to {@link #length} - 1. */
  public double get(int index) {
    return value[index];
  }

  /** The entries as a new array. */
  public double[] toArray() {
    return value.clone();
  }

  /** The sum of one vector or more, of the same length. */
  public static Vec sum(Vec... terms) {
    Vec sum = terms[0];
    for (int i = 1; i < terms.length; i++) {
      sum = sum.plus(terms[i]);
    }
    return sum;
  }

  /**
   * {@code this + other}, entry by entry.
   *
   * @throws IllegalArgumentException if the lengths differ
   */
  public Vec plus(Vec other) {
    return with(
        other,
        k -> value[k] + other.value[k],
        d -> {
          receive(k -> d[k]);
          other.receive(k -> d[k]);
        });
  }

  /**
   * {@code this - other}, entry by entry.
   *
   * @throws IllegalArgumentException if the lengths differ
   */
  public Vec minus(Vec other) {
    return plus(other.times(-1));
  }

  /**
   * {@code this * other}, entry by entry.
   *
   * @throws IllegalArgumentException if the lengths differ
   */
  public Vec times(Vec other) {
    return with(
        other,
        k -> value[k] * other.value[k],
        d -> {
          receive(k -> d[k] * other.value[k]);
          other.receive(k -> d[k] * value[k]);
        });
  }

  /** {@code factor * this}. */
  public Vec times(double factor) {
    return each(v -> factor * v, _ -> factor);
  }

  /** {@code 1 - this}. */
  public Vec oneMinus() {
    return each(v -> 1 - v, _ -> -1);
  }

  /** An activation of each entry. */
  public Vec apply(Activation activation) {
    return each(
        v -> ActivationReference.value(activation, v),
        v -> ActivationReference.derivative(activation, v));
  }

  /** The logistic function of each entry. */
  public Vec sigmoid() {
    return apply(Activation.SIGMOID);
  }

  /** The hyperbolic tangent of each entry. */
  public Vec tanh() {
    return apply(Activation.TANH);
  }

  /** Each entry within ± limit; at the limit, and beyond, it gives no gradient. */
  public Vec clamp(double limit) {
    return each(v -> Math.max(-limit, Math.min(limit, v)), v -> -limit < v && v < limit ? 1 : 0);
  }

  /** {@code (this - mean) / sqrt(variance + epsilon)}, over all entries. */
  public Vec normalise(double epsilon) {
    int n = value.length;
    double mean = mean(k -> value[k]);
    double scale = 1 / Math.sqrt(mean(k -> (value[k] - mean) * (value[k] - mean)) + epsilon);
    double[] y = array(n, k -> scale * (value[k] - mean));
    return new Vec(
        y,
        recorder,
        d -> {
          double meanOfD = mean(k -> d[k]);
          double meanOfDy = mean(k -> d[k] * y[k]);
          receive(k -> scale * (d[k] - meanOfD - y[k] * meanOfDy));
        });
  }

  private double mean(IntToDoubleFunction entry) {
    return total(value.length, entry) / value.length;
  }

  /** One vector after the other, as long as all together; one vector or more. */
  public static Vec concat(Vec... parts) {
    Vec all = parts[0];
    for (int i = 1; i < parts.length; i++) {
      all = all.followedBy(parts[i]);
    }
    return all;
  }

  private Vec followedBy(Vec other) {
    int n = value.length;
    return new Vec(
        array(n + other.value.length, k -> k < n ? value[k] : other.value[k - n]),
        recorder(other),
        d -> {
          receive(k -> d[k]);
          other.receive(k -> d[n + k]);
        });
  }

  /**
   * Some entries next to each other.
   *
   * @param from index of the first
   * @param length how many
   */
  public Vec slice(int from, int length) {
    return new Vec(
        array(length, k -> value[from + k]),
        recorder,
        d -> receive(k -> k >= from && k < from + length ? d[k - from] : 0));
  }

  /** {@code this · other}, a vector with one entry. */
  public Vec dot(Vec other) {
    return new Vec(
        new double[] {total(value.length, times(other)::get)},
        recorder(other),
        d -> {
          receive(k -> d[0] * other.value[k]);
          other.receive(k -> d[0] * value[k]);
        });
  }

  /**
   * A vector whose entries are all the first of this one, which has no others.
   *
   * @param length how many
   */
  public Vec repeat(int length) {
    return new Vec(
        array(length, _ -> value[0]), recorder, d -> receive(_ -> total(length, k -> d[k])));
  }

  /** {@code exp(this) / sum of exp(this)}. */
  public Vec softmax() {
    int n = value.length;
    double largest = value[0];
    for (double entry : value) {
      largest = Math.max(largest, entry);
    }
    double shift = largest;
    double sum = total(n, k -> Math.exp(value[k] - shift));
    double[] y = array(n, k -> Math.exp(value[k] - shift) / sum);
    return new Vec(
        y,
        recorder,
        d -> {
          double mean = total(n, k -> d[k] * y[k]);
          receive(k -> y[k] * (d[k] - mean));
        });
  }

  private Vec each(DoubleUnaryOperator function, DoubleUnaryOperator derivative) {
    return new Vec(
        array(value.length, k -> function.applyAsDouble(value[k])),
        recorder,
        d -> receive(k -> d[k] * derivative.applyAsDouble(value[k])));
  }

  private Vec with(Vec other, IntToDoubleFunction entry, Rule ruleOfBoth) {
    if (value.length != other.value.length) {
      throw new IllegalArgumentException(
          "Vectors are added and multiplied entry by entry, but these have the lengths "
              + value.length
              + " and "
              + other.value.length
              + ".");
    }
    return new Vec(array(value.length, entry), recorder(other), ruleOfBoth);
  }

  private Recorder recorder(Vec other) {
    return recorder == null ? other.recorder : recorder;
  }

  /** Adds to the gradient. */
  void receive(IntToDoubleFunction share) {
    if (recorder == null) {
      return;
    }
    double[] sum = gradient();
    for (int k = 0; k < sum.length; k++) {
      sum[k] += share.applyAsDouble(k);
    }
  }

  /** The gradient as far as it has been received. */
  double[] gradient() {
    if (gradient == null) {
      gradient = new double[value.length];
    }
    return gradient;
  }

  /** Hands the gradient on, if there is one and it goes anywhere. */
  void backward() {
    if (gradient != null && rule != null) {
      rule.apply(gradient);
    }
  }

  private static double[] array(int length, IntToDoubleFunction entry) {
    double[] values = new double[length];
    for (int k = 0; k < length; k++) {
      values[k] = entry.applyAsDouble(k);
    }
    return values;
  }

  private static double total(int length, IntToDoubleFunction entry) {
    double sum = 0;
    for (int k = 0; k < length; k++) {
      sum += entry.applyAsDouble(k);
    }
    return sum;
  }
}
