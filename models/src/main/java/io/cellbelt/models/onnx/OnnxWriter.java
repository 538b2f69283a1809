package io.cellbelt.models.onnx;

import io.cellbelt.graphs.Graph;
import io.cellbelt.models.AtomicFiles;
import io.cellbelt.models.ModelFileException;
import io.cellbelt.models.onnx.OnnxProto.GraphProto;
import io.cellbelt.models.onnx.OnnxProto.ModelProto;
import io.cellbelt.models.onnx.OnnxProto.OperatorSetIdProto;
import java.nio.file.Path;
import java.util.Map;
import java.util.Objects;

/** Writes ONNX models. */
public final class OnnxWriter {
  /** Version of the file format: that of 2024, which what runs models reads by now. */
  private static final int IR_VERSION = 10;

  private OnnxWriter() {}

  /**
   * Writes a graph as a model of one file, in one step as {@link AtomicFiles#write} does. {@link
   * OnnxReader} reads the same graph again. Takes memory for the bytes of the file once.
   *
   * @param opset version of ONNX's own operators, which the nodes with such operators have
   * @throws ModelFileException if the file cannot be written; the target then stays as it was
   * @throws IllegalArgumentException if nodes have operators of different versions of one domain,
   *     or the constants have 2^31 bytes or more
   */
  public static void write(Path path, Graph graph, int opset) throws ModelFileException {
    Objects.requireNonNull(path, "A model is written to a file, but got null.");
    Objects.requireNonNull(graph, "What is written is a graph, but got null.");
    GraphWriter writer = new GraphWriter(opset);
    GraphProto proto = writer.write(graph);
    ModelProto.Builder model =
        ModelProto.newBuilder()
            .setIrVersion(IR_VERSION)
            .setProducerName("Cellbelt")
            .setGraph(proto);
    for (Map.Entry<String, Integer> version : writer.versions().entrySet()) {
      model.addOpsetImport(
          OperatorSetIdProto.newBuilder()
              .setDomain(version.getKey())
              .setVersion(version.getValue()));
    }
    AtomicFiles.write(path, model.build()::writeTo);
  }
}
