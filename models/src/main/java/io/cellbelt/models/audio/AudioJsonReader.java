package io.cellbelt.models.audio;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParseException;
import com.google.gson.JsonParser;
import com.google.gson.Strictness;
import com.google.gson.stream.JsonReader;
import com.google.gson.stream.JsonToken;
import com.google.gson.stream.MalformedJsonException;
import io.cellbelt.models.ModelFileException;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.Reader;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Locale;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Reads models of real-time audio that are JSON: of RTNeural and AIDA-X, state dicts of PyTorch,
 * also GuitarML's, and those of Neural Amp Modeler.
 *
 * <p>Reading takes up to 64 times the size of the file in memory, and of what a model remembers up
 * to 16 MB. Thread-safe.
 */
public final class AudioJsonReader {
  /** A number in a tree of JSON takes about 100 bytes, and in a file at least 2. */
  private static final int MEMORY_FACTOR = 64;

  private static final int DEEPEST = 32;

  private static final Pattern PLACE = Pattern.compile("line \\d+ column \\d+ path \\S*");

  @SuppressWarnings("ImmutableEnumChecker") // functions without a state
  private enum Form {
    NAM(NamForm::recognises, NamForm::read),
    RTNEURAL(RtNeuralForm::recognises, RtNeuralForm::read),
    TORCH(TorchForm::recognises, TorchForm::read);

    private final Predicate<JsonObject> recognises;
    private final Function<JsonObject, AudioModel> read;

    Form(Predicate<JsonObject> recognises, Function<JsonObject, AudioModel> read) {
      this.recognises = recognises;
      this.read = read;
    }

    static Optional<Form> of(JsonObject json) {
      return Arrays.stream(values()).filter(form -> form.recognises.test(json)).findFirst();
    }
  }

  private AudioJsonReader() {}

  /** Whether JSON looks like a model that {@link #read} reads. */
  public static boolean recognises(JsonObject json) {
    return Form.of(json).isPresent();
  }

  /**
   * Reads a model.
   *
   * @throws ModelFileException if the file cannot be read, is no JSON, or no model of these forms;
   *     everything in it that is not read is named
   */
  public static AudioModel read(Path file) throws ModelFileException {
    JsonObject json = parse(file);
    Form form =
        Form.of(json)
            .orElseThrow(() -> noModel(file, "an object in which " + JsonParts.keys(json)));
    try {
      return form.read.apply(json);
    } catch (IllegalArgumentException e) {
      throw ModelFileException.unreadable(file, e.getMessage());
    } catch (ArithmeticException e) {
      throw ModelFileException.unreadable(file, "the sizes in it are too large.");
    }
  }

  private static ModelFileException noModel(Path file, String what) {
    return ModelFileException.unreadable(
        file,
        "it is JSON, but no model of RTNeural ('in_shape' and 'layers'), PyTorch (parameters such as"
            + " 'lstm.weight_ih_l0', or 'state_dict'), Neural Amp Modeler ('architecture' and"
            + " 'config') or Keras ('class_name'): it is "
            + what
            + ". Name another file, or export the model in one of these forms.");
  }

  private static JsonObject parse(Path file) throws ModelFileException {
    if (!Files.isRegularFile(file)) {
      throw ModelFileException.unreadable(file, "there is no such file. Check the path.");
    }
    try {
      long bytes = Files.size(file);
      long memory = Runtime.getRuntime().maxMemory();
      if (bytes > memory / MEMORY_FACTOR) {
        throw ModelFileException.unreadable(
            file,
            String.format(
                Locale.ROOT,
                "its %d MB of JSON would take up to %d MB of memory, but this JVM may use only %d"
                    + " MB. Give it more with -Xmx.",
                bytes >> 20,
                bytes * MEMORY_FACTOR >> 20,
                memory >> 20));
      }
      // A decoder, unlike a Charset, makes the reader report malformed bytes and not replace them.
      try (Reader text =
          new InputStreamReader(Files.newInputStream(file), StandardCharsets.UTF_8.newDecoder())) {
        return parse(file, text);
      }
    } catch (IOException e) {
      throw ModelFileException.unreadable(file, e);
    }
  }

  private static JsonObject parse(Path file, Reader text) throws IOException {
    try (JsonReader reader = new JsonReader(text)) {
      reader.setStrictness(Strictness.STRICT);
      reader.setNestingLimit(DEEPEST);
      JsonElement json = JsonParser.parseReader(reader);
      if (json instanceof JsonObject object && reader.peek() == JsonToken.END_DOCUMENT) {
        return object;
      }
      throw noModel(file, json instanceof JsonArray ? "an array" : "a single value");
    } catch (JsonParseException | MalformedJsonException | NumberFormatException e) {
      throw ModelFileException.unreadable(
          file,
          e.getCause() instanceof CharacterCodingException
              ? "it is not valid UTF-8. Save it again."
              : "it is not valid JSON"
                  + place(e)
                  + ". It may be cut off, hold NaN or Infinity, which JSON has not, or have more than "
                  + DEEPEST
                  + " arrays and objects in each other. Copy it again, or save it again.");
    }
  }

  /** Where a text is wrong, if the parser says that. */
  private static String place(Exception e) {
    Matcher place = PLACE.matcher(String.valueOf(e.getMessage()));
    return place.find() ? " at " + ModelFileException.quote(place.group()) : "";
  }
}
