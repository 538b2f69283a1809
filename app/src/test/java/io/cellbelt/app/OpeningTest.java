package io.cellbelt.app;

import static org.assertj.core.api.Assertions.assertThat;

import io.cellbelt.cells.Architecture;
import io.cellbelt.cells.Input;
import io.cellbelt.cells.Network;
import io.cellbelt.cells.Rnn;
import io.cellbelt.cells.Stream;
import io.cellbelt.cells.Weights;
import io.cellbelt.models.Model;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import org.junit.jupiter.api.Test;

final class OpeningTest {
  private static final String CHARACTERS = "\n ab";

  private static OptionalInt start(String text) {
    return Opening.start(text.codePoints().toArray());
  }

  /** What a stream puts out after an opening, all 0 if it read nothing, and its state. */
  private static float[][] read(Map<String, String> metadata, boolean prompted) {
    int size = CHARACTERS.length();
    Architecture architecture =
        new Architecture(new Input.OneHot(size), List.of(new Rnn(size, 5)), size);
    Model model = new Model(Weights.random(architecture, 1), metadata);
    float[] logits = new float[size];
    float[] state = new float[architecture.stateSize()];
    try (Network network = new Network(model.weights());
        Stream stream = network.newStream()) {
      Vocabulary vocabulary = Vocabulary.of(CHARACTERS.codePoints().toArray());
      new Opening(vocabulary, model).read(stream, logits, prompted);
      stream.saveState(state);
    }
    return new float[][] {logits, state};
  }

  @Test
  void textsBeginAfterLineBreaksOrSpacesIfThereAreEnough() {
    assertThat(start("one line\nand another")).hasValue('\n');
    assertThat(start("ab".repeat(400) + "\n" + "ab ".repeat(99))).hasValue(' ');
    assertThat(start("ab cd")).hasValue(' ');
    assertThat(start("ab".repeat(1000) + "\n")).isEmpty();
    assertThat(start("ACGTTGCA")).isEmpty();
  }

  @Test
  void readsWhatTheModelStartedWith() {
    float[] nothing = new float[5];
    assertThat(read(Opening.metadata(OptionalInt.empty()), true)[1]).isEqualTo(nothing);
    float[][] line = read(Opening.metadata(OptionalInt.of('\n')), true);
    assertThat(line[1]).isNotEqualTo(nothing);
    assertThat(read(Opening.metadata(OptionalInt.of('\n')), false)).isDeepEqualTo(line);
    assertThat(read(Opening.metadata(OptionalInt.of(' ')), true)[1]).isNotEqualTo(line[1]);
  }

  /** The same every time. */
  @Test
  void otherModelsWriteToThemselves() {
    float[][] warm = read(Map.of(), true);
    assertThat(read(Map.of(), true)).isDeepEqualTo(warm);
    assertThat(read(Map.of(), false)).isDeepEqualTo(warm);
    assertThat(read(Opening.metadata(OptionalInt.empty()), false)).isDeepEqualTo(warm);
    assertThat(warm[0]).isNotEqualTo(new float[CHARACTERS.length()]);
    assertThat(warm[1]).isNotEqualTo(read(Opening.metadata(OptionalInt.of('\n')), true)[1]);
  }
}
