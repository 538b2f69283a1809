package io.cellbelt.models;

import static io.cellbelt.models.ModelFileException.quote;

import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;

/**
 * Reads a safetensors file front to back. No number from the file sizes an allocation before it was
 * compared with the real length of the file and with the memory of the JVM.
 */
final class SafetensorsReader {
  private static final int LENGTH_BYTES = 8;
  private static final int CHUNK_BYTES = 1 << 16;

  /** A parsed header entry takes at most about this many times its JSON in memory. */
  private static final int HEADER_MEMORY_FACTOR = 32;

  private static final String RESCUE =
      " Download or copy the file again, or save it again with safetensors.";

  private final Path file;
  private final long memory;

  private SafetensorsReader(Path file, long memory) {
    this.file = file;
    this.memory = memory;
  }

  /** Reads a file that may need up to {@code memory} bytes of heap. */
  static SafetensorsFile read(Path file, long memory) throws ModelFileException {
    Objects.requireNonNull(file, "Tensors are read from a file, but got null.");
    if (!Files.exists(file)) {
      throw ModelFileException.unreadable(file, "there is no such file. Check the path.");
    }
    if (!Files.isRegularFile(file)) {
      throw ModelFileException.unreadable(
          file, "it is not a regular file. Name a .safetensors file.");
    }
    try (InputStream in = Files.newInputStream(file)) {
      return new SafetensorsReader(file, memory).read(in, Files.size(file));
    } catch (ModelFileException e) {
      throw e;
    } catch (AccessDeniedException e) {
      throw ModelFileException.unreadable(
          file, "permission denied. Give this user the right to read it.", e);
    } catch (IOException e) {
      throw ModelFileException.unreadable(file, ModelFileException.reason(e), e);
    }
  }

  private SafetensorsFile read(InputStream in, long fileBytes) throws IOException {
    int headerBytes = headerLength(in.readNBytes(LENGTH_BYTES), fileBytes);
    requireMemory((long) headerBytes * HEADER_MEMORY_FACTOR, "header");
    byte[] json = in.readNBytes(headerBytes);
    requireLength(json.length, headerBytes);
    SafetensorsHeader header = SafetensorsHeader.parse(file, json);

    List<SafetensorsHeader.Entry> layout = new ArrayList<>(header.entries());
    layout.sort(
        Comparator.comparingLong(SafetensorsHeader.Entry::begin)
            .thenComparingLong(SafetensorsHeader.Entry::end));
    requireExactCover(layout, fileBytes - LENGTH_BYTES - headerBytes);
    requireMemory(
        layout.stream().mapToLong(entry -> (long) entry.elements() * Float.BYTES).sum(), "tensors");

    Map<String, Tensor> read = new HashMap<>();
    for (SafetensorsHeader.Entry entry : layout) {
      read.put(entry.name(), new Tensor(entry.name(), entry.shape(), readValues(in, entry)));
    }
    return SafetensorsFile.of(
        header.metadata(), header.entries().stream().map(entry -> read.get(entry.name())).toList());
  }

  private int headerLength(byte[] first, long fileBytes) throws ModelFileException {
    if (first.length < LENGTH_BYTES) {
      throw refused(
          "a safetensors file starts with eight bytes of header length, but this file has only "
              + first.length
              + " bytes."
              + RESCUE);
    }
    long length = ByteBuffer.wrap(first).order(ByteOrder.LITTLE_ENDIAN).getLong();
    long available = fileBytes - LENGTH_BYTES;
    if (length < 0 || length > available) {
      throw refused(
          String.format(
                  Locale.ROOT,
                  "its first eight bytes announce a header of %s bytes, but only %d bytes follow. The file"
                      + " is truncated or not a safetensors file (a .pt file must be converted first).",
                  Long.toUnsignedString(length),
                  available)
              + RESCUE);
    }
    if (length > SafetensorsFile.MAX_HEADER_BYTES) {
      throw refused(
          String.format(
                  Locale.ROOT,
                  "its first eight bytes announce a header of %d bytes, more than the format's "
                      + "limit of %d. It is probably not a safetensors file.",
                  length,
                  SafetensorsFile.MAX_HEADER_BYTES)
              + RESCUE);
    }
    return (int) length;
  }

  /** Requires that the byte ranges, in order, cover the data without gap, overlap or rest. */
  private void requireExactCover(List<SafetensorsHeader.Entry> layout, long dataBytes)
      throws ModelFileException {
    long covered = 0;
    for (SafetensorsHeader.Entry entry : layout) {
      if (entry.end() > dataBytes) {
        throw refused(
            String.format(
                    Locale.ROOT,
                    "tensor %s ends at data byte %d, but the file holds only %d bytes of data. The "
                        + "file is truncated or its header is wrong.",
                    quote(entry.name()),
                    entry.end(),
                    dataBytes)
                + RESCUE);
      }
      if (entry.begin() != covered) {
        throw refused(
            String.format(
                    Locale.ROOT,
                    "tensor %s starts at data byte %d, where %d was expected: tensors must follow "
                        + "each other without %s.",
                    quote(entry.name()),
                    entry.begin(),
                    covered,
                    entry.begin() < covered ? "overlap" : "gap")
                + RESCUE);
      }
      covered = entry.end();
    }
    if (covered != dataBytes) {
      throw refused(
          String.format(
                  Locale.ROOT,
                  "the tensors end at data byte %d, but the file holds %d bytes of data: no byte "
                      + "may be left over.",
                  covered,
                  dataBytes)
              + RESCUE);
    }
  }

  private float[] readValues(InputStream in, SafetensorsHeader.Entry entry) throws IOException {
    float[] values = new float[entry.elements()];
    Dtype dtype = entry.dtype();
    byte[] bytes = new byte[(int) Math.min(CHUNK_BYTES, (long) values.length * dtype.bytes())];
    for (int done = 0; done < values.length; ) {
      int count = Math.min(bytes.length / dtype.bytes(), values.length - done);
      int length = count * dtype.bytes();
      requireLength(in.readNBytes(bytes, 0, length), length);
      ByteBuffer chunk = ByteBuffer.wrap(bytes, 0, length).order(ByteOrder.LITTLE_ENDIAN);
      int decoded = dtype.decode(chunk, values, done, count);
      if (decoded < count) {
        throw refused(
            String.format(
                Locale.ROOT,
                "tensor %s has dtype %s, and its value at index %s cannot be a 32-bit float without"
                    + " rounding. Convert the tensor to F32 (in PyTorch: tensor.float()) and save it"
                    + " again.",
                quote(entry.name()),
                dtype,
                Tensor.position(entry.shape(), done + decoded)));
      }
      done += count;
    }
    return values;
  }

  private void requireMemory(long bytes, String part) throws ModelFileException {
    if (bytes > memory) {
      throw refused(
          String.format(
              Locale.ROOT,
              "its %s would take up to %d MB of memory, but this JVM may use only %d MB. "
                  + "Give it more with -Xmx.",
              part,
              bytes >> 20,
              memory >> 20));
    }
  }

  private void requireLength(int read, int expected) throws ModelFileException {
    if (read < expected) {
      throw refused("it became shorter while it was read. Wait until it is complete.");
    }
  }

  private ModelFileException refused(String sentences) {
    return ModelFileException.unreadable(file, sentences);
  }
}
