package io.cellbelt.vad;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.locks.LockSupport;

/** The load over the network, with two threads: this one sends, and another one receives. */
final class SocketLoad {
  private static final long SELECT_MILLIS = 100;

  private final URI server;
  private final HttpClient http = HttpClient.newHttpClient();

  /**
   * Prepares for loads.
   *
   * @param server such as ws://localhost:8080/vad
   */
  SocketLoad(URI server) {
    this.server = server;
  }

  /** Runs a load to its end. */
  Load.Result run(Recording recording, int streams, int warmUp, float tolerance)
      throws IOException, InterruptedException {
    List<WireClient> clients = new ArrayList<>();
    try (Selector selector = Selector.open()) {
      for (int i = 0; i < streams; i++) {
        clients.add(WireClient.connect(server, selector, i));
      }
      double cpu = metric("process_cpu_seconds_total");
      long begin = System.nanoTime();
      Load load = new Load(recording, streams, warmUp, tolerance);
      Thread receiver = Thread.ofPlatform().start(() -> receive(load, clients, selector));
      send(load, clients);
      receiver.join();
      double used =
          (metric("process_cpu_seconds_total") - cpu) / ((System.nanoTime() - begin) / 1e9);
      clients.stream()
          .map(WireClient::reason)
          .filter(reason -> reason != null)
          .findFirst()
          .ifPresent(reason -> System.err.println("The server has closed: " + reason));
      return load.result(
          used,
          (long) metric("vad_bytes_per_stream"),
          (long) metric("process_resident_memory_bytes"));
    } finally {
      for (WireClient client : clients) {
        try {
          client.close();
        } catch (IOException e) {
          // The server was faster.
        }
      }
    }
  }

  private static void send(Load load, List<WireClient> clients) {
    int bytes = 2 * Windows.HOP;
    ByteBuffer message = WireClient.message(bytes);
    int content = message.position();
    for (long next = 0; next < load.windows(); next++) {
      int stream = (int) (next % clients.size());
      long left = load.due(next) - System.nanoTime();
      if (left > 0) {
        LockSupport.parkNanos(left);
      }
      message.clear().position(content);
      load.recording().message(stream, (int) (next / clients.size()), message);
      try {
        clients.get(stream).send(message.flip());
      } catch (IOException e) {
        // Closed by the server: its answers will be missing.
      }
    }
    boolean all = false;
    while (!all && System.nanoTime() < load.deadline()) {
      all = true;
      for (WireClient client : clients) {
        try {
          all &= client.flush();
        } catch (IOException e) {
          // As above.
        }
      }
      LockSupport.parkNanos(1_000_000);
    }
  }

  private static void receive(Load load, List<WireClient> clients, Selector selector) {
    try {
      while (!load.isComplete()
          && !selector.keys().isEmpty()
          && System.nanoTime() < load.deadline()) {
        selector.select(key -> receive(load, clients, key), SELECT_MILLIS);
      }
    } catch (IOException e) {
      System.err.println("Receiving broke off: " + e.getMessage());
    }
  }

  private static void receive(Load load, List<WireClient> clients, SelectionKey key) {
    int stream = (int) key.attachment();
    try {
      boolean open =
          clients
              .get(stream)
              .receive(
                  text ->
                      Answer.parse(text)
                          .probabilities()
                          .forEach(probability -> load.answer(stream, probability)));
      if (!open) {
        key.cancel();
      }
    } catch (IOException e) {
      key.cancel();
    }
  }

  private double metric(String name) throws IOException, InterruptedException {
    URI metrics = URI.create("http://" + server.getAuthority() + "/metrics");
    String text =
        http.send(HttpRequest.newBuilder(metrics).build(), HttpResponse.BodyHandlers.ofString())
            .body();
    return text.lines()
        .filter(line -> line.startsWith(name + " "))
        .mapToDouble(line -> Double.parseDouble(line.substring(name.length() + 1)))
        .findFirst()
        .orElseThrow(() -> new IOException("The server's metrics have no " + name + "."));
  }
}
