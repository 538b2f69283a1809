package io.cellbelt.propertytests.bptt;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.cellbelt.bptt.AdaGrad;
import io.cellbelt.bptt.Adam;
import io.cellbelt.bptt.AdamW;
import io.cellbelt.bptt.Batch;
import io.cellbelt.bptt.Bptt;
import io.cellbelt.bptt.Loss;
import io.cellbelt.bptt.Optimiser;
import io.cellbelt.bptt.RmsProp;
import io.cellbelt.bptt.Sgd;
import io.cellbelt.bptt.Trainer;
import io.cellbelt.bptt.Trainer.Options;
import io.cellbelt.cells.Architecture;
import io.cellbelt.cells.Input;
import io.cellbelt.cells.Weights;
import io.cellbelt.propertytests.support.Cells;
import io.cellbelt.propertytests.support.Feed;
import io.cellbelt.propertytests.support.Floats;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import net.jqwik.api.Example;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Tag;

/** Updates of whole networks against PyTorch's formulas in double. */
@Tag("any-width")
class OptimiserProperties {
  private static final int BATCH = 2;
  private static final int STEPS = 3;

  private static Architecture architecture() {
    return new Architecture(
        new Input.Dense(4), List.of(Cells.LSTM.of(4, 5), Cells.GRU_AFTER.of(5, 6)), 3);
  }

  @Property(tries = 40)
  void updatesFollowPyTorch(@ForAll Optimisers kind, @ForAll long seed) {
    Optimiser optimiser = kind.get();
    Architecture architecture = architecture();
    Options options =
        new Options(BATCH, STEPS, Loss.MEAN_SQUARED_ERROR, optimiser, Double.POSITIVE_INFINITY);
    Map<String, Optimisers.Reference[]> references = new HashMap<>();
    try (Trainer trainer = Training.trainer(architecture, seed, options)) {
      for (int t = 1; t <= 5; t++) {
        Feed feed = Feed.random(architecture, STEPS, BATCH, seed + t);
        float[] targets = Floats.random(feed.newOutput().length, seed - t);
        Map<String, float[]> gradients;
        Weights weights = trainer.snapshot();
        try (Bptt bptt = new Bptt(weights, STEPS, BATCH)) {
          if (t == 1) {
            weights.values().forEach((name, values) -> references.put(name, start(values)));
          }
          gradients = gradients(bptt, feed, targets);
        }
        trainer.update(Training.targeted(feed, true, targets));
        for (Map.Entry<String, float[]> entry : trainer.snapshot().values().entrySet()) {
          Optimisers.Reference[] reference = references.get(entry.getKey());
          for (int i = 0; i < reference.length; i++) {
            float gradient = gradients.get(entry.getKey())[i];
            reference[i].step(optimiser, gradient, optimiser.learningRate(), t);
            assertThat(Math.abs(reference[i].w - entry.getValue()[i]))
                .as("%s %s after %s", entry.getKey(), i, t)
                .isLessThan(1e-4);
          }
        }
      }
    }
  }

  private static Optimisers.Reference[] start(float[] values) {
    Optimisers.Reference[] all = new Optimisers.Reference[values.length];
    for (int i = 0; i < all.length; i++) {
      all[i] = new Optimisers.Reference();
      all[i].w = values[i];
    }
    return all;
  }

  private static Map<String, float[]> gradients(Bptt bptt, Feed feed, float[] targets) {
    float[] y = Training.forward(bptt, feed);
    for (int i = 0; i < y.length; i++) {
      y[i] = 2 * (1f / y.length) * (y[i] - targets[i]);
    }
    bptt.backward(y);
    return bptt.gradients();
  }

  @Property(tries = 20)
  void aRestoredTrainerGoesOnBitForBit(@ForAll Optimisers kind, @ForAll long seed) {
    Architecture architecture = architecture();
    Loss loss = Loss.MEAN_SQUARED_ERROR;
    Options options = new Options(BATCH, STEPS, loss, kind.get(), 0.5);
    Batch batch = Training.batch(Feed.random(architecture, STEPS, BATCH, seed), false, loss, seed);
    try (Trainer original = Training.trainer(architecture, seed, options);
        Trainer resumed = Training.trainer(architecture, seed + 1, options)) {
      for (int i = 0; i < 3; i++) {
        original.update(batch);
      }
      resumed.restore(original.checkpoint());
      for (int i = 0; i < 3; i++) {
        assertThat(resumed.update(batch)).isEqualTo(original.update(batch));
      }
      Training.checkSame(resumed.checkpoint(), original.checkpoint());
      long moments =
          original.checkpoint().keySet().stream().filter(n -> n.contains("head.bias")).count() - 1;
      assertThat(moments).isEqualTo(kind.get().moments().size()).isBetween(0L, 2L);
    }
  }

  private static void refused(String sentence, Runnable make) {
    assertThatIllegalArgumentException().isThrownBy(make::run).withMessage(sentence);
  }

  @Example
  void settingsOutOfRange() {
    for (double bad : new double[] {0, -1, Double.NaN, Double.POSITIVE_INFINITY}) {
      String rate = "A learning rate is a number over 0, such as 0.002, but got " + bad + ".";
      refused(rate, () -> new Sgd(bad, 0, false));
      refused(rate, () -> RmsProp.of(bad));
      refused(rate, () -> AdamW.of(bad));
      refused(rate, () -> AdaGrad.of(bad));
      String epsilon = "An epsilon is a number over 0, such as 1e-8, but got " + bad + ".";
      refused(epsilon, () -> new RmsProp(1, 0.9, bad, 0));
      refused(epsilon, () -> new AdaGrad(1, bad));
    }
    for (double bad : new double[] {-1, Double.NaN, Double.POSITIVE_INFINITY}) {
      String decay = "A weight decay is a number of 0 or more, such as 0.01, but got " + bad + ".";
      refused(decay, () -> new Sgd(1, 0, false, bad));
      refused(decay, () -> new Adam(1, 0.9, 0.9, 1e-8, bad));
    }
    for (double bad : new double[] {-0.1, 1, Double.NaN}) {
      String tail = " is 0 or more and under 1, such as 0.9, but got " + bad + ".";
      refused("A momentum" + tail, () -> new Sgd(1, bad, false));
      refused("A momentum" + tail, () -> new RmsProp(1, 0.9, 1, bad));
      refused("RMSProp's decay" + tail, () -> new RmsProp(1, bad, 1, 0));
    }
    refused(
        "Nesterov's momentum needs a momentum over 0, such as 0.9, but got 0.0.",
        () -> new Sgd(1, 0, true));
  }
}
