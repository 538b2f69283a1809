package io.cellbelt.models;

import static io.cellbelt.models.ModelFileException.quote;

import io.cellbelt.graphs.ElementType;
import io.cellbelt.models.SafetensorsHeader.Entry;
import io.cellbelt.models.files.ElementBytes;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Collections;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;

/**
 * An open safetensors file, read front to back: what is in it at once, the tensors that somebody
 * wants after that. No number from the file sizes an allocation before it was compared with the
 * real length of the file and with the memory of the JVM.
 */
final class SafetensorsReader implements AutoCloseable {
  private static final int LENGTH_BYTES = 8;
  private static final int CHUNK_BYTES = 1 << 16;

  /** A parsed header entry takes at most about this many times its JSON in memory. */
  private static final int HEADER_MEMORY_FACTOR = 32;

  private static final String RESCUE =
      " Download or copy the file again, or save it again with safetensors.";

  private final Path file;
  private final long memory;
  private final InputStream in;
  private SafetensorsHeader header;

  private SafetensorsReader(Path file, long memory, InputStream in) {
    this.file = file;
    this.memory = memory;
    this.in = in;
  }

  /** Reads all of a file that may need up to {@code memory} bytes of heap. */
  static SafetensorsFile read(Path file, long memory, boolean rounded) throws ModelFileException {
    try (SafetensorsReader reader = open(file, memory)) {
      List<String> names = reader.header.entries().stream().map(Entry::name).toList();
      Map<String, Tensor> read = reader.read(Set.copyOf(names), rounded);
      return SafetensorsFile.of(reader.header.metadata(), names.stream().map(read::get).toList());
    }
  }

  /** Opens a file that may need up to {@code memory} bytes of heap, and checks its header. */
  static SafetensorsReader open(Path file, long memory) throws ModelFileException {
    Objects.requireNonNull(file, "Tensors are read from a file, but got null.");
    Optional<String> foreign = ForeignFile.recognise(file);
    if (foreign.isPresent()) {
      throw ModelFileException.unreadable(file, foreign.get());
    }
    try {
      long bytes = Files.size(file);
      SafetensorsReader reader = new SafetensorsReader(file, memory, Files.newInputStream(file));
      try {
        reader.readHeader(bytes);
        return reader;
      } catch (IOException | RuntimeException | Error e) {
        reader.close();
        throw e;
      }
    } catch (IOException e) {
      throw ModelFileException.unreadable(file, e);
    }
  }

  /** What is in the file. */
  SafetensorsHeader header() {
    return header;
  }

  /**
   * Reads tensors, once.
   *
   * @param wanted names that the header has
   * @param rounded whether values that are no floats become the nearest one
   * @throws ModelFileException if one has a dtype that is not read, is too large, or, without
   *     rounding, holds a value that is no float
   */
  Map<String, Tensor> read(Set<String> wanted, boolean rounded) throws ModelFileException {
    List<Entry> entries = layout().stream().filter(entry -> wanted.contains(entry.name())).toList();
    long floats = 0;
    for (Entry entry : entries) {
      floats += readable(entry);
    }
    requireMemory(floats * Float.BYTES, "tensors");
    Map<String, Tensor> read = new HashMap<>();
    long position = 0;
    try {
      for (Entry entry : entries) {
        in.skipNBytes(entry.begin() - position);
        read.put(entry.name(), new Tensor(entry.name(), entry.shape(), values(entry, rounded)));
        position = entry.end();
      }
    } catch (EOFException e) {
      throw becameShorter();
    } catch (IOException e) {
      throw ModelFileException.unreadable(file, e);
    }
    return read;
  }

  /**
   * Reads all tensors as they are, once.
   *
   * @return in the order of the header; unmodifiable
   * @throws ModelFileException if one has a type that no graph has, or is too large
   */
  Map<String, io.cellbelt.graphs.Tensor> readAny() throws ModelFileException {
    long bytes = 0;
    for (Entry entry : header.entries()) {
      ElementType type = type(entry);
      long elements = elements(entry);
      if (elements * ElementBytes.bytes(type) != entry.bytes()) {
        throw refused(
            String.format(
                Locale.ROOT,
                "tensor %s has %d elements of %d bytes, but %d bytes in the file.",
                entry,
                elements,
                ElementBytes.bytes(type),
                entry.bytes()));
      }
      bytes += elements * type.storage().bytes();
    }
    requireMemory(bytes, "tensors");
    Map<String, io.cellbelt.graphs.Tensor> read = new LinkedHashMap<>();
    header.entries().forEach(entry -> read.put(entry.name(), null));
    try {
      for (Entry entry : layout()) {
        int[] shape = entry.shape().stream().mapToInt(Integer::intValue).toArray();
        read.put(entry.name(), ElementBytes.read(in, type(entry), ByteOrder.LITTLE_ENDIAN, shape));
      }
    } catch (EOFException e) {
      throw becameShorter();
    } catch (IOException e) {
      throw ModelFileException.unreadable(file, e);
    }
    return Collections.unmodifiableMap(read);
  }

