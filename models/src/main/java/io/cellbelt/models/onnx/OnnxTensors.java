package io.cellbelt.models.onnx;

import io.cellbelt.graphs.Tensor;
import io.cellbelt.models.ModelFileException;
import io.cellbelt.models.onnx.OnnxProto.TensorProto;
import java.nio.file.Path;
import java.util.Objects;

/** Files that hold one tensor of ONNX, such as {@code input_0.pb}. */
public final class OnnxTensors {
  private OnnxTensors() {}

  /**
   * A tensor with its name.
   *
   * @param name may be empty
   * @param tensor its elements
   */
  public record Named(String name, Tensor tensor) {}

  /**
   * Reads a tensor.
   *
   * @throws ModelFileException if the file cannot be read, or holds something else, such as a
   *     sequence, an optional value, or elements that this library has no type for
   */
  public static Named read(Path path) throws ModelFileException {
    Objects.requireNonNull(path, "A tensor is read from a file, but got null.");
    OnnxFile file = new OnnxFile(path, Runtime.getRuntime().maxMemory());
    TensorProto proto = file.message(TensorProto.parser(), ProtoMessage.TENSOR);
    return new Named(proto.getName(), new TensorReader(file).read(proto, "the file"));
  }
}
