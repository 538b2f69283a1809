package io.cellbelt.app;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.cellbelt.cells.Architecture;
import io.cellbelt.cells.Input;
import io.cellbelt.cells.Rnn;
import io.cellbelt.cells.Weights;
import io.cellbelt.models.Model;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

final class VocabularyTest {
  private static final Path FILE = Path.of("m.safetensors");

  private static int[] codePoints(String text) {
    return text.codePoints().toArray();
  }

  private static Vocabulary read(Map<String, String> metadata) {
    Architecture architecture = new Architecture(new Input.OneHot(3), List.of(new Rnn(3, 2)), 3);
    Weights weights = Weights.random(architecture, 1);
    return Vocabulary.of(FILE, new Model(weights, metadata));
  }

  @Test
  void sortsCharactersAndNumbersThem() {
    Vocabulary vocabulary = Vocabulary.of(codePoints("ban\uD83C\uDFADana"));
    assertThat(vocabulary).hasToString("abn\uD83C\uDFAD");
    assertThat(vocabulary.size()).isEqualTo(4);
    assertThat(vocabulary.tokens(codePoints("na\uD83C\uDFAD"))).containsExactly(2, 0, 3);
    assertThat(vocabulary.character(3)).isEqualTo(0x1F3AD);
  }

  @Test
  void namesCharactersThatAreUnknown() {
    Vocabulary vocabulary = Vocabulary.of(codePoints("abc"));
    assertThatThrownBy(() -> vocabulary.tokens(codePoints("aX\u001bX")))
        .isInstanceOf(Failure.class)
        .hasMessageContaining("never seen 'X', U+001B; it knows the 3 characters");
  }

  @Test
  void comesBackFromAModel() {
    assertThat(read(Map.of(Vocabulary.METADATA, "a\u00e9\uD83C\uDFAD")).size()).isEqualTo(3);
  }

  @Test
  void refusesModelsThatAreNotOfCharacters() {
    assertThatThrownBy(() -> read(Map.of())).hasMessageContaining("not a model of characters");
    assertThatThrownBy(() -> read(Map.of(Vocabulary.METADATA, "ab")))
        .hasMessageContaining("2 characters, but takes 3 tokens and gives 3 outputs");
    assertThatThrownBy(() -> read(Map.of(Vocabulary.METADATA, "aab")))
        .hasMessageContaining("not sorted or has a character twice");
  }
}
