package io.cellbelt.vad;

import io.helidon.http.HeaderNames;
import io.helidon.http.Status;
import io.helidon.webserver.WebServer;
import io.helidon.webserver.http.HttpRouting;
import io.helidon.webserver.http.ServerRequest;
import io.helidon.webserver.http.ServerResponse;
import io.helidon.webserver.websocket.WsConfig;
import io.helidon.webserver.websocket.WsRouting;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.StandardSocketOptions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;

/** The server. It listens from the start, and takes clients once it has an engine. Thread-safe. */
final class VadServer {
  /** Where clients connect. */
  static final String PATH = "/vad";

  private static final Map<String, String> PAGE =
      Map.of(
          "index.html", "text/html; charset=utf-8",
          "page.css", "text/css; charset=utf-8",
          "page.js", "text/javascript; charset=utf-8",
          "recorder.js", "text/javascript; charset=utf-8");

  private static final Duration INSPECTION = Duration.ofMillis(500);

  /** Room for a message beyond the limit, so that it is refused with the service's own words. */
  private static final int FRAME_SLACK = 2;

  /** Bytes of answers that the system keeps for a client that does not read. */
  private static final int SEND_BUFFER = 1 << 14;

  /** Network connections besides clients: pages, probes, and those that are being refused. */
  private static final int OTHERS = 256;

  private enum State {
    WARMING_UP("warming up"),
    READY("ready"),
    STOPPING("stopping");

    private final String text;

    State(String text) {
      this.text = text;
    }
  }

  /** Whether a client is taken: a detector, or what it is told instead. */
  record Admission(Detector detector, String label, String reason) {}

  private final Limits limits;
  private final Metrics metrics = new Metrics();
  private final Set<Connection> connections = ConcurrentHashMap.newKeySet();
  private final AtomicInteger clients = new AtomicInteger();
  private final Thread inspector = Thread.ofVirtual().unstarted(this::inspect);
  private final WebServer web;
  private volatile State state = State.WARMING_UP;
  private volatile Engine engine;

  private VadServer(String host, int port, Limits limits) {
    this.limits = limits;
    metrics.gauge("vad.streams.open", clients::get);
    metrics.gauge("vad.bytes.per.stream", () -> engine == null ? 0 : engine.bytesPerStream());
    HttpRouting.Builder http =
        HttpRouting.builder().get("/health", this::health).get("/metrics", this::metrics);
    PAGE.forEach((name, type) -> page(http, name, type));
    web =
        WebServer.builder()
            .host(host)
            .port(port)
            .shutdownHook(false) // the service stops in its own order
            .maxTcpConnections(limits.connections() + OTHERS)
            .putListenerSocketOption(StandardSocketOptions.SO_RCVBUF, limits.messageBytes())
            .connectionOptions(
                options -> options.tcpNoDelay(true).socketSendBufferSize(SEND_BUFFER))
            .idleConnectionTimeout(limits.idle().multipliedBy(2))
            .addProtocol(
                WsConfig.builder().maxFrameLength(FRAME_SLACK * limits.messageBytes()).build())
            .routing(http)
            .addRouting(WsRouting.builder().endpoint(PATH, () -> new Connection(this, limits)))
            .build();
  }

  /**
   * Listens.
   *
   * @param port 0 for one that is free
   */
  static VadServer start(String host, int port, Limits limits) {
    VadServer server = new VadServer(host, port, limits);
    server.web.start();
    server.inspector.start();
    return server;
  }

  private static void page(HttpRouting.Builder http, String name, String type) {
    byte[] content;
    try (InputStream in = VadServer.class.getResourceAsStream(name)) {
      content = in.readAllBytes();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    http.get(
        name.equals("index.html") ? "/" : "/" + name,
        (request, response) -> response.header(HeaderNames.CONTENT_TYPE, type).send(content));
  }

  /** Takes clients from now on. The engine is closed with the server. */
  void ready(Engine warm) {
    engine = warm;
    state = State.READY;
  }

  int port() {
    return web.port();
  }

  Metrics metrics() {
    return metrics;
  }

  /** Clients that are being served. */
  int clients() {
    return clients.get();
  }

  private void health(ServerRequest request, ServerResponse response) {
    State now = state;
    response
        .status(now == State.READY ? Status.OK_200 : Status.SERVICE_UNAVAILABLE_503)
        .header(HeaderNames.CONTENT_TYPE, "application/json")
        .send("{\"status\":\"" + now.text + "\"}\n");
  }

  private void metrics(ServerRequest request, ServerResponse response) {
    response
        .header(HeaderNames.CONTENT_TYPE, "text/plain; version=0.0.4; charset=utf-8")
        .send(metrics.text());
  }

  Admission admit() {
    if (state != State.READY) {
      return new Admission(null, "state", "The service is " + state.text + "; try again later.");
    }
    if (clients.incrementAndGet() > limits.connections()) {
      leave();
      return new Admission(
          null,
          "connections",
          "The service takes " + limits.connections() + " clients at once; try again later.");
    }
    try {
      return new Admission(new Detector(engine, metrics), "", "");
    } catch (Throwable e) {
      leave();
      throw e;
    }
  }

  void leave() {
    clients.decrementAndGet();
  }

  void add(Connection connection) {
    connections.add(connection);
  }

  void remove(Connection connection) {
    connections.remove(connection);
  }

  private void inspect() {
    try {
      while (true) {
        Thread.sleep(INSPECTION);
        long now = System.nanoTime();
        connections.forEach(connection -> connection.inspect(now));
      }
    } catch (InterruptedException e) {
      // The server stops.
    }
  }

  /**
   * Takes no more clients, answers what is being worked on, tells clients to go, and closes the
   * engine.
   *
   * @param patience how long that may take; connections that are left then are broken
   */
  void stop(Duration patience) {
    long deadline = System.nanoTime() + patience.toNanos();
    state = State.STOPPING;
    try {
      List<Thread> ends = new ArrayList<>();
      for (Connection connection : connections) {
        ends.add(
            Thread.startVirtualThread(() -> connection.end("stop", "The service is stopping.")));
      }
      for (Thread end : ends) {
        end.join(Duration.ofNanos(Math.max(1, deadline - System.nanoTime())));
      }
      while (!connections.isEmpty() && System.nanoTime() < deadline) {
        Thread.sleep(10);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    inspector.interrupt();
    connections.forEach(Connection::abort);
    web.stop();
    if (engine != null) {
      engine.close();
    }
  }
}
