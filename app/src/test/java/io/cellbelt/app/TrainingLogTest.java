package io.cellbelt.app;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.google.gson.Gson;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class TrainingLogTest {
  private static final int WINDOWS = 50;

  @TempDir Path folder;

  private static TrainingLog log(int epochs) {
    TrainingLog log = new TrainingLog();
    for (int epoch = 0; epoch < epochs; epoch++) {
      for (int window = 0; window < WINDOWS; window++) {
        log.update(3 - epoch, WINDOWS);
      }
      log.endEpoch(3.5 - epoch);
    }
    return log;
  }

  @Test
  void averagesSectionsAndEpochs() {
    TrainingLog log = log(1);
    log.update(1, WINDOWS);
    log.update(2, WINDOWS);
    log.update(6, WINDOWS);
    assertThat(log.epoch()).isEqualTo(1);
    assertThat(log.window()).isEqualTo(3);
    assertThat(log.epochLoss()).isEqualTo(3);
    assertThat(log.training()).hasSize(21).startsWith(3.0, 3.0);
    assertThat(log.training().getLast()).isCloseTo(3, within(1e-12));
    assertThat(log.validation()).containsExactly(3.5);
  }

  @Test
  void knowsTheBest() {
    TrainingLog log = new TrainingLog();
    assertThat(log.endEpoch(2)).isTrue();
    assertThat(log.endEpoch(2)).isFalse();
    assertThat(log.endEpoch(1)).isTrue();
    assertThat(log.best()).hasValue(1);
  }

  @Test
  void survivesJson() {
    Gson gson = new Gson();
    TrainingLog log = log(2);
    log.update(0.1, WINDOWS);
    TrainingLog read = gson.fromJson(gson.toJson(log), TrainingLog.class);
    assertThat(gson.toJson(read)).isEqualTo(gson.toJson(log));
    assertThat(read.fits(3, WINDOWS)).isTrue();
  }

  @Test
  void tellsWhenItBelongsElsewhere() {
    assertThat(log(2).fits(2, WINDOWS)).isFalse();
    Gson gson = new Gson();
    for (String json :
        List.of(
            "{\"epoch\":-1}",
            "{\"epoch\":1}",
            "{\"window\":51}",
            "{\"window\":-1}",
            "{\"training\":null}",
            "{\"validation\":[null],\"epoch\":1}")) {
      assertThat(gson.fromJson(json, TrainingLog.class).fits(3, WINDOWS)).as(json).isFalse();
    }
  }

  @Test
  void drawsACurve() throws IOException {
    LossCurve curve = new LossCurve(log(2), WINDOWS);
    assertThat(curve.text()).contains("3.50 |", "o", "2.00 epochs");
    assertThat(curve.text().lines()).hasSize(15);
    Path table = folder.resolve("loss.CSV");
    curve.write(table);
    assertThat(Files.readAllLines(table)).hasSize(43).contains("validation,2.0,2.5");
    Path picture = folder.resolve("loss.png");
    curve.write(picture);
    assertThat(Files.readAllBytes(picture)).startsWith(0x89, 'P', 'N', 'G');
    assertThat(LossCurve.canWrite(Path.of("loss.jpg"))).isFalse();
  }
}
