package io.cellbelt.propertytests.bptt;

import io.cellbelt.bptt.Adam;
import io.cellbelt.bptt.Clipping;
import io.cellbelt.bptt.LearningRate;
import io.cellbelt.bptt.Loss;
import io.cellbelt.bptt.Trainer;
import io.cellbelt.bptt.Trainer.Options;
import io.cellbelt.cells.Architecture;
import io.cellbelt.cells.Input;
import io.cellbelt.cells.Network;
import io.cellbelt.cells.Stream;
import io.cellbelt.cells.Weights;
import io.cellbelt.propertytests.support.Cells;
import io.cellbelt.propertytests.support.Feed;
import java.util.Arrays;
import java.util.List;

/** Trains and streams, for JVMs with other options: prints every bit of the results, as a hash. */
public final class TrainingHash {
  private static final int UPDATES = 20;
  private static final int BATCH = 5;
  private static final int WINDOW = 7;

  private TrainingHash() {}

  /** Networks of odd sizes with all kinds of input and loss, optimiser and clipping. */
  public static void main(String[] args) {
    print(
        new Architecture(
            new Input.Embedding(11, 9), List.of(Cells.LSTM.of(9, 37), Cells.RNN.of(37, 21)), 11),
        Loss.SOFTMAX_CROSS_ENTROPY);
    print(
        new Architecture(
            new Input.Dense(13), List.of(Cells.RNN.of(13, 18), Cells.LSTM.of(18, 35)), 0),
        Loss.MEAN_SQUARED_ERROR);
    Architecture small =
        new Architecture(new Input.Dense(5), List.of(Cells.GRU_AFTER.of(5, 19)), 7);
    Loss[] losses = {
      Loss.SIGMOID_CROSS_ENTROPY,
      Loss.MEAN_ABSOLUTE_ERROR,
      new Loss.Huber(0.1),
      new Loss.MixtureDensity(1),
      new Loss.Ctc(0)
    };
    Clipping[] clippings = {
      Clipping.NONE,
      new Clipping.Value(0.01),
      new Clipping.TensorNorm(0.01),
      new Clipping.GlobalNorm(0.01)
    };
    int n = 0;
    for (Optimisers kind : Optimisers.values()) {
      print(
          small,
          new Options(
              BATCH,
              WINDOW,
              losses[n % losses.length],
              kind.get(),
              clippings[n++ % clippings.length],
              new LearningRate.OneCycle(UPDATES, 0.02),
              BATCH));
    }
  }

  /** Clipped to a small norm, so that the norm counts in every update. */
  private static void print(Architecture architecture, Loss loss) {
    print(architecture, new Options(BATCH, WINDOW, loss, Adam.of(0.01), 0.01));
  }

  private static void print(Architecture architecture, Options options) {
    int trained = 0;
    Loss loss = options.loss();
    try (Trainer trainer = Training.trainer(architecture, 1, options)) {
      for (int n = 0; n < UPDATES; n++) {
        Feed feed = Feed.random(architecture, WINDOW, BATCH, n);
        double mean = trainer.update(Training.batch(feed, n % 5 == 0, loss, n));
        trained = 31 * trained + Double.hashCode(mean);
      }
      for (float[] values : trainer.checkpoint().values()) {
        trained = 31 * trained + Arrays.hashCode(values);
      }
      System.out.println(
          loss
              + " "
              + options.optimiser()
              + ": trained "
              + trained
              + ", streamed "
              + streamed(trainer));
    }
  }

  private static int streamed(Trainer trainer) {
    Weights weights = trainer.snapshot();
    try (Network network = new Network(weights);
        Stream stream = network.newStream()) {
      return Arrays.hashCode(Feed.random(network.architecture(), 40, 1, 3).run(stream));
    }
  }
}
