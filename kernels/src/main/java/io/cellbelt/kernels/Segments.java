package io.cellbelt.kernels;

import java.lang.foreign.MemorySegment;

/** Checks of callers' segments, made before anything is read or written. */
public final class Segments {
  private Segments() {}

  /**
   * Refuses a segment that floats cannot be read from.
   *
   * @param name what the caller knows it by
   * @param floats how many must fit
   * @throws IllegalArgumentException if it is too short
   * @throws IllegalStateException if its arena is closed
   * @throws WrongThreadException if it is confined to another thread
   */
  public static void checkRead(String name, long floats, MemorySegment segment) {
    if (segment == null) {
      throw new NullPointerException("'" + name + "' is a segment, but got null.");
    }
    checkRoom(name, floats, segment.byteSize() / Float.BYTES);
    if (!segment.scope().isAlive()) {
      throw new IllegalStateException(
          "The segment '" + name + "' belongs to a closed arena; give one that is open.");
    }
    if (!segment.isAccessibleBy(Thread.currentThread())) {
      throw new WrongThreadException(
          "The segment '" + name + "' is confined to another thread; give one of a shared arena.");
    }
  }

  /**
   * Refuses a segment that floats cannot be written to.
   *
   * @param name what the caller knows it by
   * @param floats how many must fit
   * @throws IllegalArgumentException also if it is read-only
   */
  public static void checkWrite(String name, long floats, MemorySegment segment) {
    checkRead(name, floats, segment);
    if (segment.isReadOnly()) {
      throw new IllegalArgumentException(
          "The segment '" + name + "' is read-only, but results are written to it.");
    }
  }

  /**
   * Refuses memory that is too short, of whatever kind.
   *
   * @throws IllegalArgumentException if it is
   */
  public static void checkRoom(String name, long needed, long given) {
    if (given < needed) {
      throw new IllegalArgumentException(
          "'" + name + "' needs room for " + needed + " values, but has " + given + ".");
    }
  }
}
