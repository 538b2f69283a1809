package io.cellbelt.vad;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.cellbelt.models.data.Audio;
import java.net.URI;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** The real model and a real recording, where {@code shared/conformance} is beside the project. */
final class SileroTest {
  private static final Path FOLDER =
      Path.of("..", "..").resolve(System.getProperty("conformance", "../shared/conformance"));

  private static final Path SOUND = FOLDER.resolve("real/silero_test.wav");
  private static Model model;
  private static VadServer server;

  @BeforeAll
  static void start() throws Exception {
    Path file = FOLDER.resolve("real/silero_vad_16k.onnx");
    assumeTrue(
        Files.exists(file) && Files.exists(SOUND),
        () ->
            "Not run: there is no "
                + file.toAbsolutePath().normalize()
                + " with its recording; -Dconformance=DIR names another folder.");
    model = Model.open(file);
    server = VadServer.start("127.0.0.1", 0, Limits.DEFAULT);
    server.ready(new EngineOptions().open(model));
  }

  @AfterAll
  static void stop() {
    if (server != null) {
      server.stop(Duration.ofSeconds(5));
      model.close();
    }
  }

  @Test
  void answersWhatTheLibraryCalculates() throws Exception {
    float[] sound = Arrays.copyOf(Audio.read(SOUND).channels()[0], 300 * Windows.HOP);
    ByteBuffer pcm = ByteBuffer.allocate(2 * sound.length).order(ByteOrder.LITTLE_ENDIAN);
    for (float sample : sound) {
      pcm.putShort((short) Math.round(sample * 32768));
    }
    List<Float> expected = new ArrayList<>();
    for (float probability : model.offline(sound, 0, 300)) {
      expected.add(probability);
    }
    try (Client client = new Client(server)) {
      for (int at = 0; at < pcm.capacity(); at += 4321) {
        client.send(Arrays.copyOfRange(pcm.array(), at, Math.min(pcm.capacity(), at + 4321)));
      }
      client.send("end");
      assertThat(client.probabilities()).isEqualTo(expected);
    }
  }

  @Test
  void fiftyStreamsAtOnceAreAllRight() throws Exception {
    Recording recording = Recording.of(model, SOUND, 8, 60);
    URI uri = URI.create("ws://127.0.0.1:" + server.port() + VadServer.PATH);
    Load.Result result = new SocketLoad(uri).run(recording, 50, 10, 0);
    assertThat(result.wrong()).as("wrong answers").isZero();
    assertThat(result.missing()).as("missing answers").isZero();
    assertThat(result.answers()).isEqualTo(50 * 60);
    assertThat(result.latency().getTotalCount()).isEqualTo(50 * 50);
  }

  @ParameterizedTest
  @EnumSource(EngineOptions.Kind.class)
  void enginesAgree(EngineOptions.Kind kind) throws Exception {
    EngineOptions options = new EngineOptions();
    options.kind = kind;
    Recording recording = Recording.of(model, SOUND, 4, 60);
    try (Engine engine = options.open(model, 1)) {
      WarmUp.run(engine, 4, Duration.ofMillis(1));
      Load.Result result = InProcessLoad.run(engine, recording, 5, 0, options.tolerance(), 4);
      assertThat(result.isRight()).as("%s", result).isTrue();
      assertThat(engine.bytesPerStream()).isPositive();
    }
  }

  @Test
  void aStreamIsItsStates() {
    try (Engine engine = new EngineOptions().open(model, 1)) {
      assertThat(engine.bytesPerStream()).isEqualTo(2 * 128 * Float.BYTES);
    }
  }

  /** A load that gets other answers than it expects says so. */
  @Test
  void wrongAnswersAreSeen() throws Exception {
    Recording other = Recording.of(model, SOUND, 2, 40);
    Load.Result result = InProcessLoad.run(new FakeEngine(), other, 1, 0, 1e-4f, 1);
    assertThat(result.wrong()).isPositive();
    assertThat(result.isRight()).isFalse();
  }
}
