package io.cellbelt.models;

import com.google.gson.Strictness;
import com.google.gson.stream.JsonWriter;
import io.cellbelt.graphs.ElementType;
import io.cellbelt.models.files.ElementBytes;
import java.io.IOException;
import java.io.StringWriter;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** Writes a safetensors file: the same content always gives the same bytes. */
final class SafetensorsWriter {
  private static final int ALIGNMENT = 8;

  private SafetensorsWriter() {}

  /** A tensor and its name. */
  record Named(String name, io.cellbelt.graphs.Tensor tensor) {
    static Named of(Tensor tensor) {
      int[] shape = tensor.shape().stream().mapToInt(Integer::intValue).toArray();
      return new Named(
          tensor.name(),
          io.cellbelt.graphs.Tensor.wrap(ElementType.F32, tensor.sharedValues(), shape));
    }

    long bytes() {
      return (long) tensor.size() * ElementBytes.bytes(tensor.type());
    }
  }

  static void write(Path file, Map<String, String> metadata, List<Named> tensors)
      throws ModelFileException {
    byte[] header = header(metadata, tensors);
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
          ByteBuffer.wrap(length).order(ByteOrder.LITTLE_ENDIAN).putLong(header.length);
          out.write(length);
          out.write(header);
          for (Named named : tensors) {
            ElementBytes.write(named.tensor(), out);
          }
        });
  }

  private static byte[] header(Map<String, String> metadata, List<Named> tensors) {
    StringWriter text = new StringWriter();
    try (JsonWriter json = new JsonWriter(text)) {
      json.setStrictness(Strictness.STRICT);
      json.beginObject();
      if (!metadata.isEmpty()) {
        json.name(SafetensorsFile.METADATA_KEY).beginObject();
        for (Map.Entry<String, String> entry : metadata.entrySet()) {
          json.name(entry.getKey()).value(entry.getValue());
        }
        json.endObject();
      }
      long begin = 0;
      for (Named named : tensors) {
        long end = begin + named.bytes();
        json.name(named.name()).beginObject();
        json.name("dtype").value(named.tensor().type().name());
        json.name("shape").beginArray();
        for (int dimension : named.tensor().shape()) {
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
}
