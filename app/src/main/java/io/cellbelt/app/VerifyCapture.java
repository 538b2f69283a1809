package io.cellbelt.app;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import io.cellbelt.graphs.Attribute;
import io.cellbelt.graphs.Graph;
import io.cellbelt.graphs.Node;
import io.cellbelt.graphs.Port;
import io.cellbelt.graphs.Port.Dimension;
import io.cellbelt.graphs.Tensor;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * One recurrent node of a model with what went in and came out: tensors by ONNX's names for its
 * inputs and outputs, and the metadata {@code op} and {@code attributes}.
 */
final class VerifyCapture {
  private static final List<String> INPUTS =
      List.of("X", "W", "R", "B", "sequence_lens", "initial_h", "initial_c", "P");

  private static final List<String> OUTPUTS = List.of("Y", "Y_h", "Y_c");

  private VerifyCapture() {}

  static boolean is(Map<String, String> metadata, Map<String, Tensor> values) {
    return metadata.containsKey("op") && values.containsKey("X") && values.containsKey("Y");
  }

  /** The node as a graph that is fed x and the states; weights are constants. */
  static Graph graph(Map<String, String> metadata, Map<String, Tensor> values) {
    String op = metadata.get("op");
    List<String> inputs = new ArrayList<>(INPUTS.subList(0, op.equals("LSTM") ? 8 : 6));
    inputs.replaceAll(name -> values.containsKey(name) ? name : "");
    List<String> outputs = OUTPUTS.stream().filter(values::containsKey).toList();
    List<Port> fed = new ArrayList<>();
    Map<String, Tensor> constants = new LinkedHashMap<>();
    for (String name : inputs) {
      if (name.equals("X") || name.startsWith("initial")) {
        Tensor value = values.get(name);
        List<Dimension> shape = Arrays.stream(value.shape()).mapToObj(Dimension::of).toList();
        fed.add(new Port(name, value.type(), shape));
      } else if (!name.isEmpty()) {
        constants.put(name, values.get(name));
      }
    }
    return new Graph(
        op,
        fed,
        outputs.stream().map(name -> new Port(name, null, null)).toList(),
        constants,
        List.of(Node.of(op, inputs, outputs, attributes(metadata))));
  }

  private static Map<String, Attribute> attributes(Map<String, String> metadata) {
    Map<String, Attribute> attributes = new LinkedHashMap<>();
    JsonObject json =
        JsonParser.parseString(metadata.getOrDefault("attributes", "{}")).getAsJsonObject();
    json.entrySet().forEach(entry -> attributes.put(entry.getKey(), attribute(entry.getValue())));
    return attributes;
  }

  private static Attribute attribute(JsonElement value) {
    if (value instanceof JsonArray array) {
      List<JsonElement> all = array.asList();
      return !all.isEmpty() && all.getFirst().getAsJsonPrimitive().isString()
          ? new Attribute.Texts(all.stream().map(JsonElement::getAsString).toList())
          : new Attribute.Reals(all.stream().map(JsonElement::getAsFloat).toList());
    }
    if (value.getAsJsonPrimitive().isString()) {
      return new Attribute.Text(value.getAsString());
    }
    double number = value.getAsDouble();
    return number == Math.rint(number)
        ? new Attribute.Whole((long) number)
        : new Attribute.Real((float) number);
  }
}
