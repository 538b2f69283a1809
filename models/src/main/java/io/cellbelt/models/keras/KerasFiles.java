package io.cellbelt.models.keras;

import static io.cellbelt.models.ModelFileException.quote;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParseException;
import com.google.gson.JsonParser;
import com.google.gson.Strictness;
import com.google.gson.stream.JsonReader;
import io.cellbelt.models.ModelFileException;
import java.io.IOException;
import java.io.InputStream;
import java.io.StringReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.function.Predicate;
import java.util.stream.Stream;
import java.util.zip.CRC32;
import java.util.zip.ZipEntry;
import java.util.zip.ZipException;
import java.util.zip.ZipFile;

/**
 * What a model is read from: its config and its weights, from whichever files hold them. What a
 * file is, its content says and not its name.
 *
 * @param config the model as JSON
 * @param weights the groups of the HDF5 file
 * @param version who wrote them
 */
record KerasFiles(JsonObject config, Hdf5Group weights, KerasVersion version) {
  /** An unpacked part of an archive is refused beyond so many times the archive's size. */
  static final int MOST_UNPACKED = 100;

  private static final int MOST_BYTES = Integer.MAX_VALUE - 16;
  private static final int MOST_CONFIG = 4 << 20;
  private static final String MODEL_CONFIG = "model_config";
  private static final String ZIP = "PK\u0003\u0004";
  private static final int PLAIN_ARCHIVE = 65536;

  /**
   * Opens a file of any form, or a folder with a config and weights.
   *
   * @throws ModelFileException if there is no model of Keras
   * @throws Misfit with the rest of a sentence about the file
   */
  static KerasFiles open(Path path) throws IOException {
    if (Files.isDirectory(path)) {
      return configAndWeights(configIn(path));
    }
    if (!Files.exists(path)) {
      throw ModelFileException.unreadable(path, "there is no such file. Check the path.");
    }
    String first = first(path);
    if (first.startsWith(ZIP)) {
      return archive(path);
    }
    if (first.startsWith(Hdf5.SIGNATURE)) {
      return hdf5(path);
    }
    if (first.stripLeading().startsWith("{")) {
      return configAndWeights(path);
    }
    throw new Misfit(
        "it is no Keras model: neither an HDF5 file (.h5), nor an archive with config.json and"
            + " model.weights.h5 (.keras), nor the JSON of model.to_json().");
  }

  private static String first(Path file) throws IOException {
    try (InputStream in = Files.newInputStream(file)) {
      return new String(in.readNBytes(64), StandardCharsets.ISO_8859_1);
    }
  }

  private static byte[] whole(Path file) throws IOException {
    if (Files.size(file) > MOST_BYTES) {
      throw Misfit.of("it has more than %d bytes, the most that is read.", MOST_BYTES);
    }
    return Files.readAllBytes(file);
  }

  /** A file of Keras 2.12 or later. */
  private static KerasFiles archive(Path path) throws IOException {
    try (ZipFile zip = new ZipFile(path.toFile())) {
      long most = Math.min(MOST_BYTES, PLAIN_ARCHIVE + MOST_UNPACKED * Files.size(path));
      Optional<byte[]> config = entry(zip, "config.json", most);
      if (config.isEmpty()) {
        throw new Misfit(
            "it is a zip archive without config.json, and so no Keras model. Name the .keras file"
                + " that model.save() wrote.");
      }
      JsonObject json = parse(new String(config.get(), StandardCharsets.UTF_8), "its config.json");
      if (zip.getEntry("model.weights.npz") != null) {
        throw new Misfit(
            "its weights are in model.weights.npz. Save the model again in Keras, which writes"
                + " model.weights.h5 by default.");
      }
      byte[] weights =
          entry(zip, "model.weights.h5", most)
              .orElseThrow(
                  () ->
                      new Misfit(
                          "it has no weights: model.weights.h5 is missing in the archive. Save the"
                              + " model again in Keras."));
      String metadata =
          entry(zip, "metadata.json", most)
              .map(bytes -> new String(bytes, StandardCharsets.UTF_8))
              .orElse("{}");
      String version = text(parse(metadata, "its metadata.json"), "keras_version");
      return new KerasFiles(json, Hdf5.read(weights), KerasVersion.of(version, 3, null));
    } catch (ZipException e) {
      throw new Misfit("it is a zip archive that is damaged. Copy it again.", e);
    }
  }

  private static Optional<byte[]> entry(ZipFile zip, String name, long most) throws IOException {
    ZipEntry entry = zip.getEntry(name);
    if (entry == null) {
      return Optional.empty();
    }
    if (entry.getSize() <= most) {
      try (InputStream in = zip.getInputStream(entry)) {
        byte[] bytes = in.readNBytes((int) most + 1);
        if (bytes.length <= most) {
          checkSum(entry, bytes);
          return Optional.of(bytes);
        }
      }
    }
    throw Misfit.of(
        "unpacked, its %s is more than %d times as large as the whole archive, which no model's is."
            + " Save the model again in Keras.",
        name, MOST_UNPACKED);
  }

  /** A zip file's streams do not compare it, and wrong weights are numbers like others. */
  private static void checkSum(ZipEntry entry, byte[] bytes) {
    CRC32 sum = new CRC32();
    sum.update(bytes);
    if (entry.getCrc() >= 0 && entry.getCrc() != sum.getValue()) {
      throw Misfit.of(
          "its %s is damaged, as it has another checksum than the archive says. Copy it again.",
          entry.getName());
    }
  }

