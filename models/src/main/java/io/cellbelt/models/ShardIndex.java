package io.cellbelt.models;

import static io.cellbelt.models.ModelFileException.quote;

import com.google.gson.Strictness;
import com.google.gson.stream.JsonReader;
import com.google.gson.stream.JsonToken;
import java.io.IOException;
import java.io.StringReader;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The index of a model in several files: {@code {"weight_map": {"lstm.weight_ih_l0":
 * "model-00001-of-00002.safetensors", ...}}}.
 *
 * @param shards the file of each tensor, in the index's folder
 */
record ShardIndex(Map<String, Path> shards) {
  /** The most files of one model; each of them is open while the model is read. */
  static final int MOST_SHARDS = 1000;

  private static final Pattern SHARD =
      Pattern.compile("(.+)-0*(\\d{1,9})-of-0*(\\d{1,9})\\.safetensors");

  private static final String WEIGHT_MAP = "weight_map";

  /**
   * Reads an index.
   *
   * @throws ModelFileException if the file is no such index, or names a file outside its folder
   */
  static ShardIndex read(Path file) throws ModelFileException {
    try {
      if (Files.size(file) > SafetensorsFile.MAX_HEADER_BYTES) {
        throw refused(file, "it is JSON of more than 100 MB, too large for the index of a model.");
      }
      String text = Files.readString(file, StandardCharsets.UTF_8);
      return parse(file, text.startsWith("\uFEFF") ? text.substring(1) : text);
    } catch (CharacterCodingException e) {
      throw ModelFileException.unreadable(
          file, "it starts like JSON, but is not valid UTF-8. Download or copy it again.", e);
    } catch (IOException e) {
      throw ModelFileException.unreadable(file, e);
    }
  }

  private static ShardIndex parse(Path file, String text) throws ModelFileException {
    Map<String, Path> shards = null;
    try (JsonReader json = new JsonReader(new StringReader(text))) {
      json.setStrictness(Strictness.STRICT);
      if (json.peek() == JsonToken.BEGIN_OBJECT) {
        json.beginObject();
        while (json.hasNext()) {
          if (!json.nextName().equals(WEIGHT_MAP)) {
            json.skipValue();
          } else if (shards == null && json.peek() == JsonToken.BEGIN_OBJECT) {
            shards = weightMap(file, json);
          } else {
            throw refused(file, "its 'weight_map' must be one JSON object.");
          }
        }
        json.endObject();
      }
    } catch (ModelFileException e) {
      throw e;
    } catch (IOException | IllegalStateException e) {
      throw ModelFileException.unreadable(
          file, "it starts like JSON, but is not valid JSON. Download or copy it again.", e);
    }
    if (shards == null) {
      throw ModelFileException.unreadable(file, ForeignFile.JSON);
    }
    return new ShardIndex(shards);
  }

  private static Map<String, Path> weightMap(Path file, JsonReader json) throws IOException {
    Map<String, Path> shards = new LinkedHashMap<>();
    json.beginObject();
    while (json.hasNext()) {
      String tensor = json.nextName();
      if (json.peek() != JsonToken.STRING) {
        throw refused(file, "the file of tensor " + quote(tensor) + " must be a string.");
      }
      if (shards.put(tensor, shard(file, json.nextString())) != null) {
        throw refused(file, "it names the tensor " + quote(tensor) + " twice.");
      }
    }
    json.endObject();
    Set<Path> files = new LinkedHashSet<>(shards.values());
    if (files.size() > MOST_SHARDS) {
      throw refused(
          file,
          String.format(
              Locale.ROOT,
              "it names %d files, more than the limit of %d.",
              files.size(),
              MOST_SHARDS));
    }
    return shards;
  }

  /** A file of the same folder: an index must not reach any other. */
  private static Path shard(Path index, String name) throws ModelFileException {
    try {
      boolean plain =
          !name.isEmpty()
              && name.chars().noneMatch(c -> c == '/' || c == '\\')
              && Path.of(name).getNameCount() == 1
              && !Path.of(name).isAbsolute()
              && !name.equals(".")
              && !name.equals("..");
      if (plain) {
        return index.resolveSibling(name);
      }
    } catch (InvalidPathException e) {
      // The sentence below is for this too.
    }
    throw refused(
        index, "it names the file " + quote(name) + "; files must lie in the index's own folder.");
  }

  private static ModelFileException refused(Path file, String sentence) {
    return ModelFileException.unreadable(file, sentence + " Save the model again.");
  }

  /** A sentence about a file that holds only a part of a model, as its name tells. */
  static Optional<String> remark(Path file) {
    Matcher name = SHARD.matcher(String.valueOf(file.getFileName()));
    if (!name.matches() || name.group(3).equals("1")) {
      return Optional.empty();
    }
    return Optional.of(
        String.format(
            Locale.ROOT,
            "This is file %s of %s of one model; open their index, %s, to have all of it.",
            name.group(2),
            name.group(3),
            quote(name.group(1) + ".safetensors.index.json")));
  }
}
