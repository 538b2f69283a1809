package io.cellbelt.graphs;

import static org.assertj.core.api.Assertions.assertThat;

import io.cellbelt.graphs.Port.Dimension;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** Which outputs are taken for states, by names and shapes. */
class StatesTest {
  private final Map<String, int[]> inputs = new LinkedHashMap<>();
  private final Map<String, int[]> outputs = new LinkedHashMap<>();

  private StatesTest in(String name, int... shape) {
    inputs.put(name, shape);
    return this;
  }

  private StatesTest out(String name, int... shape) {
    outputs.put(name, shape);
    return this;
  }

  private static Port port(String name, int[] shape) {
    return new Port(name, ElementType.F32, Arrays.stream(shape).mapToObj(Dimension::of).toList());
  }

  /** The states that are found; the graph's nodes are not looked at. */
  private void find(Carry... expected) {
    List<Port> ports = new ArrayList<>();
    inputs.forEach((name, shape) -> ports.add(port(name, shape)));
    Graph graph = new Graph("", ports, List.of(), Map.of(), List.of());
    assertThat(States.of(graph, inputs, outputs)).containsExactlyInAnyOrder(expected);
  }

  @Test
  void hAndC() {
    in("x", 1, 8).in("h", 2, 1, 4).in("c", 2, 1, 4).out("y", 1, 8).out("hn", 2, 1, 4);
    out("cn", 2, 1, 4).find(new Carry("h", "hn"), new Carry("c", "cn"));
  }

  @Test
  void h0AndHn() {
    in("input", 1, 8).in("h0", 2, 1, 4).in("c0", 2, 1, 4).out("output", 1, 8);
    out("hn", 2, 1, 4).out("cn", 2, 1, 4).find(new Carry("h0", "hn"), new Carry("c0", "cn"));
  }

  @Test
  void stateAndStateN() {
    in("input", 1, 512).in("state", 2, 1, 128).out("output", 1, 1);
    out("stateN", 2, 1, 128).find(new Carry("state", "stateN"));
  }

  @Test
  void inAndOut() {
    in("x", 1, 8).in("h_in", 1, 4).in("c_in", 1, 4).out("y", 1, 8).out("h_out", 1, 4);
    out("c_out", 1, 4).find(new Carry("h_in", "h_out"), new Carry("c_in", "c_out"));
  }

  @Test
  void prefixes() {
    in("mix", 1, 8).in("in_state", 4).in("prev_hidden", 4).out("enh", 1, 8).out("out_state", 4);
    out("next_hidden", 4)
        .find(new Carry("in_state", "out_state"), new Carry("prev_hidden", "next_hidden"));
  }

  @Test
  void caches() {
    in("mix", 1, 257, 1, 2).in("conv_cache", 2, 1, 16, 16, 33).in("tra_cache", 2, 3, 1, 1, 16);
    in("inter_cache", 2, 1, 33, 16).out("enh", 1, 257, 1, 2);
    out("conv_cache_out", 2, 1, 16, 16, 33).out("tra_cache_out", 2, 3, 1, 1, 16);
    out("inter_cache_out", 2, 1, 33, 16)
        .find(
            new Carry("conv_cache", "conv_cache_out"),
            new Carry("tra_cache", "tra_cache_out"),
            new Carry("inter_cache", "inter_cache_out"));
  }

  @Test
  void numbersTellThemApart() {
    in("x", 4).in("state_1", 4).in("state_2", 4).out("y", 4).out("new_state_2", 4);
    out("new_state_1", 4)
        .find(new Carry("state_1", "new_state_1"), new Carry("state_2", "new_state_2"));
  }

  @Test
  void sideBySideInOneOutput() {
    in("x", 1, 8).in("h_a", 1, 1, 4).in("h_b", 1, 1, 4).out("y", 1, 8).out("states", 2, 1, 4);
    find(new Carry("h_a", "states", 0, 0), new Carry("h_b", "states", 0, 1));
  }

  @Test
  void byShapeWhereNothingElseFits() {
    in("audio", 1, 8).in("buf", 3, 5).out("clean", 1, 8).out("next", 3, 5);
    find(new Carry("buf", "next"));
  }

  @Test
  void dataIsNoState() {
    in("x", 1, 8).out("y", 1, 8).find();
  }

  @Test
  void dataOfOneNameIsNoState() {
    in("input", 1, 8).in("condition", 1, 4).out("output", 1, 8).find();
  }

  @Test
  void theOnlyOutputIsNoState() {
    in("a", 1, 4).in("b", 1, 4).out("y", 1, 4).find();
  }
}
