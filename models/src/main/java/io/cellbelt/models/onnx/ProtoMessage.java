package io.cellbelt.models.onnx;

import java.util.HashMap;
import java.util.Map;

/**
 * The messages of {@code onnx.proto}, and what their fields are that start with a length. A test
 * compares this with the generated descriptors, which would say it, too, but take 0.2 seconds of
 * every start to be built.
 */
@SuppressWarnings("ImmutableEnumChecker") // nothing changes after they are made
enum ProtoMessage {
  EMPTY,
  ENTRY,
  SEGMENT,
  OPERATOR_SET,
  DIMENSION,
  SHAPE,
  TENSOR_TYPE,
  TYPE,
  VALUE_INFO,
  TENSOR,
  SPARSE_TENSOR,
  ATTRIBUTE,
  NODE,
  GRAPH,
  FUNCTION,
  MODEL;

  /** A field that is no message, by what it becomes in memory. */
  enum Plain {
    TEXT,
    BYTES,
    REALS,
    INTEGERS
  }

  static {
    ENTRY.plain(Plain.TEXT, 1, 2);
    OPERATOR_SET.plain(Plain.TEXT, 1);
    DIMENSION.plain(Plain.TEXT, 2);
    SHAPE.message(DIMENSION, 1);
    TENSOR_TYPE.message(SHAPE, 2);
    TYPE.message(TENSOR_TYPE, 1).message(EMPTY, 4, 5, 8, 9);
    VALUE_INFO.plain(Plain.TEXT, 1).message(TYPE, 2);
    TENSOR
        .plain(Plain.TEXT, 8)
        .plain(Plain.BYTES, 9)
        .plain(Plain.REALS, 4, 10)
        .plain(Plain.INTEGERS, 1, 5, 7, 11)
        .message(SEGMENT, 3)
        .message(ENTRY, 13);
    SPARSE_TENSOR.message(TENSOR, 1);
    ATTRIBUTE
        .plain(Plain.TEXT, 1, 21)
        .plain(Plain.BYTES, 4, 9)
        .plain(Plain.REALS, 7)
        .plain(Plain.INTEGERS, 8)
        .message(TENSOR, 5)
        .message(GRAPH, 6);
    NODE.plain(Plain.TEXT, 1, 2, 3, 4, 7, 8).message(ATTRIBUTE, 5);
    GRAPH
        .plain(Plain.TEXT, 2)
        .message(NODE, 1)
        .message(TENSOR, 5)
        .message(SPARSE_TENSOR, 15)
        .message(VALUE_INFO, 11, 12);
    FUNCTION
        .plain(Plain.TEXT, 1, 4, 5, 6, 10, 13)
        .message(NODE, 7)
        .message(OPERATOR_SET, 9)
        .message(ATTRIBUTE, 11);
    MODEL
        .plain(Plain.TEXT, 2, 3)
        .message(GRAPH, 7)
        .message(OPERATOR_SET, 8)
        .message(ENTRY, 14)
        .message(FUNCTION, 25);
  }

  private final Map<Integer, Object> fields = new HashMap<>();

  private ProtoMessage plain(Plain kind, int... numbers) {
    for (int number : numbers) {
      fields.put(number, kind);
    }
    return this;
  }

  private ProtoMessage message(ProtoMessage kind, int... numbers) {
    for (int number : numbers) {
      fields.put(number, kind);
    }
    return this;
  }

  /** What a field is: a message, a {@link Plain} one, or null where it is unknown. */
  Object field(int number) {
    return fields.get(number);
  }
}
