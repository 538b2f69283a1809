package io.cellbelt.vad;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.channels.Selector;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.concurrent.Semaphore;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Everything but the model, which is a line here. */
final class VadServerTest {
  private static final Limits GENEROUS =
      new Limits(
          100, 1 << 16, 1e6, Duration.ofHours(1), Duration.ofMinutes(1), Duration.ofMillis(500));

  private final FakeEngine engine = new FakeEngine();
  private VadServer server;

  private void start(Limits limits) {
    server = VadServer.start("127.0.0.1", 0, limits);
    server.ready(engine);
  }

  @AfterEach
  void stop() {
    if (server != null) {
      server.stop(Duration.ofSeconds(2));
    }
  }

  private static byte[] noise(int bytes) {
    byte[] noise = new byte[bytes];
    new Random(bytes).nextBytes(noise);
    return noise;
  }

  /** What the line says of a sound, whose last window is filled with silence. */
  private static List<Float> expected(byte[] pcm) {
    List<Float> all = new ArrayList<>();
    float[] x = new float[Windows.SIZE];
    float state = 0;
    int samples = pcm.length / 2;
    for (int window = 0; window * Windows.HOP < samples; window++) {
      System.arraycopy(x, Windows.HOP, x, 0, Windows.CONTEXT);
      for (int i = 0; i < Windows.HOP; i++) {
        int at = window * Windows.HOP + i;
        short sample =
            at < samples ? (short) (pcm[2 * at] & 0xff | pcm[2 * at + 1] << 8) : (short) 0;
        x[Windows.CONTEXT + i] = sample / 32768f;
      }
      state = FakeEngine.next(state, x);
      all.add(state);
    }
    return all;
  }

  private static void await(String what, BooleanSupplier condition) throws InterruptedException {
    long end = System.nanoTime() + 20_000_000_000L;
    while (!condition.getAsBoolean()) {
      assertThat(System.nanoTime()).as("waiting until %s", what).isLessThan(end);
      Thread.sleep(5);
    }
  }

  private HttpResponse<String> get(String path) throws IOException, InterruptedException {
    URI uri = URI.create("http://127.0.0.1:" + server.port() + path);
    return HttpClient.newHttpClient()
        .send(HttpRequest.newBuilder(uri).build(), HttpResponse.BodyHandlers.ofString());
  }

  @Test
  void messagesOfAnyLengthAreOneSound() throws Exception {
    start(GENEROUS);
    byte[] pcm = noise(100_001 * 2);
    Random random = new Random(1);
    try (Client client = new Client(server)) {
      for (int at = 0; at < pcm.length; ) {
        int end = Math.min(pcm.length, at + 1 + random.nextInt(random.nextBoolean() ? 5000 : 7));
        client.send(Arrays.copyOfRange(pcm, at, end));
        at = end;
      }
      client.send("end");
      assertThat(client.probabilities()).isEqualTo(expected(pcm));
      assertThat(client.closed()).isEqualTo(new Client.Closed(1000, "The sound has ended."));
    }
    await("the stream is closed", () -> engine.states.isEmpty());
  }

  @Test
  void isHealthyWhenItIsReadyAndNotBefore() throws Exception {
    server = VadServer.start("127.0.0.1", 0, GENEROUS);
    assertThat(get("/health").statusCode()).isEqualTo(503);
    assertThat(get("/health").body()).contains("warming up");
    try (Client early = new Client(server)) {
      assertThat(early.closed())
          .isEqualTo(new Client.Closed(1013, "The service is warming up; try again later."));
    }
    server.ready(engine);
    assertThat(get("/health").statusCode()).isEqualTo(200);
    assertThat(get("/health").body()).contains("ready");
  }

  @Test
  void countsWhatItDoes() throws Exception {
    start(GENEROUS);
    try (Client client = new Client(server)) {
      client.send(noise(3 * 1024));
      assertThat(client.answer().probabilities()).hasSize(3);
      assertThat(get("/metrics").body())
          .contains("vad_frames_total 3.0")
          .contains("vad_streams_open 1.0")
          .contains("vad_bytes_per_stream 4.0")
          .contains("vad_step_seconds{quantile=\"0.99\"}");
    }
  }

  @Test
  void hasAPage() throws Exception {
    start(GENEROUS);
    assertThat(get("/").body()).contains("<canvas", "page.js");
    for (String name : List.of("/page.js", "/page.css", "/recorder.js")) {
      assertThat(get(name).statusCode()).as(name).isEqualTo(200);
    }
    assertThat(get("/VadServer.class").statusCode()).isEqualTo(404);
  }

  @Test
  void refusesLongMessages() throws Exception {
    start(GENEROUS);
    try (Client client = new Client(server)) {
      client.send(noise(70_000));
      assertThat(client.closed())
          .isEqualTo(
              new Client.Closed(1009, "A message has at most 65536 bytes; send smaller ones."));
    }
    assertThat(get("/metrics").body()).contains("vad_refused_total{reason=\"size\"} 1.0");
    try (Client client = new Client(server)) {
      // So long that it is not even read; whether the reason arrives depends on the network.
      client.trySend(noise(300_000));
      await("the stream is closed", () -> engine.states.isEmpty());
    }
  }

