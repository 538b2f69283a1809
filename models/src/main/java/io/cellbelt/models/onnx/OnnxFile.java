package io.cellbelt.models.onnx;

import com.google.protobuf.ByteString;
import com.google.protobuf.CodedInputStream;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.MessageLite;
import com.google.protobuf.Parser;
import com.google.protobuf.UnsafeByteOperations;
import io.cellbelt.kernels.checks.Sizes;
import io.cellbelt.models.ModelFileException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.Locale;
import java.util.Set;

/**
 * A file while it is read: its path for messages, and the memory that its content may take.
 *
 * <p>Nothing is built from the file before {@link #take} has compared what it needs with the limit:
 * the memory of the JVM, or {@link #MULTIPLE} times the bytes of the files, whichever is less.
 * Ordinary models take up to three times their file: bytes, messages without the raw data, which
 * stays where it is, and the tensors. Elements of less than 32 bits take up to 32 times their
 * bytes, a file of nothing but empty messages 250 times, and functions that call each other as much
 * as is allowed.
 */
final class OnnxFile {
  /** The most bytes of memory for a byte of a file. */
  static final int MULTIPLE = 256;

  /** What any file may take: a small one with functions that are called often takes more. */
  static final long LEAST = 32L << 20;

  private static final long MOST_BYTES = Integer.MAX_VALUE - 8L;

  private static final String RESCUE =
      "It is truncated, damaged, or no model: Cellbelt reads safetensors, ONNX, Keras (.h5, .keras)"
          + " and the JSON of real-time audio. Name such a file, or copy it again.";

  private final Path path;
  private final long memory;
  private final Set<Path> opened = new HashSet<>();
  private long limit = LEAST;
  private long taken;

  /** A file whose content may take up to {@code memory} bytes of heap. */
  OnnxFile(Path path, long memory) {
    this.path = path;
    this.memory = memory;
  }

  Path path() {
    return path;
  }

  /** A sentence about the file, with the arguments of a format. */
  @SuppressWarnings("AnnotateFormatMethod") // Its annotation would be a dependency.
  ModelFileException refused(String format, Object... arguments) {
    return ModelFileException.unreadable(path, String.format(Locale.ROOT, format, arguments));
  }

  /** Lets content take memory for the bytes of a file, however often it is opened. */
  void allow(Path opened, long size) {
    if (this.opened.add(opened)) {
      limit = Sizes.plus(limit, Sizes.times(MULTIPLE, size));
    }
  }

  /** Accounts for memory before it is allocated. */
  void take(long bytes) throws ModelFileException {
    if (bytes > memory - taken) {
      throw refused(
          "its content would take more than the %d MB of memory that this JVM may use. Give it"
              + " more with -Xmx.",
          memory >> 20);
    }
    if (bytes > limit - taken) {
      throw refused(
          "its content would take more than %d MB of memory, far more than the file has. It names"
              + " the same data or calls the same functions too often: export it again.",
          limit >> 20);
    }
    taken += bytes;
  }

  /** Reads the one message that the file holds. */
  <T extends MessageLite> T message(Parser<T> parser, ProtoMessage type) throws ModelFileException {
    byte[] bytes = bytes();
    try {
      take(ProtoMemory.of(input(bytes), type));
      CodedInputStream in = input(bytes);
      T message = parser.parseFrom(in);
      in.checkLastTagWas(0);
      return message;
    } catch (ProtoMemory.TooDeepException e) {
      throw refused(
          "its graphs are nested too deeply: a message lies in more than %d others. Export it with"
              + " flatter control flow.",
          ProtoMemory.DEEPEST);
    } catch (InvalidProtocolBufferException e) {
      throw refused("it is no valid protocol buffer. %s", RESCUE);
    } catch (IOException e) {
      throw ModelFileException.unreadable(path, e);
    }
  }

  /** A stream whose byte strings share the array. */
  private static CodedInputStream input(byte[] bytes) {
    ByteString shared = UnsafeByteOperations.unsafeWrap(bytes);
    CodedInputStream in = shared.newCodedInput();
    in.enableAliasing(true);
    in.setRecursionLimit(ProtoMemory.DEEPEST + 1);
    return in;
  }

  private byte[] bytes() throws ModelFileException {
    if (!Files.exists(path)) {
      throw refused("there is no such file. Check the path.");
    }
    if (!Files.isRegularFile(path)) {
      throw refused("it is not a regular file. Name a file.");
    }
    try (InputStream in = Files.newInputStream(path)) {
      long size = Files.size(path);
      if (size > MOST_BYTES) {
        throw refused(
            "it has %d bytes, but a protocol buffer has fewer than 2^31. Save the model with"
                + " external data.",
            size);
      }
      allow(path, size);
      take(size);
      byte[] bytes = in.readNBytes((int) size);
      if (bytes.length < size) {
        throw refused("it became shorter while it was read. Wait until it is complete.");
      }
      return bytes;
    } catch (IOException e) {
      throw ModelFileException.unreadable(path, e);
    }
  }
}
