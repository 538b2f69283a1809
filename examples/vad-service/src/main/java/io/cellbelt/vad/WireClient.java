package io.cellbelt.vad;

import java.io.EOFException;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.StandardSocketOptions;
import java.net.URI;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.function.Consumer;

/**
 * A WebSocket client that costs next to nothing: no thread, no copy, no future for each message.
 * Clients with those take as much of a processor as the service that they are to measure. One
 * thread sends, and another one receives.
 */
final class WireClient implements AutoCloseable {
  private static final int TEXT = 0x81;
  private static final int BINARY = 0x82;
  private static final int CLOSE = 0x88;
  private static final int MASKED = 0x80;
  private static final int TWO_BYTES = 126;
  private static final String END_OF_HEAD = "\r\n\r\n";

  private final SocketChannel channel;
  private final ArrayDeque<ByteBuffer> unsent = new ArrayDeque<>();
  private final ByteBuffer in = ByteBuffer.allocateDirect(1 << 13);
  private volatile String reason;

  private WireClient(SocketChannel channel) {
    this.channel = channel;
  }

  /** Connects, and watches for answers. */
  static WireClient connect(URI server, Selector selector, int stream) throws IOException {
    SocketChannel channel =
        SocketChannel.open(new InetSocketAddress(server.getHost(), server.getPort()));
    try {
      channel.setOption(StandardSocketOptions.TCP_NODELAY, true);
      WireClient client = new WireClient(channel);
      client.upgrade(server);
      channel.configureBlocking(false);
      channel.register(selector, SelectionKey.OP_READ, stream);
      return client;
    } catch (Throwable e) {
      channel.close();
      throw e;
    }
  }

  private void upgrade(URI server) throws IOException {
    String request =
        "GET "
            + server.getPath()
            + " HTTP/1.1\r\nHost: "
            + server.getAuthority()
            + "\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
            + "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n";
    channel.write(ByteBuffer.wrap(request.getBytes(StandardCharsets.US_ASCII)));
    StringBuilder head = new StringBuilder();
    ByteBuffer one = ByteBuffer.allocate(1);
    while (head.indexOf(END_OF_HEAD) < 0) {
      if (channel.read(one.clear()) < 0) {
        throw new EOFException("The server has closed instead of answering; it said: " + head);
      }
      head.append((char) one.get(0));
    }
    if (!head.toString().startsWith("HTTP/1.1 101 ")) {
      throw new IOException("The server has no WebSocket at " + server + "; it said: " + head);
    }
  }

  /**
   * A binary message with room for its content, which follows.
   *
   * @param bytes of the content, fewer than 65,536
   */
  static ByteBuffer message(int bytes) {
    // A mask of zeros leaves the content as it is.
    return ByteBuffer.allocateDirect(bytes + 8)
        .put((byte) BINARY)
        .put((byte) (MASKED | TWO_BYTES))
        .putShort((short) bytes)
        .putInt(0);
  }

  /** Sends what earlier messages have left, and a message, or keeps what the network refuses. */
  void send(ByteBuffer message) throws IOException {
    flush();
    if (unsent.isEmpty()) {
      channel.write(message);
    }
    if (message.hasRemaining()) {
      unsent.add(ByteBuffer.allocate(message.remaining()).put(message).flip());
    }
  }

  /** Sends what earlier messages have left, as far as the network takes it. */
  boolean flush() throws IOException {
    while (!unsent.isEmpty()) {
      channel.write(unsent.peek());
      if (unsent.peek().hasRemaining()) {
        return false;
      }
      unsent.remove();
    }
    return true;
  }

  /**
   * Receives what has come.
   *
   * @param texts takes each message of text
   * @return false if the server has closed
   */
  boolean receive(Consumer<String> texts) throws IOException {
    boolean open = channel.read(in) >= 0;
    in.flip();
    while (in.remaining() >= 2) {
      int type = in.get(in.position()) & 0xff;
      int length = in.get(in.position() + 1) & 0xff;
      int head = 2;
      if (length == TWO_BYTES) {
        if (in.remaining() < 4) {
          break;
        }
        length = in.getShort(in.position() + 2) & 0xffff;
        head = 4;
      }
      if (in.remaining() < head + length) {
        break;
      }
      byte[] content = new byte[length];
      in.position(in.position() + head).get(content);
      if (type == TEXT) {
        texts.accept(new String(content, StandardCharsets.UTF_8));
      } else if (type == CLOSE) {
        int text = Math.min(2, length);
        reason = new String(content, text, length - text, StandardCharsets.UTF_8);
        open = false;
      }
    }
    in.compact();
    return open;
  }

  /** Why the server has closed, or null. */
  String reason() {
    return reason;
  }

  @Override
  public void close() throws IOException {
    try (channel) {
      if (channel.isConnected() && unsent.isEmpty()) {
        ByteBuffer close = ByteBuffer.allocate(8).put((byte) CLOSE).put((byte) (MASKED | 2));
        channel.write(close.putInt(0).putShort((short) 1000).flip());
      }
    }
  }
}
