package io.cellbelt.app;

import com.google.gson.Gson;
import com.google.gson.JsonObject;
import io.cellbelt.bptt.Adam;
import io.cellbelt.bptt.Loss;
import io.cellbelt.bptt.Trainer;
import io.cellbelt.cells.Architecture;
import io.cellbelt.cells.Input;
import io.cellbelt.cells.Readout;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

/**
 * How a character model is trained; each component is the option of {@code cellbelt train} of that
 * name. Together with the text they decide the result bit for bit.
 */
record TrainOptions(
    CellKind cell,
    int hidden,
    int layers,
    int embedding,
    int batch,
    int window,
    int epochs,
    double lr,
    double clip,
    long seed) {

  private static final Gson GSON = new Gson();

  /** Characters that training goes through if nobody says for how many epochs. */
  private static final double DEFAULT_CHARACTERS = 3.5e6;

  TrainOptions {
    if (cell == null) {
      throw new IllegalArgumentException("The kind of cell is missing.");
    }
    check("--hidden", hidden, 1, 16_384);
    check("--layers", layers, 1, 64);
    check("--embedding", embedding, 0, 16_384);
    check("--batch", batch, 1, 4096);
    check("--window", window, 1, 4096);
    check("--epochs", epochs, 1, 1_000_000);
    if (!(lr > 0 && lr <= 1)) {
      throw new IllegalArgumentException(
          "--lr must be over 0 and at most 1, such as 0.002, but is " + lr + ".");
    }
    if (!(clip > 0 && clip < Double.POSITIVE_INFINITY)) {
      throw new IllegalArgumentException(
          "--clip must be a number over 0, such as 5, but is " + clip + ".");
    }
    if (cell.addsInput() && embedding != hidden) {
      throw new IllegalArgumentException(
          "--cell %s adds its input to vectors of the hidden size, so --embedding must be the same as"
                  .formatted(cell)
              + " --hidden, but they are %d and %d.".formatted(embedding, hidden));
    }
  }

  private static void check(String name, int value, int least, int most) {
    if (value < least || value > most) {
      throw new IllegalArgumentException(
          "%s must be %d to %d, but is %d.".formatted(name, least, most, value));
    }
  }

  /** What is used where nothing is given, for a text of that many characters. */
  static TrainOptions defaults(int characters) {
    int epochs = Math.clamp(Math.round(DEFAULT_CHARACTERS / characters), 1, 100);
    return new TrainOptions(CellKind.LSTM, 256, 1, 64, 16, 32, epochs, 0.006, 5, 1);
  }

  Architecture architecture(int vocabulary) {
    Input input =
        embedding == 0 ? new Input.OneHot(vocabulary) : new Input.Embedding(vocabulary, embedding);
    return new Architecture(
        input,
        cell.stack(input.size(), Collections.nCopies(layers, hidden)),
        Readout.linear(vocabulary));
  }

  Trainer.Options trainer() {
    return new Trainer.Options(batch, window, Loss.SOFTMAX_CROSS_ENTROPY, Adam.of(lr), clip);
  }

  /**
   * The learning rate after a share of all updates: it rises over the first hundredth, as Adam's
   * moments are still noise there, and then falls to a twentieth along half a cosine.
   */
  double learningRate(double share) {
    double rise = Math.min(1, (share + 1e-3) / 0.01);
    return lr * rise * (0.05 + 0.95 * 0.5 * (1 + Math.cos(Math.PI * share)));
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
              String value = option.getValue().getAsString();
              String otherValue = others.get(option.getKey()).getAsString();
              if (!value.equals(otherValue)) {
                differences.add("--%s (%s, not %s)".formatted(option.getKey(), value, otherValue));
              }
            });
    return differences;
  }
}