  /** A model file of Keras 1 or 2, or weights whose config is beside them. */
  private static KerasFiles hdf5(Path path) throws IOException {
    Hdf5Group root = Hdf5.read(whole(path));
    Optional<String> config = root.text(MODEL_CONFIG);
    if (config.isPresent()) {
      return of(parse(config.get(), "its attribute model_config"), root);
    }
    Path folder = folderOf(path);
    Optional<Path> beside =
        first(
            folder,
            List.of(stem(path) + ".json", "config.json", "model.json"),
            ".json",
            KerasFiles::holdsConfig);
    if (beside.isEmpty()) {
      throw new Misfit(
          "it holds weights without the model that they belong to. Save the whole model with"
              + " model.save(), or put the text of model.to_json() beside it, as config.json.");
    }
    return of(config(beside.get()), root);
  }

  private static KerasFiles configAndWeights(Path json) throws IOException {
    String stem = stem(json);
    Path weights =
        first(
                folderOf(json),
                List.of(stem + ".h5", stem + ".weights.h5", "weights.h5", "model.weights.h5"),
                ".h5",
                file -> true)
            .orElseThrow(
                () ->
                    new Misfit(
                        "it is the config of a model, and its weights are not beside it. Put the"
                            + " file of model.save_weights() there, as "
                            + stem
                            + ".h5."));
    return of(config(json), Hdf5.read(whole(weights)));
  }

  /** A config and weights that may each say who wrote them. */
  private static KerasFiles of(JsonObject config, Hdf5Group root) {
    Hdf5Group inner = root.group("model_weights");
    Hdf5Group weights = inner == null ? root : inner;
    String version = said("keras_version", root, weights, config);
    String backend = said("backend", root, weights, config);
    int otherwise = guessedMajor(config.toString());
    return new KerasFiles(config, weights, KerasVersion.of(version, otherwise, backend));
  }

  /** What the first of them that says it says; null if none does. */
  private static String said(String name, Hdf5Group root, Hdf5Group weights, JsonObject config) {
    return Stream.of(root.text(name), weights.text(name), Optional.ofNullable(text(config, name)))
        .flatMap(Optional::stream)
        .findFirst()
        .orElse(null);
  }

  /** The version of a config that does not say it, by names that only one version has. */
  private static int guessedMajor(String config) {
    if (config.contains("\"DTypePolicy\"") || config.contains("\"batch_shape\"")) {
      return 3;
    }
    boolean isFirst =
        config.contains("\"inner_activation\"") || config.contains("\"W_regularizer\"");
    return isFirst ? 1 : 2;
  }

  private static JsonObject config(Path json) throws IOException {
    return parse(
        new String(whole(json), StandardCharsets.UTF_8), "the config " + quote(name(json)));
  }

  private static boolean holdsConfig(Path json) {
    try {
      return config(json).has("class_name");
    } catch (IOException | Misfit e) {
      return false;
    }
  }

  private static Path configIn(Path folder) throws IOException {
    return first(folder, List.of("config.json", "model.json"), ".json", KerasFiles::holdsConfig)
        .orElseThrow(
            () ->
                new Misfit(
                    "it is a folder without the config of a Keras model. Put the text of"
                        + " model.to_json() there, as config.json, and weights beside it."));
  }

  /** The first of these that is there, or the only file with that ending. */
  private static Optional<Path> first(
      Path folder, List<String> names, String ending, Predicate<Path> wanted) throws IOException {
    for (String name : names) {
      Path file = folder.resolve(name);
      if (Files.isRegularFile(file) && wanted.test(file)) {
        return Optional.of(file);
      }
    }
    try (Stream<Path> files = Files.list(folder)) {
      List<Path> all =
          files.filter(file -> name(file).endsWith(ending)).filter(wanted).limit(2).toList();
      return all.size() == 1 ? Optional.of(all.getFirst()) : Optional.empty();
    }
  }

  private static Path folderOf(Path file) {
    Path folder = file.toAbsolutePath().getParent();
    return folder == null ? file.toAbsolutePath() : folder;
  }

  private static String name(Path file) {
    return String.valueOf(file.getFileName());
  }

  private static String stem(Path file) {
    return name(file).replaceFirst("(\\.weights)?\\.[^.]*$", "");
  }

  private static String text(JsonObject json, String key) {
    JsonElement value = json.get(key);
    return value != null && value.isJsonPrimitive() ? value.getAsString() : null;
  }

  /** Lenient, because Python writes NaN and Infinity; nesting is bounded by the parser. */
  private static JsonObject parse(String text, String what) {
    if (text.length() > MOST_CONFIG) {
      throw Misfit.of("%s has more than %d characters, the most that are read.", what, MOST_CONFIG);
    }
    JsonReader reader = new JsonReader(new StringReader(text));
    reader.setStrictness(Strictness.LENIENT);
    try {
      JsonElement json = JsonParser.parseReader(reader);
      if (json.isJsonObject()) {
        return json.getAsJsonObject();
      }
    } catch (JsonParseException | StackOverflowError e) {
      throw new Misfit(what + " is not valid JSON. Save the model again in Keras.", e);
    }
    throw new Misfit(what + " is no JSON object. Save the model again in Keras.");
  }
}
