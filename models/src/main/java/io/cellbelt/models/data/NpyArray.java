package io.cellbelt.models.data;

import static io.cellbelt.models.ModelFileException.quote;

import io.cellbelt.graphs.ElementType;
import io.cellbelt.graphs.Tensor;
import io.cellbelt.kernels.checks.Sizes;
import io.cellbelt.models.files.ElementBytes;
import java.io.DataInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * An array as NumPy writes it: versions 1 to 3, both orders of bytes and of dimensions, truth
 * values, whole numbers and floats. What does not fit is an {@link IllegalArgumentException} with a
 * sentence.
 */
final class NpyArray {
  private static final String MAGIC = "\u0093NUMPY";
  private static final int MOST_HEADER_BYTES = 1 << 16;
  private static final int MOST_DIMENSIONS = 32;
  private static final int ALIGNMENT = 64;

  private static final Pattern TYPE = Pattern.compile("'descr'\\s*:\\s*'([<>|=])([a-zA-Z])(\\d*)'");
  private static final Pattern ORDER = Pattern.compile("'fortran_order'\\s*:\\s*(True|False)");
  private static final Pattern SHAPE = Pattern.compile("'shape'\\s*:\\s*\\(([0-9L,\\s]*)\\)");

  private static final Map<String, ElementType> TYPES =
      Map.ofEntries(
          Map.entry("b1", ElementType.BOOL),
          Map.entry("i1", ElementType.I8),
          Map.entry("i2", ElementType.I16),
          Map.entry("i4", ElementType.I32),
          Map.entry("i8", ElementType.I64),
          Map.entry("u1", ElementType.U8),
          Map.entry("u2", ElementType.U16),
          Map.entry("u4", ElementType.U32),
          Map.entry("u8", ElementType.U64),
          Map.entry("f2", ElementType.F16),
          Map.entry("f4", ElementType.F32),
          Map.entry("f8", ElementType.F64));

  private NpyArray() {}

  static boolean recognises(String first) {
    return first.startsWith(MAGIC);
  }

  /**
   * Reads an array to its end.
   *
   * @param bytes of all of it, with what stands before the elements
   * @param memory bytes that its elements may take
   * @throws IllegalArgumentException if it is none, or is of another size
   */
  static Tensor read(InputStream stream, long bytes, long memory) throws IOException {
    DataInputStream in = new DataInputStream(stream);
    try {
      byte[] magic = new byte[MAGIC.length()];
      in.readFully(magic);
      if (!new String(magic, StandardCharsets.ISO_8859_1).equals(MAGIC)) {
        throw new IllegalArgumentException("it does not begin as a NumPy array does.");
      }
      int version = in.readUnsignedByte();
      in.readUnsignedByte();
      boolean isFirst = version == 1;
      long length =
          isFirst
              ? Short.toUnsignedInt(Short.reverseBytes(in.readShort()))
              : Integer.toUnsignedLong(Integer.reverseBytes(in.readInt()));
      if (version < 1 || version > 3 || length > MOST_HEADER_BYTES) {
        throw new IllegalArgumentException(
            String.format(
                Locale.ROOT,
                "it has the version %d and a header of %d bytes; versions 1 to 3 and %d bytes are"
                    + " read.",
                version,
                length,
                MOST_HEADER_BYTES));
      }
      byte[] text = new byte[(int) length];
      in.readFully(text);
      long before = magic.length + 2 + (isFirst ? Short.BYTES : Integer.BYTES) + length;
      return read(in, new String(text, StandardCharsets.UTF_8), bytes - before, memory);
    } catch (EOFException e) {
      throw new IllegalArgumentException("it is truncated: it ends before the array does.", e);
    }
  }

  private static Tensor read(InputStream in, String header, long bytes, long memory)
      throws IOException {
    Matcher type = TYPE.matcher(header);
    Matcher order = ORDER.matcher(header);
    Matcher shape = SHAPE.matcher(header);
    if (!type.find() || !order.find() || !shape.find()) {
      throw new IllegalArgumentException(
          "its header must have a 'descr' of a plain type, a 'fortran_order' and a 'shape', but is "
              + quote(header.strip())
              + ".");
    }
    ElementType elements = TYPES.get(type.group(2) + type.group(3));
    if (elements == null) {
      throw new IllegalArgumentException(
          "its elements are "
              + quote(type.group(2) + type.group(3))
              + "; truth values, whole numbers and floats of 16, 32 and 64 bits are read. Convert"
              + " it in Python with array.astype.");
    }
    int[] dimensions = dimensions(shape.group(1));
    long count = 1;
    for (int dimension : dimensions) {
      count = Sizes.times(count, dimension);
    }
    long needed = Sizes.times(count, ElementBytes.bytes(elements));
    if (needed != bytes) {
      throw new IllegalArgumentException(
          String.format(
              Locale.ROOT,
              "an array of the shape %s has %d bytes, but %d follow; it is truncated, or more than"
                  + " one array.",
              Arrays.toString(dimensions),
              needed,
              bytes));
    }
    boolean isFortran = order.group(1).equals("True") && dimensions.length > 1;
    long inMemory = Sizes.times(count, elements.storage().bytes()) * (isFortran ? 3 : 1);
    if (count > Integer.MAX_VALUE - 8 || inMemory < 0 || inMemory > memory) {
      throw new IllegalArgumentException(
          String.format(
              Locale.ROOT,
              "its %d elements would take %d MB of memory, but this JVM may use %d MB. Give it more"
                  + " with -Xmx.",
              count,
              inMemory >> 20,
              memory >> 20));
    }
    ByteOrder bytesOrder =
        type.group(1).equals(">") ? ByteOrder.BIG_ENDIAN : ByteOrder.LITTLE_ENDIAN;
    if (!isFortran) {
      return ElementBytes.read(in, elements, bytesOrder, dimensions);
    }
    int[] reversed = dimensions.clone();
    for (int i = 0; i < reversed.length; i++) {
      reversed[i] = dimensions[reversed.length - 1 - i];
    }
    return transposed(ElementBytes.read(in, elements, bytesOrder, reversed), dimensions);
  }

