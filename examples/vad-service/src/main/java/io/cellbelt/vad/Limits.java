package io.cellbelt.vad;

import java.time.Duration;

/**
 * What a client may ask for.
 *
 * @param connections at once
 * @param messageBytes of one message, or fragment of one
 * @param rate sound in the time that it takes to be heard, on average: 8 is a minute in 7.5 s
 * @param burst sound beyond that
 * @param idle how long a client may send nothing
 * @param stall how long a client may leave an answer unread
 */
record Limits(
    int connections, int messageBytes, double rate, Duration burst, Duration idle, Duration stall) {
  static final Limits DEFAULT =
      new Limits(
          10_000,
          1 << 16,
          8,
          Duration.ofSeconds(10),
          Duration.ofMinutes(1),
          Duration.ofSeconds(10));
}
