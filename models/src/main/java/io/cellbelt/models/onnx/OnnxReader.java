package io.cellbelt.models.onnx;

import static io.cellbelt.models.ModelFileException.quote;

import io.cellbelt.graphs.Graph;
import io.cellbelt.models.ModelFileException;
import io.cellbelt.models.onnx.OnnxProto.ModelProto;
import io.cellbelt.models.onnx.OnnxProto.StringStringEntryProto;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;

/** Reads ONNX models. */
public final class OnnxReader {
  /** The first version of the format whose constants need not be inputs. */
  private static final int CONSTANTS_APART = 4;

  /** The first version of the format that says which operators are meant. */
  private static final int IMPORTS = 3;

  private OnnxReader() {}

  /**
   * Reads a model: any version of the format, with its data inside or in files beside it. Functions
   * of its own are inlined, and nodes sorted. Whether operators are known is not asked.
   *
   * <p>An ordinary model takes memory for up to three times the bytes of its files while it is
   * read, and none takes more than 256 times these bytes and 32 MB.
   *
   * @throws ModelFileException if the file cannot be read, is no ONNX model or holds something that
   *     a graph here cannot: values that are no dense tensors of numbers, nodes in a circle, values
   *     that are given twice or not at all; or if it would take more memory than there is
   */
  public static OnnxModel read(Path path) throws ModelFileException {
    return read(path, Runtime.getRuntime().maxMemory());
  }

  /** Reads a model whose content may take up to {@code memory} bytes of heap. */
  static OnnxModel read(Path path, long memory) throws ModelFileException {
    Objects.requireNonNull(path, "A model is read from a file, but got null.");
    OnnxFile file = new OnnxFile(path, memory);
    ModelProto proto = file.message(ModelProto.parser(), ProtoMessage.MODEL);
    if (proto.getIrVersion() < 1 || !proto.hasGraph()) {
      throw file.refused(
          "it has no %s, so it is no ONNX model, or only a part of one.",
          proto.hasGraph() ? "version" : "graph");
    }
    Map<String, Integer> opsets = Functions.versions(proto.getOpsetImportList(), file);
    if (proto.getIrVersion() < IMPORTS) {
      opsets.putIfAbsent("", 1);
    }
    GraphReader reader =
        new GraphReader(file, Functions.of(proto, file), proto.getIrVersion() < CONSTANTS_APART);
    Graph graph = reader.readWhole(proto.getGraph(), Frame.ofModel(opsets));
    return new OnnxModel(
        graph,
        proto.getIrVersion(),
        (proto.getProducerName() + " " + proto.getProducerVersion()).strip(),
        opsets,
        metadata(proto, file));
  }

  private static Map<String, String> metadata(ModelProto proto, OnnxFile file)
      throws ModelFileException {
    Map<String, String> metadata = new HashMap<>();
    for (StringStringEntryProto entry : proto.getMetadataPropsList()) {
      if (metadata.put(entry.getKey(), entry.getValue()) != null) {
        throw file.refused("it has the metadata %s twice.", quote(entry.getKey()));
      }
    }
    return metadata;
  }
}
