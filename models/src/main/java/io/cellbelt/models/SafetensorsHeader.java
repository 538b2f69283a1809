package io.cellbelt.models;

import static io.cellbelt.models.ModelFileException.quote;

import com.google.gson.Strictness;
import com.google.gson.stream.JsonReader;
import com.google.gson.stream.JsonToken;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;

/** The JSON header of a safetensors file, each entry checked on its own. */
record SafetensorsHeader(Map<String, String> metadata, List<Entry> entries) {
  private static final Pattern DTYPE = Pattern.compile("[A-Za-z0-9_]{1,32}");

  /**
   * Where and what one tensor is: {@code 0 <= begin <= end}, counted from the first byte after the
   * header, and {@code end - begin} is exactly the bytes of its elements if the dtype is one that
   * this library reads.
   */
  record Entry(String name, String dtype, List<Integer> shape, long begin, long end) {
    long bytes() {
      return end - begin;
    }

    /** Whether the type is one of floating-point numbers, also one that is not read. */
    boolean isFloat() {
      return dtype.startsWith("F") || dtype.startsWith("BF");
    }

    /** Name, dtype and shape, harmless on a terminal. */
    @Override
    public String toString() {
      return quote(name) + " (" + dtype + " " + shape + ")";
    }
  }

  static SafetensorsHeader parse(Path file, byte[] json) throws ModelFileException {
    if (json.length == 0 || json[0] != '{') {
      throw ModelFileException.unreadable(
          file, "its header must start with '{'. It is probably not a safetensors file.");
    }
    // A decoder, unlike a Charset, makes the reader report malformed bytes and not replace them.
    try (JsonReader reader =
        new JsonReader(
            new InputStreamReader(
                new ByteArrayInputStream(json), StandardCharsets.UTF_8.newDecoder()))) {
      reader.setStrictness(Strictness.STRICT);
      return new Parser(file, reader).header();
    } catch (ModelFileException e) {
      throw e;
    } catch (CharacterCodingException e) {
      throw ModelFileException.unreadable(
          file, "its header is not valid UTF-8. Save the file again with safetensors.", e);
    } catch (IOException e) {
      throw ModelFileException.unreadable(
          file, "its header is not valid JSON. Save the file again with safetensors.", e);
    }
  }

  private record Parser(Path file, JsonReader reader) {

    SafetensorsHeader header() throws IOException {
      Map<String, String> metadata = Map.of();
      List<Entry> entries = new ArrayList<>();
      Set<String> names = new HashSet<>();
      expect(JsonToken.BEGIN_OBJECT, "the header");
      reader.beginObject();
      while (reader.hasNext()) {
        String name = newKey(names, "the header");
        if (name.equals(SafetensorsFile.METADATA_KEY)) {
          metadata = metadata();
        } else {
          entries.add(entry(name));
        }
      }
      reader.endObject();
      expect(JsonToken.END_DOCUMENT, "the text after the header");
      return new SafetensorsHeader(metadata, entries);
    }

    private Map<String, String> metadata() throws IOException {
      Map<String, String> metadata = new HashMap<>();
      Set<String> keys = new HashSet<>();
      expect(JsonToken.BEGIN_OBJECT, "the metadata");
      reader.beginObject();
      while (reader.hasNext()) {
        String key = newKey(keys, "the metadata");
        metadata.put(key, text("the metadata entry " + quote(key)));
      }
      reader.endObject();
      return metadata;
    }

    private Entry entry(String name) throws IOException {
      String tensor = "tensor " + quote(name);
      String dtype = null;
      List<Integer> shape = null;
      long[] range = null;
      Set<String> keys = new HashSet<>();
      expect(JsonToken.BEGIN_OBJECT, tensor);
      reader.beginObject();
      while (reader.hasNext()) {
        String key = newKey(keys, tensor);
        switch (key) {
          case "dtype" -> dtype = dtype(tensor);
          case "shape" -> shape = shape(tensor);
          case "data_offsets" -> range = range(tensor);
          default ->
              throw refused(
                  tensor
                      + " has the unknown key "
                      + quote(key)
                      + "; only dtype, shape and data_offsets are known.");
        }
      }
      reader.endObject();
      if (dtype == null || shape == null || range == null) {
        throw refused(
            tensor + " must have dtype, shape and data_offsets, but has only " + keys + ".");
      }
      return checked(new Entry(name, dtype, shape, range[0], range[1]));
    }

