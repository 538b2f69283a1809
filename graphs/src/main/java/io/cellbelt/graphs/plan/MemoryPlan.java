package io.cellbelt.graphs.plan;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Set;
import java.util.TreeMap;

/**
 * Where the tensors of a run lie: two that are never needed at the same time may share memory, as
 * that keeps a whole small network in the first cache.
 */
final class MemoryPlan {
  private static final int LINE = 64;

  private MemoryPlan() {}

  /** The steps without those whose results nobody reads. */
  static List<Step> withoutDead(List<Step> steps, Set<Place> wanted) {
    Set<Place> live = new HashSet<>(wanted);
    List<Step> kept = new ArrayList<>();
    for (Step step : steps.reversed()) {
      if (step.writes().stream().anyMatch(live::contains)) {
        live.addAll(step.reads());
        kept.add(step);
      }
    }
    return kept.reversed();
  }

  /**
   * Gives every place its start.
   *
   * @param inputs written before the first step; they stay as they are, so that a caller need not
   *     write them again
   * @param outputs read after the last step
   * @return bytes of them all
   */
  static long assign(List<Step> steps, Set<Place> inputs, Set<Place> outputs) {
    Set<Place> all = new HashSet<>();
    int end = steps.size();
    for (Place place : inputs) {
      place.touch(0);
      place.touch(end);
      all.add(place);
    }
    for (Place place : outputs) {
      place.touch(end);
      all.add(place);
    }
    for (int i = 0; i < end; i++) {
      for (List<Place> places : List.of(steps.get(i).reads(), steps.get(i).writes())) {
        for (Place place : places) {
          place.touch(i);
          all.add(place);
        }
      }
    }
    List<Place> own =
        all.stream()
            .filter(place -> !place.isShared())
            .sorted(Comparator.comparingInt(Place::from).thenComparingLong(Place::bytes))
            .toList();
    return assign(own, end);
  }

  /** Places in the order in which they are first written; the smallest gap that fits is taken. */
  private static long assign(List<Place> places, int end) {
    Map<Integer, List<Place>> ending = new HashMap<>();
    NavigableMap<Long, Long> gaps = new TreeMap<>();
    long top = 0;
    int done = 0;
    for (Place place : places) {
      for (; done < place.from(); done++) {
        for (Place old : ending.getOrDefault(done, List.of())) {
          free(gaps, old);
        }
      }
      long bytes = room(place);
      Long best = null;
      for (Map.Entry<Long, Long> gap : gaps.entrySet()) {
        boolean fits = gap.getValue() >= bytes;
        if (fits && (best == null || gap.getValue() < gaps.get(best))) {
          best = gap.getKey();
        }
      }
      if (best == null) {
        place.start(top);
        top += bytes;
      } else {
        long left = gaps.remove(best) - bytes;
        place.start(best);
        if (left > 0) {
          gaps.put(best + bytes, left);
        }
      }
      if (place.to() < end) {
        ending.computeIfAbsent(place.to(), key -> new ArrayList<>()).add(place);
      }
    }
    return top;
  }

  private static void free(NavigableMap<Long, Long> gaps, Place place) {
    long start = place.start();
    long bytes = room(place);
    Map.Entry<Long, Long> below = gaps.floorEntry(start);
    if (below != null && below.getKey() + below.getValue() == start) {
      gaps.remove(below.getKey());
      start = below.getKey();
      bytes += below.getValue();
    }
    Long above = gaps.remove(start + bytes);
    gaps.put(start, above == null ? bytes : bytes + above);
  }

  /** Whole cache lines, and one more that kernels may write over the end. */
  private static long room(Place place) {
    return Math.ceilDiv(place.bytes(), LINE) * LINE + LINE;
  }
}
