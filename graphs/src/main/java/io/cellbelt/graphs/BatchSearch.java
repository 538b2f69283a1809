package io.cellbelt.graphs;

import io.cellbelt.graphs.plan.Plan;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.SplittableRandom;

/**
 * Finds which dimension of each input counts the streams of a batch. A graph does not say so, and
 * may mix what is in a batch. So each choice is tried: the graph is planned for two streams, and
 * steps of them together must give the bits of each stepped alone.
 */
final class BatchSearch {
  /** Choices that are tried; a graph that allows a batch has it among the first few. */
  private static final int MOST = 64;

  private static final int STEPS = 3;

  private final ReadyGraph ready;

  private BatchSearch(ReadyGraph ready) {
    this.ready = ready;
  }

  /**
   * A way to have two streams in a batch.
   *
   * @param axes the dimension that counts them, by input that is fed or a state
   * @param plan for both
   */
  record Found(Map<String, Integer> axes, Plan plan) {}

  /** The way to have several streams; null where the graph allows no batch. */
  static Found of(ReadyGraph ready) {
    // Inputs of one shape, such as the states of several layers, have it in one place.
    Map<List<Integer>, List<String>> alike = new LinkedHashMap<>();
    ready
        .shapes()
        .forEach(
            (name, shape) ->
                alike
                    .computeIfAbsent(
                        Arrays.stream(shape).boxed().toList(), key -> new ArrayList<>())
                    .add(name));
    List<Map<String, Integer>> choices = List.of(Map.of());
    for (List<String> names : alike.values()) {
      List<Map<String, Integer>> more = new ArrayList<>();
      for (Map<String, Integer> choice : choices) {
        for (int dimension : candidates(ready, names.getFirst())) {
          Map<String, Integer> longer = new LinkedHashMap<>(choice);
          names.forEach(name -> longer.put(name, dimension));
          more.add(longer);
        }
      }
      choices = more.subList(0, Math.min(MOST, more.size()));
    }
    BatchSearch search = new BatchSearch(ready);
    return choices.stream().map(search::tried).filter(Objects::nonNull).findFirst().orElse(null);
  }

  /** Open dimensions, then others, of size 1. */
  private static List<Integer> candidates(ReadyGraph ready, String input) {
    int[] shape = ready.shapes().get(input);
    Port port =
        ready.graph().inputs().stream()
            .filter(p -> p.name().equals(input))
            .findFirst()
            .orElseThrow();
    List<Integer> open = new ArrayList<>();
    List<Integer> fixed = new ArrayList<>();
    for (int d = 0; d < shape.length; d++) {
      if (shape[d] == 1) {
        (port.shape() == null || port.shape().get(d).isOpen() ? open : fixed).add(d);
      }
    }
    open.addAll(fixed);
    return open;
  }

  /** Null where two streams are not what each is alone. */
  private Found tried(Map<String, Integer> axes) {
    Plan plan;
    try {
      plan = ready.plan(axes, 2);
    } catch (IllegalArgumentException e) {
      return null; // sizes that do not fit: the graph counts on one stream
    }
    try (Batch single = Batch.of(ready, ready.plan(), ready.plan(), 1).orElseThrow();
        Batch both = Batch.of(ready, ready.plan(), plan, 2).orElse(null)) {
      return both != null && sameBits(single, both) ? new Found(axes, plan) : null;
    }
  }

  private static boolean sameBits(Batch single, Batch both) {
    SplittableRandom random = new SplittableRandom(1);
    int size = single.stateSize();
    float[][] alone = new float[2][size];
    float[][] together = new float[2][size];
    for (int step = 0; step < STEPS; step++) {
      List<float[]> expected = new ArrayList<>();
      for (int row = 0; row < 2; row++) {
        List<float[]> inputs = random(random, single);
        put(both, row, inputs, together[row]);
        put(single, 0, inputs, alone[row]);
        single.run();
        expected.addAll(results(single, 0, alone[row]));
      }
      both.run();
      List<float[]> given = new ArrayList<>(results(both, 0, together[0]));
      given.addAll(results(both, 1, together[1]));
      for (int i = 0; i < given.size(); i++) {
        if (!Arrays.equals(given.get(i), expected.get(i))) {
          return false;
        }
      }
    }
    return true;
  }

  /** Numbers that differ from stream to stream; of integers, which may be indices, 0 and 1. */
  private static List<float[]> random(SplittableRandom random, Batch single) {
    List<float[]> all = new ArrayList<>();
    for (BatchRows input : single.inputs()) {
      float[] values = new float[input.size()];
      boolean whole = input.operand().storage() == ElementType.Storage.LONG;
      for (int i = 0; i < values.length; i++) {
        values[i] = whole ? random.nextInt(2) : random.nextFloat() - 0.5f;
      }
      all.add(values);
    }
    return all;
  }

  private static void put(Batch batch, int row, List<float[]> inputs, float[] state) {
    for (int i = 0; i < inputs.size(); i++) {
      batch.inputs().get(i).write(batch.memory(), row, inputs.get(i), 0);
    }
    batch.restore(row, state);
  }

  private static List<float[]> results(Batch batch, int row, float[] state) {
    List<float[]> all = new ArrayList<>();
    for (BatchRows output : batch.outputs()) {
      float[] values = new float[output.size()];
      output.read(batch.memory(), row, values, 0);
      all.add(values);
    }
    batch.save(row, state);
    all.add(state.clone());
    return all;
  }
}
