package io.cellbelt.vad;

import java.util.Optional;

/**
 * Finds where speech begins and ends while probabilities come. Stretches that are too short are
 * never told of, so a beginning is told of when the stretch is long enough. Not thread-safe.
 */
final class Segments {
  /** Speech begins over the first, and ends under the second. */
  private static final float BEGINS = 0.5f;

  private static final float ENDS = 0.35f;

  /** Seconds that speech lasts, and that silence lasts which ends it. */
  private static final double SHORTEST = 0.25;

  private static final double PAUSE = 0.1;

  /** Where speech begins or ends, in seconds from the start of the sound. */
  record Event(boolean begin, double seconds) {}

  private long frame;
  private long from = -1;
  private long silentFrom = -1;
  private boolean told;

  /** Takes the next probability. */
  Optional<Event> add(float probability) {
    long now = frame++;
    if (probability >= BEGINS) {
      from = from < 0 ? now : from;
      silentFrom = -1;
    } else if (from >= 0 && probability < ENDS) {
      silentFrom = silentFrom < 0 ? now : silentFrom;
      if ((now + 1 - silentFrom) * Windows.SECONDS >= PAUSE) {
        return end(silentFrom);
      }
    }
    boolean begins =
        !told && from >= 0 && silentFrom < 0 && (now + 1 - from) * Windows.SECONDS >= SHORTEST;
    told |= begins;
    return begins ? event(true, from) : Optional.empty();
  }

  /** Ends the sound. */
  Optional<Event> finish() {
    return end(silentFrom < 0 ? frame : silentFrom);
  }

  private Optional<Event> end(long at) {
    Optional<Event> event = told ? event(false, at) : Optional.empty();
    told = false;
    from = -1;
    silentFrom = -1;
    return event;
  }

  private static Optional<Event> event(boolean begin, long frame) {
    return Optional.of(new Event(begin, frame * Windows.SECONDS));
  }
}