  @Test
  void refusesSoundThatComesTooFast() throws Exception {
    start(
        new Limits(
            100, 1 << 16, 2, Duration.ofSeconds(3), Duration.ofMinutes(1), Duration.ofMinutes(1)));
    try (Client client = new Client(server)) {
      client.send(noise(64_000));
      assertThat(client.answer().probabilities()).hasSize(62);
      client.send(noise(64_000));
      assertThat(client.closed())
          .isEqualTo(
              new Client.Closed(
                  1008, "Sound may come at 2.0 x real time on average; send slower."));
    }
  }

  @Test
  void refusesMoreClientsThanItTakes() throws Exception {
    start(
        new Limits(
            1, 1 << 16, 1e6, Duration.ofHours(1), Duration.ofMinutes(1), Duration.ofMinutes(1)));
    try (Client first = new Client(server)) {
      first.send(noise(1024));
      first.answer();
      try (Client second = new Client(server)) {
        assertThat(second.closed())
            .isEqualTo(
                new Client.Closed(1013, "The service takes 1 clients at once; try again later."));
      }
      first.send(noise(1024));
      assertThat(first.answer().frame()).isEqualTo(1);
    }
    await("a place is free", () -> server.clients() == 0);
    try (Client third = new Client(server)) {
      third.send(noise(1024));
      assertThat(third.answer().frame()).isZero();
    }
  }

  @Test
  void refusesOtherTexts() throws Exception {
    start(GENEROUS);
    try (Client client = new Client(server)) {
      client.send("hello");
      assertThat(client.closed().code()).isEqualTo(1003);
      assertThat(client.closed().reason()).contains("\"end\"");
    }
  }

  @Test
  void closesSilentClients() throws Exception {
    start(
        new Limits(
            9, 1 << 16, 1e6, Duration.ofHours(1), Duration.ofMillis(100), Duration.ofMinutes(1)));
    try (Client client = new Client(server)) {
      assertThat(client.closed().code()).isEqualTo(1001);
      assertThat(client.closed().reason()).startsWith("Nothing has come for");
    }
    await("the stream is closed", () -> engine.states.isEmpty());
  }

  @Test
  void closesStreamsOfBrokenConnections() throws Exception {
    start(GENEROUS);
    try (Client client = new Client(server)) {
      client.send(noise(1024));
      client.answer();
      assertThat(engine.states).hasSize(1);
      client.abort();
      await("the stream is closed", () -> engine.states.isEmpty());
      assertThat(server.clients()).isZero();
    }
  }

  /** Answers pile up neither here nor in the network: the client is read no more, then dropped. */
  @Test
  void doesNotReadClientsThatDoNotRead() throws Exception {
    start(GENEROUS);
    URI uri = URI.create("ws://127.0.0.1:" + server.port() + VadServer.PATH);
    try (Selector selector = Selector.open();
        WireClient slow = WireClient.connect(uri, selector, 0)) {
      int sent = 0;
      try {
        while (sent < 100_000) {
          if (slow.flush()) {
            slow.send(WireClient.message(1024).put(noise(1024)).flip());
            sent++;
          } else {
            Thread.sleep(10);
          }
        }
      } catch (IOException e) {
        // Dropped.
      }
      assertThat(sent)
          .as("messages that were read from a client that does not read")
          .isLessThan(50_000);
      try (Client other = new Client(server)) {
        other.send(noise(1024));
        assertThat(other.answer().frame()).isZero();
      }
      await("the slow client is dropped", () -> engine.states.isEmpty());
      assertThat(get("/metrics").body()).contains("vad_refused_total{reason=\"stall\"} 1.0");
    }
  }

  @Test
  void stopsAfterWhatIsOnItsWay() throws Exception {
    start(GENEROUS);
    engine.gate = new Semaphore(0);
    try (Client client = new Client(server);
        Client silent = new Client(server)) {
      client.send(noise(2048));
      await("the step waits", () -> engine.gate.hasQueuedThreads());
      Thread stop = Thread.ofPlatform().start(() -> server.stop(Duration.ofSeconds(20)));
      assertThat(silent.closed()).isEqualTo(new Client.Closed(1001, "The service is stopping."));
      assertThat(get("/health").statusCode()).isEqualTo(503);
      assertThat(engine.closed).isFalse();
      engine.gate.release(2);
      assertThat(client.answer().probabilities()).hasSize(2);
      assertThat(client.closed()).isEqualTo(new Client.Closed(1001, "The service is stopping."));
      stop.join();
      assertThat(engine.states).isEmpty();
      assertThat(engine.closed).isTrue();
    }
    server = null;
  }
}
