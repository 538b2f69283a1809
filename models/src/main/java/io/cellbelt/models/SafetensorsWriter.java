package io.cellbelt.models;

import com.google.gson.Strictness;
import com.google.gson.stream.JsonWriter;
import java.io.IOException;
import java.io.OutputStream;
import java.io.StringWriter;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Locale;
import java.util.Map;

/** Writes a safetensors file: the same content always gives the same bytes. */
final class SafetensorsWriter {
  private static final int ALIGNMENT = 8;
  private static final int CHUNK_FLOATS = 1 << 14;

  private SafetensorsWriter() {}

  static void write(SafetensorsFile content, Path file) throws ModelFileException {
    byte[] header = header(content);
    if (header.length > SafetensorsFile.MAX_HEADER_BYTES) {
      throw new ModelFileException(
          String.format(
              Locale.ROOT,
              "Cannot write %s: its header would take %d bytes, more than the format's limit "
                  + "of %d. Use fewer tensors or less metadata.",
              file,
              header.length,
              SafetensorsFile.MAX_HEADER_BYTES));
    }
    AtomicFiles.write(
        file,
        out -> {
          byte[] length = new byte[Long.BYTES];
          littleEndian(length).putLong(header.length);
          out.write(length);
          out.write(header);
          for (Tensor tensor : content.tensors()) {
            writeValues(tensor.sharedValues(), out);
          }
        });
  }

  private static byte[] header(SafetensorsFile content) {
    StringWriter text = new StringWriter();
    try (JsonWriter json = new JsonWriter(text)) {
      json.setStrictness(Strictness.STRICT);
      json.beginObject();
      if (!content.metadata().isEmpty()) {
        json.name(SafetensorsFile.METADATA_KEY).beginObject();
        for (Map.Entry<String, String> entry : content.metadata().entrySet()) {
          json.name(entry.getKey()).value(entry.getValue());
        }
        json.endObject();
      }
      long begin = 0;
      for (Tensor tensor : content.tensors()) {
        long end = begin + (long) tensor.size() * Float.BYTES;
        json.name(tensor.name()).beginObject();
        json.name("dtype").value(Dtype.F32.name());
        json.name("shape").beginArray();
        for (int dimension : tensor.shape()) {
          json.value(dimension);
        }
        json.endArray();
        json.name("data_offsets").beginArray().value(begin).value(end).endArray();
        json.endObject();
        begin = end;
      }
      json.endObject();
    } catch (IOException e) {
      throw new AssertionError("A StringWriter does not fail.", e);
    }
    return padded(text.toString().getBytes(StandardCharsets.UTF_8));
  }

  /** Pads with spaces, so that the data after the header is aligned in the file. */
  private static byte[] padded(byte[] json) {
    byte[] padded = Arrays.copyOf(json, Math.ceilDiv(json.length, ALIGNMENT) * ALIGNMENT);
    Arrays.fill(padded, json.length, padded.length, (byte) ' ');
    return padded;
  }

  private static void writeValues(float[] values, OutputStream out) throws IOException {
    byte[] chunk = new byte[Math.min(CHUNK_FLOATS, values.length) * Float.BYTES];
    for (int done = 0; done < values.length; done += CHUNK_FLOATS) {
      int count = Math.min(CHUNK_FLOATS, values.length - done);
      littleEndian(chunk).asFloatBuffer().put(values, done, count);
      out.write(chunk, 0, count * Float.BYTES);
    }
  }

  private static ByteBuffer littleEndian(byte[] bytes) {
    return ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
  }
}