    private Entry checked(Entry entry) throws ModelFileException {
      if (entry.begin() > entry.end()) {
        throw refused(
            String.format(
                Locale.ROOT,
                "the data_offsets of tensor %s are [%d, %d], which ends before it begins.",
                entry,
                entry.begin(),
                entry.end()));
      }
      Optional<Dtype> dtype = Dtype.named(entry.dtype());
      if (dtype.isPresent()) {
        long bytes = bytes(entry, dtype.get());
        if (entry.bytes() != bytes) {
          throw refused(
              String.format(
                  Locale.ROOT,
                  "tensor %s needs %d bytes, but its data_offsets are [%d, %d].",
                  entry,
                  bytes,
                  entry.begin(),
                  entry.end()));
        }
      }
      return entry;
    }

    private long bytes(Entry entry, Dtype dtype) throws ModelFileException {
      long bytes = entry.shape().contains(0) ? 0 : dtype.bytes();
      try {
        for (int dimension : entry.shape()) {
          bytes = Math.multiplyExact(bytes, dimension);
        }
      } catch (ArithmeticException e) {
        throw refused("tensor " + entry + " would have 2^63 bytes or more.");
      }
      return bytes;
    }

    /** Any short name: tensors that nobody wants may have types of the future. */
    private String dtype(String tensor) throws IOException {
      String text = text("the dtype of " + tensor);
      if (!DTYPE.matcher(text).matches()) {
        throw refused(
            tensor + " has the dtype " + quote(text) + ", which is no name such as F32 or BOOL.");
      }
      return text;
    }

    private List<Integer> shape(String tensor) throws IOException {
      List<Integer> shape = new ArrayList<>();
      for (long dimension : numbers("the shape of " + tensor, Tensor.MAX_DIMENSIONS)) {
        if (dimension > Integer.MAX_VALUE) {
          throw refused(
              String.format(
                  Locale.ROOT,
                  "%s has a dimension of %d, more than the limit of %d.",
                  tensor,
                  dimension,
                  Integer.MAX_VALUE));
        }
        shape.add((int) dimension);
      }
      return List.copyOf(shape);
    }

    private long[] range(String tensor) throws IOException {
      String what = "the data_offsets of " + tensor;
      List<Long> numbers = numbers(what, 2);
      if (numbers.size() != 2) {
        throw refused(what + " must be two numbers, but there are " + numbers.size() + ".");
      }
      return new long[] {numbers.get(0), numbers.get(1)};
    }

    private List<Long> numbers(String what, int most) throws IOException {
      List<Long> numbers = new ArrayList<>();
      expect(JsonToken.BEGIN_ARRAY, what);
      reader.beginArray();
      while (reader.hasNext()) {
        if (numbers.size() == most) {
          throw refused(what + " must have at most " + most + " numbers, but there are more.");
        }
        expect(JsonToken.NUMBER, "each part of " + what);
        numbers.add(wholeNumber(reader.nextString(), what));
      }
      reader.endArray();
      return numbers;
    }

    // Not JsonReader.nextLong: it takes 1e3, 1.0 and, in quotes, "1".
    private long wholeNumber(String text, String what) throws ModelFileException {
      try {
        long number = Long.parseLong(text);
        if (number >= 0) {
          return number;
        }
      } catch (NumberFormatException e) {
        // The sentence below is for this too.
      }
      throw refused(
          what + " must be whole numbers from 0 to 2^63 - 1, but one is " + quote(text) + ".");
    }

    private String newKey(Set<String> keys, String where) throws IOException {
      String key = reader.nextName();
      if (!keys.add(key)) {
        throw refused(where + " has the key " + quote(key) + " twice.");
      }
      return key;
    }

    private String text(String what) throws IOException {
      expect(JsonToken.STRING, what);
      return reader.nextString();
    }

    private void expect(JsonToken token, String what) throws IOException {
      JsonToken found = reader.peek();
      if (found != token) {
        throw refused(
            String.format(
                Locale.ROOT, "%s must be %s, but is %s.", what, describe(token), describe(found)));
      }
    }

    private static String describe(JsonToken token) {
      return switch (token) {
        case BEGIN_OBJECT -> "a JSON object";
        case BEGIN_ARRAY -> "a JSON array";
        case STRING -> "a string";
        case NUMBER -> "a number";
        case BOOLEAN -> "true or false";
        case NULL -> "null";
        case END_DOCUMENT -> "nothing";
        case END_OBJECT, END_ARRAY, NAME -> "the end of the surrounding value";
      };
    }

    private ModelFileException refused(String sentence) {
      return ModelFileException.unreadable(
          file, "in its header, " + sentence + " Save the file again with safetensors.");
    }
  }
}
