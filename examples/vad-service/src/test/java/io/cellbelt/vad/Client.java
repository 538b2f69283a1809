package io.cellbelt.vad;

import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.WebSocket;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;

/** A client that waits for what the service says. */
final class Client implements WebSocket.Listener, AutoCloseable {
  /** How a connection was closed. */
  record Closed(int code, String reason) {}

  private static final int PATIENCE = 20;
  private static final HttpClient HTTP = HttpClient.newHttpClient();

  private final BlockingQueue<Answer> answers = new LinkedBlockingQueue<>();
  private final CompletableFuture<Closed> closed = new CompletableFuture<>();
  private final StringBuilder text = new StringBuilder();
  private final WebSocket socket;

  Client(VadServer server) {
    URI uri = URI.create("ws://127.0.0.1:" + server.port() + VadServer.PATH);
    socket = HTTP.newWebSocketBuilder().buildAsync(uri, this).join();
  }

  @Override
  public CompletionStage<?> onText(WebSocket from, CharSequence data, boolean last) {
    text.append(data);
    if (last) {
      answers.add(Answer.parse(text));
      text.setLength(0);
    }
    from.request(1);
    return null;
  }

  @Override
  public CompletionStage<?> onClose(WebSocket from, int code, String reason) {
    closed.complete(new Closed(code, reason));
    return null;
  }

  @Override
  public void onError(WebSocket from, Throwable e) {
    closed.completeExceptionally(e);
  }

  Client send(byte[] pcm) {
    socket.sendBinary(ByteBuffer.wrap(pcm), true).join();
    return this;
  }

  /** Begins to send what the service may not let through. */
  void trySend(byte[] pcm) {
    socket.sendBinary(ByteBuffer.wrap(pcm), true).exceptionally(e -> null);
  }

  Client send(String message) {
    socket.sendText(message, true).join();
    return this;
  }

  Answer answer() throws InterruptedException {
    Answer answer = answers.poll(PATIENCE, TimeUnit.SECONDS);
    if (answer == null) {
      throw new AssertionError("No answer has come in " + PATIENCE + " s.");
    }
    return answer;
  }

  /** The probabilities up to the last answer. */
  List<Float> probabilities() throws InterruptedException {
    List<Float> all = new ArrayList<>();
    Answer answer;
    do {
      answer = answer();
      if (answer.frame() != all.size()) {
        throw new AssertionError("Expected window " + all.size() + ", but got " + answer + ".");
      }
      all.addAll(answer.probabilities());
    } while (!answer.done());
    return all;
  }

  Closed closed() throws Exception {
    return closed.get(PATIENCE, TimeUnit.SECONDS);
  }

  /** Breaks the connection without a word. */
  void abort() {
    socket.abort();
  }

  @Override
  public void close() {
    abort();
  }
}
