package io.cellbelt.app;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.cellbelt.cells.Network;
import io.cellbelt.cells.Stream;
import io.cellbelt.models.Model;
import io.cellbelt.models.ModelFiles;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What a model writes after one epoch, from its first character on. */
final class GenerationTest {
  /** Characters that are written after each prompt. */
  private static final int WRITTEN = 100;

  /** Characters of a held-out passage that are looked at, and passages. */
  private static final int PASSAGE = 20;

  private static final int PASSAGES = 200;

  /** Nats that a fresh start may cost per character of a passage. */
  private static final double COST = 0.2;

  private static final List<String> NAMES =
      List.of("ROMEO", "JULIET", "FRIAR", "NURSE", "BENVOLIO", "LADY CAPULET");
  private static final List<String> PLAY_PROMPTS =
      List.of("ROMEO:", "JULIET:", "We saw", "Once they", "");
  private static final List<String> SHAKESPEARE_PROMPTS =
      List.of("ROMEO:", "JULIET:", "The king", "To be", "");

  @TempDir Path folder;

  @ParameterizedTest
  @CsvSource({"lstm, 0.125", "gru-after, 0.125", "rnn, 0.125", "lstm, 0", "gru-after, 0", "rnn, 0"})
  void ofAPlayIsSense(String cell, double restarts) throws Exception {
    writesSense(play(), PLAY_PROMPTS, cell, restarts);
  }

  @ParameterizedTest
  @CsvSource({"lstm, 0.125", "gru-after, 0.125", "rnn, 0.125", "lstm, 0", "gru-after, 0", "rnn, 0"})
  void ofShakespeareIsSense(String cell, double restarts) throws Exception {
    String conformance = System.getProperty("conformance", "../shared/conformance");
    Path file = Path.of("..").resolve(conformance).resolve("data/tinyshakespeare.txt");
    assumeTrue(
        Files.exists(file),
        () ->
            "Not run: there is no "
                + file.toAbsolutePath().normalize()
                + "; -Dconformance=DIR names another folder.");
    writesSense(Files.readString(file).substring(0, 300_000), SHAKESPEARE_PROMPTS, cell, restarts);
  }

  /** With words only, and with neither. */
  @ParameterizedTest
  @CsvSource({"' ', lstm, 0.125", "' ', lstm, 0", "'', gru-after, 0.125", "'', gru-after, 0"})
  void ofATextWithoutLinesIsSense(String space, String cell, double restarts) throws Exception {
    String text = play().replaceAll("\\s+", space);
    writesSense(text, List.of("ROMEO:", "NURSE:", "We", "grew", ""), cell, restarts);
  }

  /** Without restarts as models were before there were any: only what they write can be sense. */
  private void writesSense(String text, List<String> prompts, String cell, double restarts)
      throws Exception {
    Files.writeString(folder.resolve("text.txt"), text);
    String share = Double.toString(restarts);
    run(
        "train",
        "--text",
        path("text.txt"),
        "--out",
        path("m"),
        "--cell",
        cell,
        "--hidden",
        "64",
        "--epochs",
        "1",
        "--restarts",
        share);
    for (String prompt : prompts) {
      String length = Integer.toString(WRITTEN);
      String written =
          run("generate", path("m"), "--prompt", prompt, "--length", length, "--seed", "3");
      assertThat(written).startsWith(prompt);
      checkSense(written.substring(prompt.length(), prompt.length() + WRITTEN), text);
    }
    if (restarts > 0 && text.indexOf('\n') >= 0) {
      checkFreshStarts(text);
    }
  }

  /** No character comes ten times as often as in the text, but for one that comes once. */
  private static void checkSense(String written, String text) {
    written
        .chars()
        .distinct()
        .forEach(
            character -> {
              double inText = count(text, character);
              assertThat(inText)
                  .as("'%c' in the text", character)
                  .isGreaterThan(1e-5 * text.length());
              assertThat((double) count(written, character))
                  .as("'%c' in '%s'", character, written)
                  .isLessThan(2 + 10 * written.length() * inText / text.length());
            });
  }

  private static long count(String text, int character) {
    return text.chars().filter(c -> c == character).count();
  }

  /** The loss of lines of the validation text from a fresh start is near that of lines in it. */
  private void checkFreshStarts(String text) throws Exception {
    Path file = folder.resolve("m");
    Model model = ModelFiles.read(file);
    Vocabulary vocabulary = Vocabulary.of(file, model);
    String heldOut = text.substring((int) (text.length() * (1 - Training.VALIDATION_SHARE)));
    int[] tokens = vocabulary.tokens(heldOut.chars().toArray());
    float[] logits = new float[vocabulary.size()];
    double[] losses = new double[tokens.length];
    double fresh = 0;
    double carried = 0;
    int passages = 0;
    try (Network network = new Network(model.weights());
        Stream all = network.newStream()) {
      for (int i = 1; i < tokens.length; i++) {
        all.step(tokens[i - 1], logits);
        losses[i] = loss(logits, tokens[i]);
      }
      int line = heldOut.indexOf('\n', 500);
      while (passages < PASSAGES && line >= 0 && line + PASSAGE < tokens.length) {
        try (Stream stream = network.newStream()) {
          for (int i = line; i < line + PASSAGE; i++) {
            stream.step(tokens[i], logits);
            fresh += loss(logits, tokens[i + 1]);
            carried += losses[i + 1];
          }
        }
        passages++;
        line = heldOut.indexOf('\n', line + 1);
      }
    }
    double characters = (double) passages * PASSAGE;
    assertThat(passages).isGreaterThan(PASSAGES / 2);
    assertThat(fresh / characters)
        .isBetween(carried / characters - COST, carried / characters + COST);
  }

  private static double loss(float[] logits, int label) {
    double sum = 0;
    for (float logit : logits) {
      sum += Math.exp(logit - (double) logits[label]);
    }
    return Math.log(sum);
  }

  private String path(String name) {
    return folder.resolve(name).toString();
  }

  private static String run(String... arguments) {
    StringWriter out = new StringWriter();
    StringWriter err = new StringWriter();
    int exitCode = Main.run(new PrintWriter(out), new PrintWriter(err), arguments);
    assertThat(err.toString()).isEmpty();
    assertThat(exitCode).isZero();
    return out.toString();
  }

  /** Scenes with names and lines, and a few directions in characters that are rare. */
  private static String play() {
    SplittableRandom random = new SplittableRandom(1);
    DemoGrammar grammar = new DemoGrammar();
    StringBuilder play = new StringBuilder();
    while (play.length() < 200_000) {
      if (random.nextInt(50) == 0) {
        play.append("[Exit ").append((char) ('0' + random.nextInt(10))).append(" & Q.]\n\n");
      }
      play.append(NAMES.get(random.nextInt(NAMES.size()))).append(":\n");
      for (int line = random.nextInt(3); line >= 0; line--) {
        String text = grammar.sentence(4 + random.nextInt(4), random).text();
        play.append(Character.toUpperCase(text.charAt(0))).append(text, 1, text.length());
        play.append(line > 0 ? ",\n" : ".\n\n");
      }
    }
    return play.toString();
  }
}
