package io.cellbelt.graphs.operators;

import io.cellbelt.graphs.Attribute;
import io.cellbelt.graphs.Graph;
import io.cellbelt.graphs.Node;
import io.cellbelt.graphs.plan.Operator;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** All operators by name. */
public final class Operators {
  private static final Map<String, Operator> ALL =
      Stream.of(
              Constants.ALL,
              Views.ALL,
              Joining.ALL,
              Picking.ALL,
              Scattering.ALL,
              Selecting.ALL,
              Ranking.ALL,
              Sequences.ALL,
              Resizing.ALL,
              Arithmetic.ALL,
              Functions.ALL,
              Activations.ALL,
              Logic.ALL,
              Casts.ALL,
              Reductions.ALL,
              Products.ALL,
              Einsum.ALL,
              Convolutions.ALL,
              Pooling.ALL,
              Normalisations.ALL,
              RowNormalisations.ALL,
              Softmaxes.ALL,
              Signal.ALL,
              Quantised.ALL,
              QuantisedProducts.ALL,
              QuantisedRecurrent.ALL,
              Recurrent.ALL,
              Control.ALL)
          .flatMap(List::stream)
          .collect(Collectors.toMap(one -> key(one.domain(), one.name()), Function.identity()));

  private Operators() {}

  private static String key(String domain, String name) {
    return domain + ":" + name;
  }

  /**
   * The operator of a node.
   *
   * @throws IllegalArgumentException if there is none
   */
  public static Operator of(Node node) {
    Operator operator = ALL.get(key(node.domain(), node.operator()));
    if (operator == null) {
      throw new IllegalArgumentException(node.describe() + " is not supported.");
    }
    return operator;
  }

  /** What of a graph is not supported, a line for each node and reason. */
  public static List<String> unsupported(Graph graph) {
    List<String> all = new ArrayList<>();
    for (Node node : graph.nodes()) {
      Operator operator = ALL.get(key(node.domain(), node.operator()));
      if (operator == null) {
        all.add(node.describe() + ": there is no such operator here.");
      } else if (node.version() > Node.NEWEST && node.domain().isEmpty()) {
        all.add(
            node.describe()
                + ": the operators known here are those up to opset "
                + Node.NEWEST
                + ".");
      } else {
        TreeSet<String> unknown = new TreeSet<>(node.attributes().keySet());
        unknown.removeAll(operator.attributes());
        unknown.forEach(
            name -> all.add(node.describe() + ": it has no attribute '" + name + "' here."));
      }
      for (Attribute attribute : node.attributes().values()) {
        if (attribute instanceof Attribute.Body(Graph body)) {
          all.addAll(unsupported(body));
        }
      }
    }
    return all;
  }
}
