package io.cellbelt.bptt;

import io.cellbelt.bptt.LearningRate.Plateau;
import io.cellbelt.cells.Architecture;
import io.cellbelt.cells.Parameter;
import io.cellbelt.cells.engine.ParameterSlab;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;

/**
 * What a trainer has come to as named arrays, and back: weights, moments and carried states, which
 * are read and written in place, and what else is counted.
 */
final class Checkpoints {
  private static final String WEIGHTS = "weights/";
  private static final String STATE = "state/";
  private static final String UPDATES = "updates";
  private static final String PLATEAU = "plateau";

  /** Half of what a float counts exactly, so that two of them hold a long. */
  private static final long FLOAT_DIGIT = 1L << 23;

  private final Trainer.Options options;
  private final ParameterSlab weights;
  private final Moments moments;
  private final Part[] parts;

  /** What is not in place. */
  record Progress(long updates, Plateau.State plateau) {}

  Checkpoints(Trainer.Options options, ParameterSlab weights, Moments moments, Part[] parts) {
    this.options = options;
    this.weights = weights;
    this.moments = moments;
    this.parts = parts;
  }

  private Architecture architecture() {
    return weights.architecture();
  }

  private boolean hasPlateau() {
    return options.learningRate() instanceof Plateau;
  }

  /** A checkpoint, new arrays. */
  Map<String, float[]> take(long updates, Plateau.State plateau) {
    Map<String, float[]> values = new LinkedHashMap<>();
    values.put(UPDATES, new float[] {updates / FLOAT_DIGIT, updates % FLOAT_DIGIT});
    for (Parameter parameter : architecture().parameters()) {
      values.put(WEIGHTS + parameter.name(), weights.get(parameter));
      for (int i = 0; i < moments.count(); i++) {
        values.put(moments.prefix(i) + parameter.name(), moments.slab(i).get(parameter));
      }
    }
    for (Part part : parts) {
      for (int b = 0; b < part.sequences().count(); b++) {
        float[] state = new float[architecture().stateSize()];
        part.tape().states().save(b, state);
        values.put(STATE + (part.sequences().first() + b), state);
      }
    }
    if (hasPlateau()) {
      values.put(PLATEAU, Digits.of(plateau.best(), plateau.bad(), plateau.factor()));
    }
    return values;
  }

  /**
   * Puts a checkpoint in place.
   *
   * @throws IllegalArgumentException if it does not fit; then nothing has changed
   */
  Progress put(Map<String, float[]> checkpoint) {
    Map<String, float[]> entries = checked(checkpoint);
    float[] count = entries.get(UPDATES);
    Plateau.State plateau = hasPlateau() ? plateauState(entries.get(PLATEAU)) : Plateau.State.FIRST;
    for (Parameter parameter : architecture().parameters()) {
      weights.check(parameter, entries.get(WEIGHTS + parameter.name()));
      for (int i = 0; i < moments.count(); i++) {
        weights.check(parameter, entries.get(moments.prefix(i) + parameter.name()));
      }
    }
    for (int b = 0; b < options.batch(); b++) {
      parts[0].tape().states().check(entries.get(STATE + b));
    }
    for (Parameter parameter : architecture().parameters()) {
      weights.put(parameter, entries.get(WEIGHTS + parameter.name()));
      for (int i = 0; i < moments.count(); i++) {
        moments.slab(i).put(parameter, entries.get(moments.prefix(i) + parameter.name()));
      }
    }
    for (Part part : parts) {
      for (int b = 0; b < part.sequences().count(); b++) {
        part.tape().states().restore(b, entries.get(STATE + (part.sequences().first() + b)));
      }
    }
    return new Progress(((long) count[0]) * FLOAT_DIGIT + (long) count[1], plateau);
  }

  /** Copies of all entries, so that what is checked is what is used. */
  private Map<String, float[]> checked(Map<String, float[]> checkpoint) {
    Objects.requireNonNull(checkpoint, "A checkpoint is a map of arrays by name, but got null.");
    Map<String, float[]> entries = new LinkedHashMap<>();
    float[] count = copy(entries, checkpoint, UPDATES, 2);
    if (count[0] < 0 || count[1] < 0) {
      throw new IllegalArgumentException(
          "The checkpoint says that there were a negative number of updates; it is damaged.");
    }
    for (Parameter parameter : architecture().parameters()) {
      copy(entries, checkpoint, WEIGHTS + parameter.name(), parameter.size());
      for (int i = 0; i < moments.count(); i++) {
        copy(entries, checkpoint, moments.prefix(i) + parameter.name(), parameter.size());
      }
    }
    for (int b = 0; b < options.batch(); b++) {
      copy(entries, checkpoint, STATE + b, architecture().stateSize());
    }
    if (hasPlateau()) {
      copy(entries, checkpoint, PLATEAU, 3 * Digits.COUNT);
    }
    return entries;
  }

  private static Plateau.State plateauState(float[] digits) {
    double best = Digits.get(digits, 0);
    double bad = Digits.get(digits, 1);
    double factor = Digits.get(digits, 2);
    if (Double.isNaN(best) || !(bad >= 0 && bad == (int) bad && factor >= 0 && factor <= 1)) {
      throw new IllegalArgumentException(
          "The checkpoint holds "
              + new Plateau.State(best, (int) bad, factor)
              + " in '"
              + PLATEAU
              + "'; it is damaged.");
    }
    return new Plateau.State(best, (int) bad, factor);
  }

  private static float[] copy(
      Map<String, float[]> entries, Map<String, float[]> checkpoint, String name, int size) {
    float[] given = checkpoint.get(name);
    float[] values = given == null ? null : given.clone();
    if (values == null || values.length != size) {
      throw new IllegalArgumentException(
          "The checkpoint needs '"
              + name
              + "' with "
              + size
              + " floats, but "
              + (values == null ? "has none" : "it has " + values.length)
              + "; it belongs to another network or batch.");
    }
    for (float value : values) {
      if (!Float.isFinite(value)) {
        throw new IllegalArgumentException(
            "The checkpoint holds " + value + " in '" + name + "'; it is damaged.");
      }
    }
    entries.put(name, values);
    return values;
  }
}
