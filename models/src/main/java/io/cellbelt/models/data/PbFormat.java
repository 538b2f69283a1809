package io.cellbelt.models.data;

import io.cellbelt.graphs.Tensor;
import io.cellbelt.models.ModelFileException;
import io.cellbelt.models.onnx.OnnxTensors;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** One tensor of ONNX, as its test data are; read alone. */
final class PbFormat implements ValueFormat {
  @Override
  public List<String> endings() {
    return List.of(".pb");
  }

  /** Protobuf has no first bytes of its own. */
  @Override
  public boolean recognises(Path file, String first) {
    return String.valueOf(file.getFileName()).toLowerCase(Locale.ROOT).endsWith(".pb");
  }

  @Override
  public Map<String, Tensor> read(Path file) throws ModelFileException {
    OnnxTensors.Named named = OnnxTensors.read(file);
    return Map.of(named.name().isEmpty() ? ValueFormat.nameOf(file) : named.name(), named.tensor());
  }

  @Override
  public void write(Path file, Map<String, Tensor> tensors) {
    throw new IllegalArgumentException(
        "Tensors of ONNX are read alone; write " + file + " as .npz or .safetensors.");
  }
}
