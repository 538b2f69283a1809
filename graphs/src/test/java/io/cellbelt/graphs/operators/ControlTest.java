package io.cellbelt.graphs.operators;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.cellbelt.graphs.Attribute;
import io.cellbelt.graphs.ElementType;
import io.cellbelt.graphs.Graph;
import io.cellbelt.graphs.GraphNetwork;
import io.cellbelt.graphs.GraphStream;
import io.cellbelt.graphs.Node;
import io.cellbelt.graphs.Port;
import io.cellbelt.graphs.Port.Dimension;
import io.cellbelt.graphs.Setup;
import io.cellbelt.graphs.Tensor;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Operators that run graphs of their own. */
class ControlTest {
  private static final Tensor NO = Tensor.wrap(ElementType.BOOL, new long[1]);
  private static final Tensor YES = Tensor.wrap(ElementType.BOOL, new long[] {1});

  private static Node node(String operator, List<String> inputs, String output) {
    return Node.of(operator, inputs, List.of(output), Map.of());
  }

  private static Graph body(
      List<String> inputs, List<String> outputs, Map<String, Tensor> constants, Node... nodes) {
    return new Graph("body", ports(inputs), ports(outputs), constants, List.of(nodes));
  }

  private static List<Port> ports(List<String> names) {
    return names.stream().map(name -> new Port(name, null, null)).toList();
  }

  private static Attribute body(Graph graph) {
    return new Attribute.Body(graph);
  }

  private static Tensor number(double value) {
    return Tensor.of(new float[] {(float) value});
  }

  /** {@code x + k} with an own k, and x; or x times the outer k or its own, and x once more. */
  private static Node choice() {
    Node inner =
        Node.of(
            "If",
            List.of("inner"),
            List.of("y"),
            Map.of(
                "then_branch",
                body(body(List.of(), List.of("p"), Map.of(), node("Mul", List.of("x", "k"), "p"))),
                "else_branch",
                body(
                    body(
                        List.of(),
                        List.of("p"),
                        Map.of("k", number(7)),
                        node("Mul", List.of("x", "k"), "p")))));
    Graph then =
        body(
            List.of(),
            List.of("y", "x"),
            Map.of("k", number(100)),
            node("Add", List.of("x", "k"), "y"));
    Graph otherwise =
        body(List.of(), List.of("y", "z"), Map.of(), inner, node("Neg", List.of("x"), "z"));
    return Node.of(
        "If",
        List.of("outer"),
        List.of("y", "z"),
        Map.of("then_branch", body(then), "else_branch", body(otherwise)));
  }

  @Test
  void takesABranch() {
    float[] x = {1, 2, 3};
    Graph graph =
        new Graph(
            "",
            List.of(
                new Port("x", ElementType.F32, List.of(Dimension.of(3))),
                new Port("outer", ElementType.BOOL, List.of()),
                new Port("inner", ElementType.BOOL, List.of())),
            ports(List.of("y", "z", "x after")),
            Map.of("k", number(10)),
            List.of(choice(), node("Mul", List.of("x", "k"), "x after")));
    for (Set<String> known :
        List.of(Set.<String>of(), Set.of("outer"), Set.of("inner"), Set.of("outer", "inner"))) {
      for (int order = 0; order < 4; order++) {
        Setup setup = Setup.DEFAULT.stateless();
        boolean[] first = {(order & 1) != 0, (order & 2) != 0};
        for (String name : known) {
          setup = setup.constant(name, first[name.equals("outer") ? 0 : 1] ? YES : NO);
        }
        try (GraphNetwork network = new GraphNetwork(graph);
            GraphStream stream = network.ready(setup).newStream()) {
          stream.put("x", x);
          for (int run = 0; run < 8; run++) {
            boolean outer = known.contains("outer") ? first[0] : (run & 1) != 0;
            boolean inner = known.contains("inner") ? first[1] : (run & 2) != 0;
            if (!known.contains("outer")) {
              stream.put("outer", outer ? YES : NO);
            }
            // Known conditions leave no input that nobody reads, but this one may be read by none.
            if (!known.contains("inner")) {
              stream.put("inner", inner ? YES : NO);
            }
            stream.run();
            for (int i = 0; i < x.length; i++) {
              double y = outer ? x[i] + 100 : x[i] * (inner ? 10 : 7);
              assertThat(stream.get("y").doubleAt(i)).isEqualTo(y);
              assertThat(stream.get("z").doubleAt(i)).isEqualTo(outer ? x[i] : -x[i]);
              assertThat(stream.get("x after").doubleAt(i)).isEqualTo(10 * x[i]);
            }
          }
        }
      }
    }
  }

