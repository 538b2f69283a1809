package io.cellbelt.vad;

import io.helidon.common.buffers.BufferData;
import io.helidon.webserver.ServerConnectionException;
import io.helidon.websocket.WsCloseCodes;
import io.helidon.websocket.WsListener;
import io.helidon.websocket.WsSession;
import java.util.concurrent.locks.ReentrantLock;

/**
 * One client. Its messages are read, calculated and answered one after the other on its own virtual
 * thread: while an answer waits for a slow reader, nothing more is read, and nothing piles up.
 */
final class Connection implements WsListener {
  /** How long a client may take to say that it has heard that it is closed. */
  private static final long CLOSING_NANOS = 3_000_000_000L;

  private static final String END = "end";

  private final VadServer server;
  private final Limits limits;

  /** Held while a message is worked on, and for what must not come in between. */
  private final ReentrantLock busy = new ReentrantLock();

  private final SampleRate rate;
  private WsSession session;
  private Detector detector;
  private Thread thread;
  private volatile long heard;
  private volatile long sendingSince;
  private volatile long closedAt;
  private boolean admitted;

  Connection(VadServer server, Limits limits) {
    this.server = server;
    this.limits = limits;
    heard = System.nanoTime();
    rate = new SampleRate(limits, heard);
  }

  @Override
  public void onOpen(WsSession opened) {
    busy.lock();
    try {
      session = opened;
      thread = Thread.currentThread();
      server.add(this);
      VadServer.Admission admission = server.admit();
      admitted = admission.detector() != null;
      detector = admission.detector();
      if (!admitted) {
        refuse(WsCloseCodes.TRY_AGAIN_LATER, admission.label(), admission.reason());
      }
    } finally {
      busy.unlock();
    }
  }

  @Override
  public void onMessage(WsSession from, BufferData data, boolean last) {
    busy.lock();
    try {
      if (closedAt != 0) {
        return;
      }
      byte[] pcm = data.readBytes();
      heard = System.nanoTime();
      if (pcm.length > limits.messageBytes()) {
        refuse(
            WsCloseCodes.TOO_BIG,
            "size",
            "A message has at most " + limits.messageBytes() + " bytes; send smaller ones.");
      } else if (!rate.take(pcm.length, heard)) {
        refuse(
            WsCloseCodes.VIOLATED_POLICY,
            "rate",
            "Sound may come at " + limits.rate() + " x real time on average; send slower.");
      } else {
        detector.hear(pcm).ifPresent(this::send);
      }
    } finally {
      busy.unlock();
    }
  }

  @Override
  public void onMessage(WsSession from, String text, boolean last) {
    busy.lock();
    try {
      if (closedAt != 0) {
        return;
      }
      heard = System.nanoTime();
      if (text.equals(END)) {
        send(detector.finish());
        close(WsCloseCodes.NORMAL_CLOSE, "The sound has ended.");
      } else {
        refuse(
            WsCloseCodes.CANNOT_ACCEPT,
            "text",
            "Messages are sound, or the text \"" + END + "\", but another text came.");
      }
    } finally {
      busy.unlock();
    }
  }

  private void send(Answer answer) {
    sendingSince = System.nanoTime() | 1;
    session.send(answer.json(), true);
    sendingSince = 0;
  }

  private void refuse(int code, String label, String reason) {
    server.metrics().refused(label);
    close(code, reason);
  }

  /** Says why and reads on, so that what the client has still sent does not drown the reason. */
  private void close(int code, String reason) {
    closedAt = System.nanoTime() | 1;
    release();
    try {
      session.close(code, reason);
    } catch (ServerConnectionException e) {
      abort(); // the client was faster
    }
  }

  private void release() {
    if (detector != null) {
      detector.close();
      detector = null;
    }
    if (admitted) {
      admitted = false;
      server.leave();
    }
  }

  @Override
  public void onClose(WsSession from, int status, String reason) {
    gone();
  }

  @Override
  public void onError(WsSession from, Throwable e) {
    gone();
  }

  private void gone() {
    busy.lock();
    try {
      closedAt = System.nanoTime() | 1;
      release();
      server.remove(this);
    } finally {
      busy.unlock();
    }
  }

  /** Looks for what no message tells of: a client that is gone, silent, or does not read. */
  void inspect(long now) {
    long sending = sendingSince;
    long closed = closedAt;
    if (!thread.isAlive()) {
      gone(); // the network broke, which the server tells nobody
    } else if (sending != 0 && now - sending > limits.stall().toNanos()) {
      server.metrics().refused("stall");
      abort();
    } else if (closed != 0 && now - closed > CLOSING_NANOS) {
      abort();
    } else if (closed == 0 && now - heard > limits.idle().toNanos()) {
      Thread.startVirtualThread(
          () -> end("idle", "Nothing has come for " + limits.idle().toSeconds() + " s."));
    }
  }

  /** Ends after the message that is being worked on. */
  void end(String label, String reason) {
    busy.lock();
    try {
      if (closedAt == 0) {
        server.metrics().refused(label);
        close(WsCloseCodes.GOING_AWAY, reason);
      }
    } finally {
      busy.unlock();
    }
  }

  /** Breaks the network connection, whatever its thread waits for. */
  void abort() {
    thread.interrupt();
  }
}
