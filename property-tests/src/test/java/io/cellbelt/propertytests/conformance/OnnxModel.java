package io.cellbelt.propertytests.conformance;

import java.util.List;
import java.util.Map;

/**
 * The graph of an ONNX model.
 *
 * @param opset of ONNX's own operators
 * @param inputs names, without those of initializers
 */
record OnnxModel(
    int opset,
    List<Node> nodes,
    Map<String, NamedTensor> initializers,
    List<String> inputs,
    List<String> outputs) {

  /**
   * A node; inputs and outputs that are left out have an empty name.
   *
   * @param domain empty for ONNX's own operators
   */
  record Node(
      String op, String domain, List<String> inputs, List<String> outputs, Attributes attributes) {}
}
