package io.cellbelt.propertytests.conformance;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** A model with the inputs of a run and the outputs that are expected. */
record OnnxModelCase(
    String id,
    OnnxModel model,
    Map<String, NamedTensor> inputs,
    Map<String, NamedTensor> outputs,
    Closeness closeness) {

  /** Reads {@code model.onnx} and each {@code test_data_set_N} beside it. */
  static List<OnnxModelCase> read(Path folder, String id, Closeness closeness) throws IOException {
    OnnxModel model = OnnxFiles.model(folder.resolve("model.onnx"));
    List<OnnxModelCase> cases = new ArrayList<>();
    for (Path set : ConformanceFolder.list(folder)) {
      if (set.getFileName().toString().startsWith("test_data_set_")) {
        cases.add(
            new OnnxModelCase(
                cases.isEmpty() ? id : id + "/" + set.getFileName(),
                model,
                tensors(set, "input_", model.inputs()),
                tensors(set, "output_", model.outputs()),
                closeness));
      }
    }
    return cases;
  }

  /** The number in a file's name is the position. */
  private static Map<String, NamedTensor> tensors(Path set, String prefix, List<String> names)
      throws IOException {
    Map<String, NamedTensor> tensors = new LinkedHashMap<>();
    for (int i = 0; i < names.size(); i++) {
      Path file = set.resolve(prefix + i + ".pb");
      if (Files.exists(file)) {
        tensors.put(names.get(i), OnnxFiles.tensor(file).named(names.get(i)));
      }
    }
    return tensors;
  }
}
