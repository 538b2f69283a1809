package io.cellbelt.models;

import io.cellbelt.cells.Activation;
import io.cellbelt.cells.Layer;
import io.cellbelt.models.StateDict.Matrix;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * What a caller could mean by a state dict.
 *
 * @param calls all of which find their tensors, the likeliest first
 * @param remarks sentences about what the calls do not say
 */
record Suggestions(List<PyTorch> calls, List<String> remarks) {
  private static final int MOST = 20;

  private static final String NONLINEARITY =
      "Whether the nonlinearity of an nn.RNN is tanh or relu is not in the file. Add .tanh() or"
          + " .relu() to the call.";

  static Suggestions of(StateDict content) {
    List<List<RecurrentModule>> chains = chains(content);
    content.modules().forEach(module -> chains.add(List.of(module)));
    List<PyTorch> candidates =
        chains.stream().limit(MOST).flatMap(chain -> candidates(content, chain).stream()).toList();
    List<PyTorch> calls = new ArrayList<>();
    Set<String> remarks = new LinkedHashSet<>();
    for (PyTorch call : candidates) {
      Optional<PyTorchPlan> plan = calls.size() < MOST ? plan(content, call) : Optional.empty();
      if (plan.isPresent()) {
        boolean rounds = plan.get().needsRounding(content);
        calls.add(rounds ? call.rounded() : call);
        if (plan.get().hasRnn()) {
          remarks.add(NONLINEARITY);
        }
        if (rounds) {
          remarks.add(PyTorchPlan.ROUNDED);
        }
      }
    }
    return new Suggestions(List.copyOf(calls), List.copyOf(remarks));
  }

  private static Optional<PyTorchPlan> plan(StateDict content, PyTorch call) {
    try {
      return Optional.of(call.plan(content));
    } catch (IllegalArgumentException e) {
      return Optional.empty();
    }
  }

  /** Neighbours that can feed each other, in their order. */
  private static List<List<RecurrentModule>> chains(StateDict content) {
    List<List<RecurrentModule>> chains = new ArrayList<>();
    List<RecurrentModule> chain = new ArrayList<>();
    for (RecurrentModule module : content.modules()) {
      if (!chain.isEmpty() && !feeds(chain.getLast(), module)) {
        chains.add(chain);
        chain = new ArrayList<>();
      }
      chain.add(module);
    }
    chains.add(chain);
    return chains.stream()
        .filter(several -> several.size() > 1)
        .collect(Collectors.toCollection(ArrayList::new));
  }

  private static boolean feeds(RecurrentModule below, RecurrentModule above) {
    Optional<List<Layer>> lower = layers(below);
    Optional<List<Layer>> upper = layers(above);
    return lower.isPresent()
        && upper.isPresent()
        && StateDict.parent(below.name()).equals(StateDict.parent(above.name()))
        && StateDict.outputs(lower.get()) == StateDict.inputs(upper.get());
  }

  private static Optional<List<Layer>> layers(RecurrentModule module) {
    try {
      return Optional.of(module.layers(Activation.TANH));
    } catch (IllegalArgumentException e) {
      return Optional.empty();
    }
  }

  /** One with each layer that may be the head, and one without. */
  private static List<PyTorch> candidates(StateDict content, List<RecurrentModule> chain) {
    Optional<List<Layer>> first = layers(chain.getFirst());
    Optional<List<Layer>> last = layers(chain.getLast());
    if (first.isEmpty() || last.isEmpty()) {
      return List.of();
    }
    PyTorch call = PyTorch.module(chain.getFirst().name());
    for (RecurrentModule module : chain.subList(1, chain.size())) {
      call = call.then(module.name());
    }
    List<Matrix> embeddings =
        near(
            chain,
            content.matrices().stream()
                .filter(
                    m -> m.isCalledEmbedding() && m.mayBeEmbedding(StateDict.inputs(first.get())))
                .toList());
    if (embeddings.size() == 1) {
      call = call.embedding(embeddings.getFirst().name());
    }
    List<PyTorch> calls = new ArrayList<>();
    for (Matrix head :
        near(
            chain,
            content.matrices().stream()
                .filter(m -> m.mayBeHead(StateDict.outputs(last.get())))
                .toList())) {
      calls.add(call.head(head.name()));
    }
    calls.add(call);
    return calls;
  }

  /** Those beside a module, if there are such. */
  private static List<Matrix> near(List<RecurrentModule> chain, List<Matrix> all) {
    String parent = StateDict.parent(chain.getLast().name());
    List<Matrix> near =
        all.stream().filter(m -> StateDict.parent(m.name()).equals(parent)).toList();
    return near.isEmpty() ? all : near;
  }
}