  @Test
  void refusesBranchesOfDifferentShapesThatAreNotKnown() {
    Node node =
        Node.of(
            "If",
            List.of("c"),
            List.of("y"),
            Map.of(
                "then_branch",
                body(body(List.of(), List.of("p"), Map.of(), node("Neg", List.of("x"), "p"))),
                "else_branch",
                body(
                    body(
                        List.of(),
                        List.of("p"),
                        Map.of("two", Tensor.of(new float[2], 2, 1)),
                        node("Add", List.of("x", "two"), "p")))));
    Map<String, Tensor> given = Map.of("x", Tensor.of(new float[] {5}, 1), "c", NO);
    assertThat(Reruns.of(node, given, Set.of("c")).get("y").shape()).isEqualTo(new int[] {2, 1});
    assertThatThrownBy(() -> Reruns.of(node, given, Set.of()))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("shapes would change from run to run");
  }

  /** {@code a = a w + i}, and a, i and a of before come out of every round. */
  private static Graph rounds(Node... more) {
    List<Node> nodes = new ArrayList<>(List.of(more));
    nodes.add(node("Mul", List.of("a", "w"), "aw"));
    nodes.add(Node.of("Cast", List.of("i"), List.of("f"), Map.of("to", new Attribute.Whole(1))));
    nodes.add(node("Add", List.of("aw", "f"), "next"));
    return body(
        List.of("i", "go", "a"),
        List.of("on", "next", "next", "i", "a"),
        Map.of("three", Tensor.of(new long[] {3})),
        nodes.toArray(Node[]::new));
  }

  private static final Node ALWAYS = node("Identity", List.of("go"), "on");
  private static final Node FOUR_TIMES = node("Less", List.of("i", "three"), "on");

  private static Node loop(Graph body, List<String> inputs, String... outputs) {
    return new Node("loop", "Loop", "", 13, inputs, List.of(outputs), Map.of("body", body(body)));
  }

  @Test
  void goesRound() {
    Random random = new Random(1);
    for (int i = 0; i < 30; i++) {
      boolean early = random.nextBoolean();
      boolean counted = !early || random.nextBoolean();
      int condition = random.nextInt(3);
      int most = random.nextInt(1, 7);
      int rounds = early ? Math.min(4, counted ? most : 4) : most;
      rounds = condition == 2 ? 0 : rounds;
      Map<String, Tensor> given = new LinkedHashMap<>();
      given.put("a0", Reruns.random(random, ElementType.F32, 1, 2, 3));
      given.put("w", Reruns.random(random, ElementType.F32, 1, 3));
      if (counted) {
        given.put(
            "most",
            Tensor.of(new long[] {most}, random.nextBoolean() ? new int[] {1} : new int[0]));
      }
      if (condition > 0) {
        given.put("go", condition == 2 ? NO : YES);
      }
      List<String> inputs = List.of(counted ? "most" : "", condition > 0 ? "go" : "", "a0");
      String[] outputs =
          rounds == 0 ? new String[] {"a"} : new String[] {"a", "all", "counts", "before"};
      Node node = loop(rounds(early ? FOUR_TIMES : ALWAYS), inputs, outputs);
      double[] a = given.get("a0").doubles();
      double[] all = new double[rounds * 6];
      double[] before = new double[rounds * 6];
      for (int round = 0; round < rounds; round++) {
        System.arraycopy(a, 0, before, 6 * round, 6);
        for (int j = 0; j < 6; j++) {
          a[j] = a[j] * given.get("w").doubleAt(j % 3) + round;
        }
        System.arraycopy(a, 0, all, 6 * round, 6);
      }
      double[] counts = IntStream.range(0, rounds).asDoubleStream().toArray();
      for (Set<String> known :
          List.of(Set.of("most", "go"), Set.of("most", "go", "w"), given.keySet())) {
        Map<String, Tensor> results = Reruns.of(node, given, known);
        Reruns.check("a", results.get("a"), 1e-5, ElementType.F32, a, 2, 3);
        if (rounds > 0) {
          Reruns.check("all", results.get("all"), 1e-5, ElementType.F32, all, rounds, 2, 3);
          Reruns.check("counts", results.get("counts"), 0, ElementType.I64, counts, rounds);
          Reruns.check(
              "before", results.get("before"), 1e-5, ElementType.F32, before, rounds, 2, 3);
        }
      }
    }
  }

