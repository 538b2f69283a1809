package io.cellbelt.app;

import com.google.gson.FieldNamingPolicy;
import com.google.gson.Gson;
import com.google.gson.GsonBuilder;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import io.cellbelt.bptt.Clipping;
import io.cellbelt.bptt.Loss;
import io.cellbelt.bptt.Trainer;
import io.cellbelt.cells.Architecture;
import io.cellbelt.cells.Input;
import io.cellbelt.cells.Readout;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.Objects;

/**
 * How a character model is trained; each component is the option of {@code cellbelt train} of that
 * name. Together with the text they decide the result bit for bit; the number of threads does not.
 */
record TrainOptions(
    CellKind cell,
    int hidden,
    int layers,
    int embedding,
    int batch,
    int window,
    int back,
    double restarts,
    int epochs,
    OptimiserKind optimiser,
    double lr,
    double momentum,
    double weightDecay,
    ScheduleKind schedule,
    double clip,
    int patience,
    long seed) {

  /** With the names that the options have on the command line. */
  private static final Gson GSON =
      new GsonBuilder().setFieldNamingPolicy(FieldNamingPolicy.LOWER_CASE_WITH_DASHES).create();

  /** Characters that training goes through if nobody says for how many epochs. */
  private static final double DEFAULT_CHARACTERS = 3.5e6;

  /** Windows that start afresh if nobody says how many. */
  private static final double DEFAULT_RESTARTS = 0.125;

  /** Sequences of a part of the batch, and so of the work of a thread, at least. */
  private static final int PART = 8;

  TrainOptions {
    if (cell == null) {
      throw new IllegalArgumentException("The kind of cell is missing.");
    }
    // Checkpoints of before there was a choice have neither, nor a momentum, decay or patience, nor
    // restarts.
    optimiser = Objects.requireNonNullElse(optimiser, OptimiserKind.ADAM);
    schedule = Objects.requireNonNullElse(schedule, ScheduleKind.WARM_COSINE);
    check("--hidden", hidden, 1, 16_384);
    check("--layers", layers, 1, 64);
    check("--embedding", embedding, 0, 16_384);
    check("--batch", batch, 1, 4096);
    check("--window", window, 1, 4096);
    if (back != 0 && (back < window || back > 4096)) {
      throw new IllegalArgumentException(
          String.format(
              Locale.ROOT,
              "--back must be the %d of --window to 4096, or 0 for that of --window, but is %d.",
              window,
              back));
    }
    if (!(restarts >= 0 && restarts <= 1)) {
      throw new IllegalArgumentException(
          "--restarts must be a share of 0 to 1, such as 0.05, but is " + restarts + ".");
    }
    check("--epochs", epochs, 1, 1_000_000);
    if (!(lr > 0 && lr <= 1)) {
      throw new IllegalArgumentException(
          "--lr must be over 0 and at most 1, such as 0.002, but is " + lr + ".");
    }
    checkMomentum(optimiser, momentum);
    if (!(weightDecay >= 0 && weightDecay < Double.POSITIVE_INFINITY)) {
      throw new IllegalArgumentException(
          "--weight-decay must be a number of 0 or more, such as 0.01, but is "
              + weightDecay
              + ".");
    }
    if (!(clip > 0 && clip < Double.POSITIVE_INFINITY)) {
      throw new IllegalArgumentException(
          "--clip must be a number over 0, such as 5, but is " + clip + ".");
    }
    check("--patience", patience, 0, 1_000_000);
    if (schedule == ScheduleKind.PLATEAU
        && patience > 0
        && patience <= ScheduleKind.BAD_VALIDATIONS) {
      throw new IllegalArgumentException(
          String.format(
                  Locale.ROOT,
                  "--schedule plateau lowers the rate after %d validations in a row that were not better, so",
                  ScheduleKind.BAD_VALIDATIONS)
              + String.format(
                  Locale.ROOT,
                  " --patience must be more than that, or 0 for never, but is %d.",
                  patience));
    }
    if (cell.addsInput() && embedding != hidden) {
      throw new IllegalArgumentException(
          String.format(
                  Locale.ROOT,
                  "--cell %s adds its input to vectors of the hidden size, so --embedding must be the same as",
                  cell)
              + String.format(
                  Locale.ROOT, " --hidden, but they are %d and %d.", embedding, hidden));
    }
  }

  private static void checkMomentum(OptimiserKind optimiser, double momentum) {
    if (!(momentum >= 0 && momentum < 1)) {
      throw new IllegalArgumentException(
          "--momentum must be 0 or more and under 1, such as 0.9, but is " + momentum + ".");
    }
    if (momentum > 0 && !optimiser.takesMomentum()) {
      throw new IllegalArgumentException(
          String.format(
              Locale.ROOT,
              "--momentum goes with --optimiser sgd, nesterov or rmsprop, but that is %s; leave it out.",
              optimiser));
    }
    if (momentum == 0 && optimiser == OptimiserKind.NESTEROV) {
      throw new IllegalArgumentException(
          "--momentum must be over 0 with --optimiser nesterov, but is 0; take sgd for none.");
    }
  }

  private static void check(String name, int value, int least, int most) {
    if (value < least || value > most) {
      throw new IllegalArgumentException(
          String.format(Locale.ROOT, "%s must be %d to %d, but is %d.", name, least, most, value));
    }
  }

  /** What is used where nothing is given, for a text of that many characters. */
  static TrainOptions defaults(int characters) {
    int epochs = Math.clamp(Math.round(DEFAULT_CHARACTERS / characters), 1, 100);
    OptimiserKind adam = OptimiserKind.ADAM;
    ScheduleKind schedule = ScheduleKind.WARM_COSINE;
    return new TrainOptions(
        CellKind.LSTM,
        256,
        1,
        64,
        16,
        32,
        0,
        DEFAULT_RESTARTS,
        epochs,
        adam,
        adam.learningRate(),
        adam.momentum(),
        adam.weightDecay(),
        schedule,
        5,
        0,
        1);
  }

  /** With that optimiser, and where it is another, with its own rate, momentum and decay. */
  TrainOptions with(OptimiserKind kind) {
    return kind == optimiser
        ? this
        : new TrainOptions(
            cell,
            hidden,
            layers,
            embedding,
            batch,
            window,
            back,
            restarts,
            epochs,
            kind,
            kind.learningRate(),
            kind.momentum(),
            kind.weightDecay(),
            schedule,
            clip,
            patience,
            seed);
  }

  Architecture architecture(int vocabulary) {
    Input input =
        embedding == 0 ? new Input.OneHot(vocabulary) : new Input.Embedding(vocabulary, embedding);
    return new Architecture(
        input,
        cell.stack(input.size(), Collections.nCopies(layers, hidden)),
        Readout.linear(vocabulary));
  }

  /** For an epoch of so many windows. */
  Trainer.Options trainer(int windows) {
    return new Trainer.Options(
        batch,
        steps(),
        Loss.SOFTMAX_CROSS_ENTROPY,
        optimiser.optimiser(lr, momentum, weightDecay),
        new Clipping.GlobalNorm(clip),
        schedule.learningRate(lr, (long) epochs * windows),
        Math.max(1, batch / PART));
  }

  /** Characters of a window that gradients flow back through. */
  int steps() {
    return Math.max(window, back);
  }

  /** The options in which the other differs, such as {@code --hidden (256, not 512)}. */
  List<String> differences(TrainOptions other) {
    JsonObject these = GSON.toJsonTree(this).getAsJsonObject();
    JsonObject others = GSON.toJsonTree(other).getAsJsonObject();
    List<String> differences = new ArrayList<>();
    these
        .entrySet()
        .forEach(
            option -> {
              String value = shown(option.getValue());
              String otherValue = shown(others.get(option.getKey()));
              if (!value.equals(otherValue)) {
                differences.add(
                    String.format(
                        Locale.ROOT, "--%s (%s, not %s)", option.getKey(), value, otherValue));
              }
            });
    return differences;
  }

  /** As it is given on the command line. */
  private static String shown(JsonElement value) {
    return value.getAsString().toLowerCase(Locale.ROOT).replace('_', '-');
  }
}
