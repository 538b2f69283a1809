package io.cellbelt.models.audio;

import static io.cellbelt.models.ModelFileException.quote;

import com.google.gson.JsonObject;
import io.cellbelt.models.audio.AudioGraph.Signal;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;

/**
 * A state dict of PyTorch as nested arrays by name, alone or, as GuitarML writes it, under {@code
 * state_dict} with {@code model_data} beside it, whose {@code skip} adds the first inputs to the
 * outputs.
 */
final class TorchForm {
  private static final String STATE = "state_dict";
  private static final String DATA = "model_data";

  private TorchForm() {}

  static boolean recognises(JsonObject json) {
    return json.get(STATE) instanceof JsonObject
        || json.keySet().stream().anyMatch(TorchMembers::isRecurrent);
  }

  static AudioModel read(JsonObject json) {
    if (!(json.get(STATE) instanceof JsonObject state)) {
      return model(TorchMembers.of(json), 0, Map.of(), new ArrayList<>());
    }
    JsonObject rest = new JsonObject();
    json.asMap().forEach((key, value) -> rest.add(key, value));
    rest.remove(STATE);
    Map<String, String> metadata = new TreeMap<>();
    List<String> remarks = new ArrayList<>();
    int skip = 0;
    TorchMembers members = TorchMembers.of(state);
    if (JsonParts.find(json, DATA).isPresent()) {
      JsonObject data = JsonParts.object(json, DATA);
      requireSame(data, members);
      skip = (int) Math.clamp(JsonParts.number(data, "skip", 0), 0, Integer.MAX_VALUE);
    } else {
      remarks.add("There is no '" + DATA + "', so nothing is added to the output.");
    }
    JsonParts.flatten(rest, "", metadata);
    return model(members, skip, metadata, remarks);
  }

  private static AudioModel model(
      TorchMembers members, int skip, Map<String, String> metadata, List<String> remarks) {
    AudioGraph graph = new AudioGraph();
    Signal input = graph.input(members.layers().getFirst().inputs());
    Signal signal = input;
    for (Recurrence layer : members.layers()) {
      signal = graph.recurrent(signal, layer);
    }
    if (members.linear() == null) {
      remarks.add("There is no linear member, so the output is the state of the last layer.");
    } else {
      Weights linear = members.linear();
      int outputs = linear.dimension(0, 2);
      linear.values(outputs, signal.channels());
      signal = graph.dense(signal, outputs, linear.transposed(1, 0), members.bias());
    }
    if (skip > 0) {
      signal = skipped(graph, input, signal, skip);
    }
    return new AudioModel(graph.finish(signal, "torch"), metadata, remarks);
  }

  private static Signal skipped(AudioGraph graph, Signal input, Signal output, int skip) {
    if (skip > input.channels() || skip != 1 && skip != output.channels()) {
      throw new IllegalArgumentException(
          String.format(
              Locale.ROOT,
              "'skip' must be 0, 1 or the number of outputs, %d, and at most that of inputs, %d,"
                  + " but is %d.",
              output.channels(),
              input.channels(),
              skip));
    }
    return graph.binary("Add", output, graph.channels(input, 0, skip));
  }

  /** What the file tells of its network must be what is in it. */
  private static void requireSame(JsonObject data, TorchMembers members) {
    Problems problems = new Problems();
    String where = "'" + DATA + "'";
    problems.in(
        where, () -> require("model", JsonParts.text(data, "model", "SimpleRNN"), "SimpleRNN"));
    Recurrence first = members.layers().getFirst();
    problems.in(
        where, () -> require("unit_type", JsonParts.text(data, "unit_type"), first.kind().name()));
    problems.in(
        where, () -> require("hidden_size", JsonParts.size(data, "hidden_size"), first.hidden()));
    problems.in(
        where,
        () ->
            require("num_layers", JsonParts.size(data, "num_layers", 1), members.layers().size()));
    problems.in(
        where, () -> require("input_size", JsonParts.size(data, "input_size", 1), first.inputs()));
    problems.check();
  }

  private static void require(String key, Object told, Object found) {
    if (!told.equals(found)) {
      throw new IllegalArgumentException(
          "'"
              + key
              + "' is "
              + quote(told.toString())
              + ", but the weights are those of "
              + quote(found.toString())
              + ".");
    }
  }
}
