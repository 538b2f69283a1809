package io.cellbelt.propertytests.extension;

import static org.assertj.core.api.Assertions.assertThat;

import io.cellbelt.bptt.Adam;
import io.cellbelt.bptt.Batch;
import io.cellbelt.bptt.GradientCheck;
import io.cellbelt.bptt.Loss;
import io.cellbelt.bptt.Trainer;
import io.cellbelt.cells.Architecture;
import io.cellbelt.cells.Gru;
import io.cellbelt.cells.Input;
import io.cellbelt.cells.Layer;
import io.cellbelt.cells.Layer.Direction;
import io.cellbelt.cells.Layer.Merge;
import io.cellbelt.cells.Network;
import io.cellbelt.cells.Readout;
import io.cellbelt.cells.Readout.Attention;
import io.cellbelt.cells.Stream;
import io.cellbelt.cells.Streams;
import io.cellbelt.cells.Weights;
import io.cellbelt.kernels.WeightFormat;
import io.cellbelt.propertytests.support.Feed;
import io.cellbelt.propertytests.support.Floats;
import io.cellbelt.propertytests.support.Nets;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A cell that the library does not know is as good as one that it knows. */
@Tag("any-width")
class ExtensionPointTest {
  static final Architecture STACK =
      new Architecture(
          new Input.Dense(4), List.of(new LeakyRnn(4, 37, 0.7f), new LeakyRnn(37, 20, 0.2f)), 3);

  /** The equation as it stands, with plain loops. */
  @Test
  void stepsFollowTheEquation() {
    Architecture architecture = Architecture.of(new LeakyRnn(3, 19, 0.7f));
    Feed feed = Feed.random(architecture, 10, 1, 1);
    try (Network network = Nets.network(architecture, 2);
        Stream stream = network.newStream()) {
      var values = network.weights().values();
      float[] y = feed.stepped(stream);
      double[] h = new double[19];
      for (int t = 0; t < 10; t++) {
        double[] before = h.clone();
        for (int j = 0; j < 19; j++) {
          double a = values.get("leaky.bias_l0")[j];
          for (int k = 0; k < 3; k++) {
            a += values.get("leaky.weight_ih_l0")[j * 3 + k] * feed.x()[t * 3 + k];
          }
          for (int k = 0; k < 19; k++) {
            a += values.get("leaky.weight_hh_l0")[j * 19 + k] * before[k];
          }
          h[j] = 0.7 * before[j] + 0.3 * Math.tanh(a);
          assertThat(Math.abs(y[t * 19 + j] - h[j])).isLessThan(1e-5);
        }
      }
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"F32", "BF16", "INT8"})
  void stepsRunsAndBatchesHaveTheSameBits(String format) {
    Feed feed = Feed.random(STACK, 70, 3, 1);
    try (Network network = Nets.network(STACK, WeightFormat.valueOf(format), 1);
        Streams together = network.newStreams(3)) {
      float[] y = feed.run(together);
      for (int b = 0; b < 3; b++) {
        try (Stream alone = network.newStream()) {
          assertThat(feed.sequence(b).stepped(alone)).isEqualTo(feed.column(y, b, 3));
        }
      }
    }
  }

  @Test
  void gradientsAreRight() {
    Layer noisy =
        new Layer(
            new LeakyRnn(5, 6, 0.4f), Direction.BIDIRECTIONAL, Merge.SUM, 0.3f, 0.2f, 0.2f, false);
    for (Architecture architecture :
        List.of(
            Architecture.of(new LeakyRnn(3, 17, 0)),
            Architecture.of(new RichCell(5)),
            new Architecture(new Input.OneHot(9), List.of(new RichCell(9), new RichCell(9)), 2),
            new Architecture(
                new Input.Embedding(3, 6), List.of(new RichCell(6), new RichCell(6)), 1),
            new Architecture(
                new Input.Embedding(7, 5),
                List.of(noisy, Layer.of(new Gru(6, 4, Gru.Reset.BEFORE))),
                new Readout(Attention.ADDITIVE, 2)))) {
      Weights weights = Weights.of(architecture, Nets.values(architecture, 1));
      GradientCheck.Report report = GradientCheck.run(weights, 4, 3, 1);
      assertThat(report.passed()).as("%s", report).isTrue();
    }
  }

  @Test
  void trains() {
    Feed feed = Feed.random(STACK, 8, 4, 1);
    float[] targets = Floats.random(feed.newOutput().length, 2);
    Batch batch = Batch.ofVectors(8, true, feed.x(), targets);
    var options = new Trainer.Options(4, 8, Loss.MEAN_SQUARED_ERROR, Adam.of(0.01), 1);
    Weights start = Weights.random(STACK, 1);
    try (Trainer trainer = new Trainer(start, options)) {
      double before = trainer.evaluate(batch);
      for (int i = 0; i < 200; i++) {
        trainer.update(batch);
      }
      assertThat(trainer.evaluate(batch)).isLessThan(before / 10);
    }
  }

  /** docs/adding-a-cell.md shows this package's cell, line by line. */
  @ParameterizedTest
  @ValueSource(strings = {"LeakyRnn", "LeakyKernel", "LeakyReference"})
  void theDocumentShowsTheCellThatIsTestedHere(String name) throws IOException {
    String folder = "src/test/java/io/cellbelt/propertytests/extension/";
    String source = Files.readString(Path.of(folder + name + ".java"));
    String body = source.substring(source.lastIndexOf("*/", source.indexOf("record Leaky")) + 3);
    assertThat(Files.readString(Path.of("../docs/adding-a-cell.md"))).contains(body.strip());
  }
}
