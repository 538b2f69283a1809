package io.cellbelt.models.onnx;

import com.google.protobuf.CodedInputStream;
import com.google.protobuf.WireFormat;
import io.cellbelt.kernels.checks.Sizes;
import java.io.IOException;

/**
 * What the messages of a protocol buffer take in memory, estimated from above before they are
 * built: two bytes of a file can ask for an object of many fields.
 */
final class ProtoMemory {
  /** The most messages around a message. A graph inside a graph is three further messages. */
  static final int DEEPEST = 100;

  /** A message with its place in a list, and what the reader makes of it. */
  private static final int MESSAGE = 400;

  /** Any other field, such as a number or a text, without the bytes of that text. */
  private static final int FIELD = 100;

  /**
   * Times the bytes of packed numbers of one byte or more, which become lists of longs that grow.
   */
  private static final int PACKED = 24;

  private final CodedInputStream in;
  private long bytes;

  private ProtoMemory(CodedInputStream in) {
    this.in = in;
  }

  /**
   * Bytes that the message in a stream takes, raw data left out.
   *
   * @throws TooDeepException if messages are nested deeper than {@link #DEEPEST}
   * @throws IOException if it is no valid protocol buffer
   */
  static long of(CodedInputStream in, ProtoMessage type) throws IOException {
    ProtoMemory memory = new ProtoMemory(in);
    memory.message(type, 0);
    return memory.bytes;
  }

  private void message(ProtoMessage type, int depth) throws IOException {
    if (depth > DEEPEST) {
      throw new TooDeepException();
    }
    bytes += MESSAGE;
    for (int tag = in.readTag(); tag != 0; tag = in.readTag()) {
      bytes += FIELD;
      if (WireFormat.getTagWireType(tag) == WireFormat.WIRETYPE_LENGTH_DELIMITED) {
        lengthDelimited(type.field(WireFormat.getTagFieldNumber(tag)), depth);
      } else if (!in.skipField(tag)) {
        break;
      }
    }
    in.checkLastTagWas(0);
  }

  /**
   * The value of a field that starts with its length.
   *
   * @param field null where it is unknown
   */
  private void lengthDelimited(Object field, int depth) throws IOException {
    int length = in.readRawVarint32();
    if (field instanceof ProtoMessage message) {
      int limit = in.pushLimit(length);
      message(message, depth + 1);
      in.popLimit(limit);
      return;
    }
    if (field instanceof ProtoMessage.Plain plain) {
      bytes = Sizes.plus(bytes, (long) factor(plain) * length);
    }
    in.skipRawBytes(length);
  }

  private static int factor(ProtoMessage.Plain field) {
    return switch (field) {
      // Texts are kept as bytes and as characters; raw data stays in the array that was read.
      case TEXT, REALS -> 3;
      case BYTES -> 0;
      case INTEGERS -> PACKED;
    };
  }

  /** Messages are nested too deeply. */
  static final class TooDeepException extends IOException {
    private static final long serialVersionUID = 1L;
  }
}
