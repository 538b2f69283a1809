package io.cellbelt.models.onnx;

import static io.cellbelt.models.ModelFileException.quote;

import io.cellbelt.graphs.Attribute;
import io.cellbelt.graphs.Graph;
import io.cellbelt.graphs.Node;
import io.cellbelt.graphs.Port;
import io.cellbelt.models.ModelFileException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.PriorityQueue;
import java.util.Set;

/** Which nodes of a graph come after which others. */
final class NodeOrder {
  private final List<Node> nodes;

  /** Of each node, the nodes whose values it takes. */
  private final List<Set<Integer>> before = new ArrayList<>();

  private NodeOrder(List<Node> nodes) {
    this.nodes = nodes;
    Map<String, Integer> givers = new HashMap<>();
    for (int i = 0; i < nodes.size(); i++) {
      for (String output : nodes.get(i).outputs()) {
        givers.put(output, i);
      }
    }
    for (Node node : nodes) {
      Set<Integer> all = new LinkedHashSet<>();
      for (String value : needs(node)) {
        Integer giver = givers.get(value);
        if (giver != null) {
          all.add(giver);
        }
      }
      before.add(all);
    }
  }

  /**
   * The nodes so that each comes after those that it takes values from; otherwise in the order that
   * they have.
   *
   * @throws ModelFileException if nodes depend on each other in a circle
   */
  static List<Node> sorted(List<Node> nodes, OnnxFile file) throws ModelFileException {
    NodeOrder order = new NodeOrder(nodes);
    List<Integer> sorted = order.sort();
    if (sorted.size() < nodes.size()) {
      throw file.refused(
          "the node %s depends on its own output, by way of others or directly.",
          quote(nodes.get(order.onCircle(new HashSet<>(sorted))).describe()));
    }
    return sorted.stream().map(nodes::get).toList();
  }

  /** What a node takes: its inputs, and values around it that graphs inside of it use. */
  static Set<String> needs(Node node) {
    Set<String> needs = new LinkedHashSet<>(node.inputs());
    needs.remove("");
    for (Attribute attribute : node.attributes().values()) {
      if (attribute instanceof Attribute.Body(Graph body)) {
        needs.addAll(needs(body));
      }
    }
    return needs;
  }

  private static Set<String> needs(Graph body) {
    Set<String> needs = new LinkedHashSet<>();
    body.nodes().forEach(node -> needs.addAll(needs(node)));
    body.outputs().forEach(output -> needs.add(output.name()));
    body.nodes().forEach(node -> node.outputs().forEach(needs::remove));
    body.inputs().stream().map(Port::name).forEach(needs::remove);
    body.constants().keySet().forEach(needs::remove);
    return needs;
  }

  /** The nodes that can be sorted. */
  private List<Integer> sort() {
    int[] missing = new int[nodes.size()];
    List<List<Integer>> after = new ArrayList<>();
    nodes.forEach(node -> after.add(new ArrayList<>()));
    PriorityQueue<Integer> ready = new PriorityQueue<>();
    for (int i = 0; i < missing.length; i++) {
      missing[i] = before.get(i).size();
      for (int giver : before.get(i)) {
        after.get(giver).add(i);
      }
      if (missing[i] == 0) {
        ready.add(i);
      }
    }
    List<Integer> sorted = new ArrayList<>();
    while (!ready.isEmpty()) {
      int next = ready.remove();
      sorted.add(next);
      for (int follower : after.get(next)) {
        if (--missing[follower] == 0) {
          ready.add(follower);
        }
      }
    }
    return sorted;
  }

  /** A node on a circle: whoever goes back from one that cannot be sorted comes to a circle. */
  private int onCircle(Set<Integer> sorted) {
    int node = 0;
    while (sorted.contains(node)) {
      node++;
    }
    Set<Integer> passed = new HashSet<>();
    while (passed.add(node)) {
      for (int giver : before.get(node)) {
        if (!sorted.contains(giver)) {
          node = giver;
          break;
        }
      }
    }
    return node;
  }
}
