package io.cellbelt.app;

import io.cellbelt.models.Model;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Locale;
import java.util.stream.Collectors;

/**
 * The characters that a model knows, sorted by code point; a token is an index into them.
 * Immutable, thread-safe.
 */
final class Vocabulary {
  /** The metadata entry of a model that holds the characters, in the order of the tokens. */
  static final String METADATA = "cellbelt.vocabulary";

  private final int[] characters;

  private Vocabulary(int[] characters) {
    this.characters = characters;
  }

  /** The characters of a text. */
  static Vocabulary of(int[] text) {
    return new Vocabulary(Arrays.stream(text).distinct().sorted().toArray());
  }

  /**
   * The characters that a model was trained on.
   *
   * @throws Failure if it is no character model
   */
  static Vocabulary of(Path file, Model model) {
    String stored = model.metadata().get(METADATA);
    if (stored == null) {
      throw new Failure(
          String.format(
                  Locale.ROOT,
                  "The model %s has no metadata entry '%s', so it is not a model of characters; name one",
                  file,
                  METADATA)
              + " that 'cellbelt train' wrote.");
    }
    int[] characters = stored.codePoints().toArray();
    int tokens = model.weights().architecture().input().tokens();
    int outputs = model.weights().architecture().outputSize();
    if (!Arrays.equals(characters, of(characters).characters)) {
      throw new Failure(
          String.format(
              Locale.ROOT,
              "The vocabulary of the model %s is not sorted or has a character twice; train it again.",
              file));
    }
    if (characters.length != tokens || characters.length != outputs) {
      throw new Failure(
          String.format(
                  Locale.ROOT,
                  "The model %s has a vocabulary of %d characters, but takes %d tokens and gives %d outputs;",
                  file,
                  characters.length,
                  tokens,
                  outputs)
              + " these numbers must be equal.");
    }
    return new Vocabulary(characters);
  }

  /** Number of characters. */
  int size() {
    return characters.length;
  }

  /** The character of a token. */
  int character(int token) {
    return characters[token];
  }

  /** The token of a character, negative if it is unknown. */
  int find(int character) {
    return Arrays.binarySearch(characters, character);
  }

  /**
   * The tokens of a text.
   *
   * @throws Failure if it has characters that are unknown
   */
  int[] tokens(int[] text) {
    String unknown =
        Arrays.stream(text)
            .distinct()
            .filter(character -> find(character) < 0)
            .mapToObj(Vocabulary::name)
            .collect(Collectors.joining(", "));
    if (!unknown.isEmpty()) {
      throw new Failure(
          String.format(
              Locale.ROOT,
              "The model has never seen %s; it knows the %d characters of its training text, such as %s.",
              unknown,
              size(),
              examples()));
    }
    return Arrays.stream(text).map(this::find).toArray();
  }

  private String examples() {
    return Arrays.stream(characters)
        .filter(Character::isLetterOrDigit)
        .limit(5)
        .mapToObj(Vocabulary::name)
        .collect(Collectors.joining(" "));
  }

  /** The character in quotes, or its code where it cannot be shown. */
  private static String name(int character) {
    boolean visible =
        Character.isDefined(character)
            && !Character.isISOControl(character)
            && Character.getType(character) != Character.FORMAT;
    return visible
        ? "'" + Character.toString(character) + "'"
        : String.format(Locale.ROOT, "U+%04X", character);
  }

  /** All characters, in the order of the tokens. */
  @Override
  public String toString() {
    return new String(characters, 0, characters.length);
  }
}