  @Test
  void growsWhatItCarries() {
    Node grow =
        Node.of(
            "Concat", List.of("a", "x"), List.of("next"), Map.of("axis", new Attribute.Whole(0)));
    Graph body = body(List.of("i", "on", "a"), List.of("on", "next", "next"), Map.of(), grow);
    Map<String, Tensor> given =
        Map.of(
            "most", Tensor.of(new long[] {3}),
            "a0", Tensor.of(new float[] {1}, 1),
            "x", Tensor.of(new float[] {2}, 1));
    Node node = loop(body, List.of("most", "", "a0"), "a");
    Tensor a = Reruns.of(node, given, Set.of("most")).get("a");
    Reruns.check("a", a, 0, ElementType.F32, new double[] {1, 2, 2, 2}, 4);
    Node all = loop(body, List.of("most", "", "a0"), "a", "all");
    assertThatThrownBy(() -> Reruns.of(all, given, Set.of("most")))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("each round gives the same shape");
  }

  @Test
  void collectsWithoutCarrying() {
    Graph body =
        body(List.of("i", "on"), List.of("on", "y"), Map.of(), node("Mul", List.of("i", "i"), "y"));
    Node node = loop(body, List.of("most"), "squares");
    Map<String, Tensor> given = Map.of("most", Tensor.of(new long[] {4}));
    Tensor y = Reruns.of(node, given, Set.of("most")).get("squares");
    Reruns.check("squares", y, 0, ElementType.I64, new double[] {0, 1, 4, 9}, 4);
  }

  @Test
  void refusesLoopsWhoseEndIsNotKnown() {
    Map<String, Tensor> given =
        Map.of(
            "most", Tensor.of(new long[] {3}),
            "go", YES,
            "limit", Tensor.of(new long[] {3}),
            "w", number(1),
            "a0", number(0));
    Node counted = loop(rounds(ALWAYS), List.of("most", "go", "a0"), "a");
    String sentence = "shapes would change from run to run";
    assertThatThrownBy(() -> Reruns.of(counted, given, Set.of("go")))
        .hasMessageContaining("the number of rounds is calculated")
        .hasMessageContaining(sentence);
    assertThatThrownBy(() -> Reruns.of(counted, given, Set.of("most")))
        .hasMessageContaining("when it ends");
    Node fed = node("Less", List.of("i", "limit"), "on");
    Node ends = loop(rounds(fed), List.of("most", "go", "a0"), "a");
    assertThatThrownBy(() -> Reruns.of(ends, given, Set.of("most", "go")))
        .hasMessageContaining("when it ends");
    Node missing = loop(rounds(ALWAYS), List.of("most", "go", "a0", "a0", "a0", "a0", "a0"), "a");
    assertThatThrownBy(() -> Reruns.of(missing, given, Set.of("most", "go")))
        .hasMessageContaining("its body gives");
  }

  @Test
  @Tag("slow")
  void refusesLoopsWithoutEnd() {
    Map<String, Tensor> given = Map.of("go", YES, "w", number(1), "a0", number(0));
    Node endless = loop(rounds(ALWAYS), List.of("", "", "a0"), "a");
    assertThatThrownBy(() -> Reruns.of(endless, given, Set.of()))
        .hasMessageContaining("more than 65536 rounds");
  }
}
