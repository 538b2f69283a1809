package io.cellbelt.models;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import io.cellbelt.cells.Architecture;
import io.cellbelt.cells.Parameter;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** What PyTorch calls its tensors, and what those names and shapes tell. */
final class PyTorchNames {
  private static final Pattern FIRST_LAYER = Pattern.compile("(\\w+)\\.weight_ih_l0");

  private PyTorchNames() {}

  /** One name, or two where PyTorch splits a bias. */
  static List<String> of(Parameter parameter) {
    String name = parameter.name();
    return name.contains(".bias_l")
        ? List.of(name.replace(".bias_l", ".bias_ih_l"), name.replace(".bias_l", ".bias_hh_l"))
        : List.of(name);
  }

  /**
   * The architecture of a file that does not tell it.
   *
   * @throws IllegalArgumentException if the tensors do not tell it either
   */
  static Architecture architecture(SafetensorsFile content) {
    try {
      return ArchitectureJson.architecture(json(content, kind(content)));
    } catch (IllegalArgumentException e) {
      throw new IllegalArgumentException(
          "it has no metadata entry '"
              + ModelFiles.ARCHITECTURE
              + "', and the names and shapes of its tensors do not tell the architecture. "
              + e.getMessage(),
          e);
    }
  }

  private static String kind(SafetensorsFile content) {
    return content.tensors().stream()
        .map(tensor -> FIRST_LAYER.matcher(tensor.name()))
        .filter(Matcher::matches)
        .map(name -> name.group(1))
        .findFirst()
        .orElseThrow(
            () ->
                new IllegalArgumentException(
                    "There is no tensor such as 'lstm.weight_ih_l0'. Save a model with Cellbelt, or"
                        + " a PyTorch module whose members are named lstm or rnn, embedding and"
                        + " head."));
  }

  private static JsonElement json(SafetensorsFile content, String kind) {
    JsonArray layers = new JsonArray();
    Optional<Tensor> w = content.find(kind + ".weight_ih_l0");
    while (w.isPresent()) {
      JsonObject layer = new JsonObject();
      layer.addProperty("kind", kind);
      layer.addProperty("inputSize", size(w, 1));
      layer.addProperty("hiddenSize", size(content.find(kind + ".weight_hh_l" + layers.size()), 1));
      layers.add(layer);
      w = content.find(kind + ".weight_ih_l" + layers.size());
    }
    JsonObject input = new JsonObject();
    Optional<Tensor> embedding = content.find(Architecture.EMBEDDING);
    input.addProperty("kind", embedding.isPresent() ? "embedding" : "dense");
    embedding.ifPresent(table -> input.addProperty("vocabulary", size(embedding, 0)));
    input.add("size", layers.get(0).getAsJsonObject().get("inputSize"));
    JsonObject json = new JsonObject();
    json.add("input", input);
    json.add("layers", layers);
    json.addProperty("outputs", size(content.find(Architecture.HEAD), 0));
    return json;
  }

  /** A size of a matrix; 0, which no layer takes, if there is none. */
  private static int size(Optional<Tensor> matrix, int dimension) {
    return matrix
        .map(Tensor::shape)
        .filter(shape -> shape.size() == 2)
        .map(shape -> shape.get(dimension))
        .orElse(0);
  }
}
