package io.cellbelt.app;

import io.cellbelt.cells.Stream;
import io.cellbelt.models.Model;
import java.util.Arrays;
import java.util.Map;
import java.util.OptionalInt;
import java.util.SplittableRandom;

/**
 * What a model reads before the first character of a text that it writes: what texts began with
 * when it was trained, such as a line break.
 *
 * <p>A model that never started afresh in training does not know the zero state of a new stream.
 * Such a model first writes to itself, from that state, until it is in one that it knows and a line
 * begins.
 */
final class Opening {
  /** The metadata entry of a model that holds what it started afresh with; may be empty. */
  static final String METADATA = "cellbelt.start";

  /** What lines begin after, or words where there are no lines. */
  private static final int[] BREAKS = {'\n', ' '};

  /** Characters from one break to the next, at most, in a text that is made of such lines. */
  private static final int LONGEST = 1000;

  /**
   * Characters that a model writes to itself: after the first so many it stops where a paragraph
   * begins, after more where any line does, and it never writes more than the last number.
   */
  private static final int PARAGRAPH = 1000;

  private static final int LINE = 1500;
  private static final int MOST = 2000;

  private final Vocabulary vocabulary;
  private final String start;

  /** The opening that suits a model. */
  Opening(Vocabulary vocabulary, Model model) {
    this.vocabulary = vocabulary;
    start = model.metadata().get(METADATA);
  }

  /** The character that parts of a text begin with, if there are any. */
  static OptionalInt start(int[] text) {
    return Arrays.stream(BREAKS)
        .filter(
            character ->
                Arrays.stream(text).filter(c -> c == character).count() * LONGEST >= text.length)
        .findFirst();
  }

  /** The metadata of a model that started afresh with a character, or anywhere. */
  static Map<String, String> metadata(OptionalInt start) {
    return Map.of(METADATA, start.isPresent() ? Character.toString(start.getAsInt()) : "");
  }

  /**
   * Makes a new stream ready for the first character.
   *
   * @param logits what the stream puts out last, if it puts out anything
   * @param prompted whether a prompt follows; without one there are always logits
   */
  void read(Stream stream, float[] logits, boolean prompted) {
    if (start != null && (prompted || !start.isEmpty())) {
      for (int token : vocabulary.tokens(start.codePoints().toArray())) {
        stream.step(token, logits);
      }
    } else {
      writeSilently(stream, logits);
    }
  }

  /** The same every time, so that the same seed, or a temperature of 0, gives the same text. */
  private void writeSilently(Stream stream, float[] logits) {
    SplittableRandom random = new SplittableRandom(1);
    Sampler sampler = new Sampler(1, vocabulary.size(), random);
    int lineBreak =
        Arrays.stream(BREAKS)
            .map(vocabulary::find)
            .filter(token -> token >= 0)
            .findFirst()
            .orElse(-1);
    int token = lineBreak >= 0 ? lineBreak : random.nextInt(vocabulary.size());
    stream.step(token, logits);
    for (int i = 0; i < MOST; i++) {
      int before = token;
      token = sampler.next(logits);
      stream.step(token, logits);
      if (token == lineBreak && (i >= LINE || (i >= PARAGRAPH && before == lineBreak))) {
        return;
      }
    }
  }
}
