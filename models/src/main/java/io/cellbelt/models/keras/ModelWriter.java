package io.cellbelt.models.keras;

import io.cellbelt.models.keras.ModelConfig.Arguments;
import io.cellbelt.models.keras.ModelConfig.Entry;
import io.cellbelt.models.keras.ModelConfig.Reference;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Supplier;

/** Writes the layers of one model, each call as soon as what it takes is there. */
final class ModelWriter {
  /** Calls of one model; more than any that is known by far. */
  private static final int MOST_CALLS = 20_000;

  private final ModelConfig model;
  private final Problems problems;
  private final Map<Reference, Value> values = new HashMap<>();
  private final Set<Reference> failed = new HashSet<>();
  private final Map<Reference, List<Step>> waiting = new LinkedHashMap<>();

  /** A call, under the reference of its first value. */
  private record Step(Entry entry, Reference result, Arguments arguments, Set<Reference> needs) {}

  ModelWriter(ModelConfig model, Problems problems) {
    this.model = model;
    this.problems = problems;
  }

  /**
   * Writes the model.
   *
   * @return its outputs
   * @throws Misfit if there are none, because of a layer whose problem has been told
   */
  List<Value> write(Scope scope, ModelWeights weights, List<Value> inputs) {
    for (int i = 0; i < inputs.size(); i++) {
      values.put(model.inputs().get(i), inputs.get(i));
    }
    Map<String, Supplier<LayerWeights>> assigned = weights.assign(model.layers());
    Deque<Step> ready = new ArrayDeque<>();
    List<Step> steps = steps();
    steps.forEach(step -> sort(step, ready));
    while (!ready.isEmpty()) {
      Step step = ready.poll();
      Supplier<LayerWeights> own = assigned.getOrDefault(step.entry().name(), LayerWeights::none);
      if (!run(step, scope, own)) {
        failed.add(step.result());
      }
      List<Step> next = waiting.remove(step.result());
      if (next != null) {
        next.forEach(one -> sort(one, ready));
      }
    }
    checkAllRan();
    List<Value> outputs = new ArrayList<>();
    for (Reference output : model.outputs()) {
      Value value = values.get(output);
      if (value == null) {
        throw problems.isEmpty()
            ? Misfit.of(
                "it names the output %d of the layer %s, which there is not.",
                output.output(), Texts.quoted(output.layer()))
            : Misfit.told();
      }
      outputs.add(value);
    }
    return outputs;
  }

  private List<Step> steps() {
    List<Step> steps = new ArrayList<>();
    for (Entry entry : model.layers()) {
      for (int i = 0; i < entry.calls().size(); i++) {
        Arguments arguments = entry.calls().get(i);
        Set<Reference> needs = new LinkedHashSet<>();
        arguments.inOrder().forEach(argument -> collect(argument, needs));
        arguments.named().values().forEach(argument -> collect(argument, needs));
        if (steps.size() == MOST_CALLS) {
          throw Misfit.of("it calls layers more than %d times.", MOST_CALLS);
        }
        steps.add(new Step(entry, new Reference(entry.name(), i, 0), arguments, needs));
      }
    }
    return steps;
  }

  private static void collect(Object argument, Set<Reference> into) {
    switch (argument) {
      case Reference reference -> into.add(reference);
      case List<?> list -> list.forEach(one -> collect(one, into));
      case null, default -> {}
    }
  }

  /** Puts a call among those that can be written, or to the first one that it waits for. */
  private void sort(Step step, Deque<Step> ready) {
    for (Reference needed : step.needs()) {
      Reference call = new Reference(needed.layer(), needed.call(), 0);
      if (!values.containsKey(call) && !failed.contains(call)) {
        waiting.computeIfAbsent(call, key -> new ArrayList<>()).add(step);
        return;
      }
    }
    ready.add(step);
  }

  private boolean run(Step step, Scope scope, Supplier<LayerWeights> own) {
    for (Reference needed : step.needs()) {
      if (failed.contains(new Reference(needed.layer(), needed.call(), 0))) {
        return false;
      }
    }
    Entry entry = step.entry();
    List<Value> results =
        problems.attempt(
            entry.describe(),
            () -> {
              LayerWeights weights = own.get();
              Scope inner = scope.inside(entry.name());
              Arguments arguments = step.arguments();
              Map<String, Object> named = new LinkedHashMap<>();
              arguments.named().forEach((name, value) -> named.put(name, resolved(value)));
              List<Object> inOrder = arguments.inOrder().stream().map(this::resolved).toList();
              Call call = new Call(inner, inOrder, named, weights);
              call.checkArguments(entry.layer().arguments());
              List<Value> all = entry.layer().write(call);
              weights.checkEnd();
              return all;
            });
    if (results == null) {
      return false;
    }
    for (int i = 0; i < results.size(); i++) {
      Value value = results.get(i);
      Reference result = step.result();
      String path = scope.inside(entry.name()).path();
      scope.graph().name(value.name(), i == 0 ? path : path + "." + i);
      values.put(new Reference(result.layer(), result.call(), i), value);
    }
    return true;
  }

  private Object resolved(Object argument) {
    return switch (argument) {
      case Reference reference -> {
        Value value = values.get(reference);
        if (value == null) {
          throw Misfit.of(
              "it takes the output %d of the layer %s, which there is not.",
              reference.output(), Texts.quoted(reference.layer()));
        }
        yield value;
      }
      case List<?> list -> {
        List<Object> all = new ArrayList<>();
        list.forEach(one -> all.add(resolved(one)));
        yield all;
      }
      default -> argument;
    };
  }

  private void checkAllRan() {
    if (waiting.isEmpty()) {
      return;
    }
    Set<String> names = new LinkedHashSet<>();
    waiting.values().forEach(steps -> steps.forEach(step -> names.add(step.entry().name())));
    throw Misfit.of(
        "its layers %s wait for each other in a circle, or for a layer or call that there is not."
            + " Save the model again in Keras.",
        Texts.list(names));
  }
}
