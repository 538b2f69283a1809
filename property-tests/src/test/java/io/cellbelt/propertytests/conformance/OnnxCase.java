package io.cellbelt.propertytests.conformance;

import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * One run of a recurrent operator and what is to come out.
 *
 * @param id folder and file, such as {@code ort/lstm_forward_clip}
 * @param domain empty for ONNX's own operators
 * @param failure the message with which others refuse the case, if it must be refused
 * @param inputs by ONNX's names; those that were left out are missing
 * @param mask of each step of each sequence whether it counts; null where all do
 * @param extra further keys of the file
 */
record OnnxCase(
    String id,
    String op,
    String domain,
    int opset,
    Optional<String> failure,
    Attributes attributes,
    Map<String, NamedTensor> inputs,
    Map<String, NamedTensor> outputs,
    List<boolean[]> mask,
    String notes,
    Closeness closeness,
    Map<String, Object> extra) {

  boolean expectFailure() {
    return failure.isPresent();
  }

  Optional<NamedTensor> input(String name) {
    return Optional.ofNullable(inputs.get(name));
  }

  /** Returns a tensor that the operator needs. */
  NamedTensor required(String name) {
    return input(name)
        .orElseThrow(() -> new IllegalArgumentException("The input " + name + " is missing."));
  }

  /** Whether a masked step puts out zeros, and not the output before it once more. */
  boolean zeroOutputForMask() {
    return notes.contains("zero at masked") || id.contains("zero_output");
  }
}
