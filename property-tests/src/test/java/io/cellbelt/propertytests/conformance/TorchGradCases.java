package io.cellbelt.propertytests.conformance;

import com.google.gson.JsonParser;
import io.cellbelt.models.ModelFileException;
import io.cellbelt.models.SafetensorsFile;
import io.cellbelt.models.Tensor;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Cases that are one safetensors file each: values of PyTorch, and nodes that were recorded. */
final class TorchGradCases {
  private static final Set<String> WEIGHTS = Set.of("W", "R", "B", "P");
  private static final Set<String> INPUTS = Set.of("X", "sequence_lens", "initial_h", "initial_c");
  private static final Set<String> INCOMING = Set.of("dY", "dY_h", "dY_c");
  private static final Set<String> EXPECTED =
      Set.of("Y", "Y_h", "Y_c", "dX", "dW", "dR", "dB", "dP", "dinitial_h", "dinitial_c");

  private TorchGradCases() {}

  /** Whether the file holds a case, or cannot be read; some hold the weights of a whole model. */
  static boolean isCase(Path file) {
    try {
      SafetensorsFile content = SafetensorsFile.read(file);
      return content.metadata().containsKey("op") && content.find("X").isPresent();
    } catch (ModelFileException e) {
      return true;
    }
  }

  static TorchGradCase read(Path file, String id, Closeness closeness) throws ModelFileException {
    SafetensorsFile content = SafetensorsFile.read(file);
    Map<String, String> metadata = content.metadata();
    String op = metadata.get("op");
    List<Map<String, NamedTensor>> layers = new ArrayList<>();
    int stacked = Integer.parseInt(metadata.getOrDefault("layers", "1"));
    for (int layer = 0; layer < stacked; layer++) {
      layers.add(new LinkedHashMap<>());
    }
    Map<String, NamedTensor> inputs = new LinkedHashMap<>();
    Map<String, NamedTensor> incoming = new LinkedHashMap<>();
    Map<String, NamedTensor> expected = new LinkedHashMap<>();
    for (Tensor tensor : content.tensors()) {
      String full = tensor.name();
      String name = full.replaceFirst("layer\\d+\\.", "");
      int layer =
          full.startsWith("layer")
              ? Integer.parseInt(full.substring("layer".length(), full.indexOf('.')))
              : 0;
      int[] shape = tensor.shape().stream().mapToInt(Integer::intValue).toArray();
      if (WEIGHTS.contains(name)) {
        layers.get(layer).put(name, NamedTensor.of(name, tensor.values(), shape));
      } else if (INPUTS.contains(name)) {
        inputs.put(name, NamedTensor.of(name, tensor.values(), shape));
      } else if (INCOMING.contains(name)) {
        incoming.put(name, NamedTensor.of(name, tensor.values(), shape));
      } else if (EXPECTED.contains(name)) {
        expected.put(full, NamedTensor.of(full, tensor.values(), shape));
      }
    }
    return new TorchGradCase(
        id,
        op,
        JsonCases.attributes(
            op,
            JsonParser.parseString(metadata.getOrDefault("attributes", "{}")).getAsJsonObject()),
        metadata,
        layers,
        inputs,
        incoming,
        expected,
        closeness);
  }
}