  private static int[] dimensions(String text) {
    String[] parts = text.replace("L", "").strip().split("\\s*,\\s*", -1);
    int[] dimensions = new int[parts.length];
    int rank = 0;
    for (String part : parts) {
      if (!part.isEmpty()) {
        try {
          dimensions[rank++] = Integer.parseInt(part);
        } catch (NumberFormatException e) {
          throw new IllegalArgumentException(
              "a dimension is " + quote(part) + "; those below 2^31 are read.", e);
        }
      }
    }
    if (rank > MOST_DIMENSIONS) {
      throw new IllegalArgumentException(
          "it has " + rank + " dimensions; up to " + MOST_DIMENSIONS + " are read.");
    }
    return Arrays.copyOf(dimensions, rank);
  }

  /** Elements in row-major order that were read with the dimensions reversed. */
  private static Tensor transposed(Tensor reversed, int... shape) {
    int size = reversed.size();
    int[] from = new int[size];
    int[] position = new int[shape.length];
    int[] strides = new int[shape.length];
    int stride = 1;
    for (int i = 0; i < shape.length; i++) {
      strides[i] = stride;
      stride *= shape[i];
    }
    int source = 0;
    for (int to = 0; to < size; to++) {
      from[to] = source;
      for (int i = shape.length - 1; i >= 0; i--) {
        source += strides[i];
        if (++position[i] < shape[i]) {
          break;
        }
        source -= strides[i] * position[i];
        position[i] = 0;
      }
    }
    return switch (reversed.shared()) {
      case float[] floats -> {
        float[] all = new float[size];
        for (int i = 0; i < size; i++) {
          all[i] = floats[from[i]];
        }
        yield Tensor.wrap(reversed.type(), all, shape);
      }
      case double[] doubles -> {
        double[] all = new double[size];
        Arrays.setAll(all, i -> doubles[from[i]]);
        yield Tensor.wrap(all, shape);
      }
      default -> {
        long[] longs = (long[]) reversed.shared();
        long[] all = new long[size];
        Arrays.setAll(all, i -> longs[from[i]]);
        yield Tensor.wrap(reversed.type(), all, shape);
      }
    };
  }

  /** Writes an array of version 1. */
  static void write(Tensor tensor, OutputStream out) throws IOException {
    Tensor plain =
        tensor.type() == ElementType.BF16
            ? Tensor.wrap(ElementType.F32, (float[]) tensor.shared(), tensor.shape())
            : tensor;
    String type =
        TYPES.entrySet().stream()
            .filter(entry -> entry.getValue() == plain.type())
            .map(Map.Entry::getKey)
            .findFirst()
            .orElseThrow();
    String order = ElementBytes.bytes(plain.type()) == 1 ? "|" : "<";
    StringBuilder shape = new StringBuilder("(");
    for (int dimension : plain.shape()) {
      shape.append(dimension).append(plain.rank() == 1 ? "," : ", ");
    }
    if (plain.rank() > 1) {
      shape.setLength(shape.length() - 2);
    }
    String header =
        "{'descr': '" + order + type + "', 'fortran_order': False, 'shape': " + shape + "), }";
    int before = MAGIC.length() + 2 + Short.BYTES;
    int total = Math.ceilDiv(before + header.length() + 1, ALIGNMENT) * ALIGNMENT;
    ByteBuffer bytes = ByteBuffer.allocate(total).order(ByteOrder.LITTLE_ENDIAN);
    Arrays.fill(bytes.array(), (byte) ' ');
    bytes.put(MAGIC.getBytes(StandardCharsets.ISO_8859_1)).put((byte) 1).put((byte) 0);
    bytes.putShort((short) (total - before));
    bytes.put(header.getBytes(StandardCharsets.US_ASCII));
    bytes.put(total - 1, (byte) '\n');
    out.write(bytes.array());
    ElementBytes.write(plain, out);
  }
}