  private ElementType type(Entry entry) throws ModelFileException {
    try {
      return ElementType.valueOf(entry.dtype());
    } catch (IllegalArgumentException e) {
      throw unreadableDtype(entry, ElementType.values());
    }
  }

  @Override
  public void close() throws ModelFileException {
    try {
      in.close();
    } catch (IOException e) {
      throw ModelFileException.unreadable(file, e);
    }
  }

  private void readHeader(long fileBytes) throws IOException {
    int headerBytes = headerLength(in.readNBytes(LENGTH_BYTES), fileBytes);
    requireMemory((long) headerBytes * HEADER_MEMORY_FACTOR, "header");
    byte[] json = in.readNBytes(headerBytes);
    if (json.length < headerBytes) {
      throw becameShorter();
    }
    header = SafetensorsHeader.parse(file, json);
    requireExactCover(layout(), fileBytes - LENGTH_BYTES - headerBytes);
  }

  /** The tensors in the order of their bytes. */
  private List<Entry> layout() {
    return header.entries().stream()
        .sorted(Comparator.comparingLong(Entry::begin).thenComparingLong(Entry::end))
        .toList();
  }

  /** The number of elements of a tensor that can be read. */
  private int readable(Entry entry) throws ModelFileException {
    if (Dtype.named(entry.dtype()).isEmpty()) {
      throw unreadableDtype(entry, Dtype.values());
    }
    return elements(entry);
  }

  private ModelFileException unreadableDtype(Entry entry, Object[] readable) {
    return refused(
        String.format(
            Locale.ROOT,
            "tensor %s has the dtype %s; those that can be read are %s. Convert it to F32 (in "
                + "PyTorch: tensor.float()).",
            quote(entry.name()),
            quote(entry.dtype()),
            Arrays.toString(readable)));
  }

  private int elements(Entry entry) throws ModelFileException {
    int elements = Tensor.countElements(entry.shape());
    if (elements < 0) {
      throw refused(
          String.format(
              Locale.ROOT,
              "tensor %s has the shape %s, more than the limit of %d elements (2 GB of floats).",
              quote(entry.name()),
              entry.shape(),
              Tensor.MAX_ELEMENTS));
    }
    return elements;
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
                  "its first eight bytes announce a header of %s bytes, but only %d bytes follow."
                      + " The file is truncated or not a safetensors file (a .pt file must be"
                      + " converted first).",
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
  private void requireExactCover(List<Entry> layout, long dataBytes) throws ModelFileException {
    long covered = 0;
    for (Entry entry : layout) {
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

  private float[] values(Entry entry, boolean rounded) throws IOException {
    Dtype dtype = Dtype.named(entry.dtype()).orElseThrow();
    float[] values = new float[Tensor.countElements(entry.shape())];
    byte[] bytes = new byte[(int) Math.min(CHUNK_BYTES, (long) values.length * dtype.bytes())];
    for (int done = 0; done < values.length; ) {
      int count = Math.min(bytes.length / dtype.bytes(), values.length - done);
      int length = count * dtype.bytes();
      if (in.readNBytes(bytes, 0, length) < length) {
        throw becameShorter();
      }
      ByteBuffer chunk = ByteBuffer.wrap(bytes, 0, length).order(ByteOrder.LITTLE_ENDIAN);
      int decoded = dtype.decode(chunk, values, done, count, rounded);
      if (decoded < count) {
        throw refused(
            String.format(
                Locale.ROOT,
                "tensor %s has dtype %s, and its value at index %s cannot be a 32-bit float without"
                    + " rounding. Convert the tensor to F32 (in PyTorch: tensor.float()) and save"
                    + " it again, or let it be rounded: %s.",
                quote(entry.name()),
                dtype,
                Tensor.position(entry.shape(), done + decoded),
                "PyTorch.module(...).rounded().read(path)"));
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

  private ModelFileException becameShorter() {
    return refused("it became shorter while it was read. Wait until it is complete.");
  }

  private ModelFileException refused(String sentences) {
    return ModelFileException.unreadable(file, sentences);
  }
}
