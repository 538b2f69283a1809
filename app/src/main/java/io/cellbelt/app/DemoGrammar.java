package io.cellbelt.app;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.random.RandomGenerator;

/**
 * Sentences whose last word depends on one word far back: "i grew up in france", then clauses about
 * other things, other countries among them, then "and i speak fluent french".
 *
 * <p>The distance is the number of words between the country and its language. Immutable.
 */
final class DemoGrammar {
  /** The shortest distance: nothing in between but {@link #ENDING}. */
  static final int MIN_DISTANCE = 4;

  private static final int OPENING_WORDS = 10;
  private static final int CLAUSES_PER_COUNTRY = 2;

  private static final List<String> COUNTRIES =
      List.of(
          "france",
          "germany",
          "spain",
          "italy",
          "japan",
          "poland",
          "greece",
          "turkey",
          "china",
          "russia",
          "sweden",
          "norway",
          "denmark",
          "finland",
          "portugal",
          "hungary");
  private static final List<String> LANGUAGES =
      List.of(
          "french",
          "german",
          "spanish",
          "italian",
          "japanese",
          "polish",
          "greek",
          "turkish",
          "chinese",
          "russian",
          "swedish",
          "norwegian",
          "danish",
          "finnish",
          "portuguese",
          "hungarian");
  private static final List<String> GREW_UP_IN = List.of("grew", "up", "in");
  private static final List<String> ENDING = List.of("and", "i", "speak", "fluent");
  private static final String THE = "the";
  private static final List<String> WHEN = List.of("often", "sometimes", "later", "once", "then");
  private static final List<String> WHO = List.of("we", "they", "friends", "neighbours");
  private static final List<String> DID = List.of("saw", "liked", "found", "painted", "sold");
  private static final List<String> WHAT =
      List.of("boats", "houses", "cats", "books", "gardens", "songs");

  private final List<String> vocabulary;

  DemoGrammar() {
    Set<String> words = new LinkedHashSet<>();
    for (List<String> some :
        List.of(COUNTRIES, LANGUAGES, GREW_UP_IN, ENDING, WHEN, WHO, DID, List.of(THE), WHAT)) {
      words.addAll(some);
    }
    vocabulary = List.copyOf(words);
  }

  /**
   * A sentence.
   *
   * @param words without the last one
   * @param language the last word, which is to be found
   */
  record Sentence(List<String> words, String language) {
    /** The words in a line. */
    String text() {
      return String.join(" ", words);
    }
  }

  /** Number of languages: guessing is right once in so many times. */
  static int languages() {
    return LANGUAGES.size();
  }

  /** All words; a token is an index in it. */
  List<String> vocabulary() {
    return vocabulary;
  }

  int token(String word) {
    return vocabulary.indexOf(word);
  }

  int[] tokens(List<String> words) {
    return words.stream().mapToInt(this::token).toArray();
  }

  /** Words of a sentence of that distance, without the last one. */
  static int length(int distance) {
    return OPENING_WORDS + GREW_UP_IN.size() + 2 + distance;
  }

  /** A random sentence with that distance, {@link #MIN_DISTANCE} or more. */
  Sentence sentence(int distance, RandomGenerator random) {
    int home = random.nextInt(COUNTRIES.size());
    List<String> words = new ArrayList<>(filler(OPENING_WORDS, random));
    words.add("i");
    words.addAll(GREW_UP_IN);
    words.add(COUNTRIES.get(home));
    words.addAll(filler(distance - ENDING.size(), random));
    words.addAll(ENDING);
    return new Sentence(List.copyOf(words), LANGUAGES.get(home));
  }

  /** Clauses of five words each; the last one may be cut off. */
  private static List<String> filler(int length, RandomGenerator random) {
    List<String> words = new ArrayList<>();
    while (words.size() < length) {
      if (random.nextInt(CLAUSES_PER_COUNTRY) == 0) {
        words.add(pick(WHO, random));
        words.addAll(GREW_UP_IN);
        words.add(pick(COUNTRIES, random));
      } else {
        words.add(pick(WHEN, random));
        words.add(pick(WHO, random));
        words.add(pick(DID, random));
        words.add(THE);
        words.add(pick(WHAT, random));
      }
    }
    return words.subList(0, length);
  }

  private static String pick(List<String> words, RandomGenerator random) {
    return words.get(random.nextInt(words.size()));
  }

  /**
   * Random sentences of one distance, side by side.
   *
   * @param tokens {@code [T, B]}
   * @param languages the token that is to be found after the last of each, {@code [B]}
   */
  record Sample(int steps, int[] tokens, int[] languages) {
    /** Labels for training: {@code [T, B]}, -1 but for the last step. */
    int[] labels() {
      int[] labels = new int[tokens.length];
      Arrays.fill(labels, -1);
      System.arraycopy(languages, 0, labels, labels.length - languages.length, languages.length);
      return labels;
    }
  }

  /** Random sentences of a distance. */
  Sample sample(int distance, int count, RandomGenerator random) {
    int steps = length(distance);
    int[] tokens = new int[steps * count];
    int[] languages = new int[count];
    for (int b = 0; b < count; b++) {
      Sentence sentence = sentence(distance, random);
      languages[b] = token(sentence.language());
      for (int t = 0; t < steps; t++) {
        tokens[t * count + b] = token(sentence.words().get(t));
      }
    }
    return new Sample(steps, tokens, languages);
  }
}
