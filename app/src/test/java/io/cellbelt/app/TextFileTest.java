package io.cellbelt.app;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class TextFileTest {
  @TempDir Path folder;

  private Path file(byte[] bytes) throws IOException {
    return Files.write(folder.resolve("text.txt"), bytes);
  }

  @Test
  void readsCodePointsAndNotHalvesOfThem() throws IOException {
    TextFile text = TextFile.read(file("a\uD83C\uDFADé\r\n".getBytes(StandardCharsets.UTF_8)));
    assertThat(text.characters()).containsExactly('a', 0x1F3AD, 'é', '\r', '\n');
  }

  @Test
  void theHashTellsTextsApart() throws IOException {
    String one = TextFile.read(file(new byte[] {'a'})).hash();
    String other = TextFile.read(file(new byte[] {'b'})).hash();
    assertThat(one).hasSize(64).isNotEqualTo(other);
  }

  @Test
  void tellsWhereUtf8IsBroken() throws IOException {
    Path file = file(new byte[] {'a', '\n', 'b', (byte) 0xC0, (byte) 0x80});
    assertThatThrownBy(() -> TextFile.read(file))
        .isInstanceOf(Failure.class)
        .hasMessageContaining("byte 0xC0 at offset 3 (line 2)");
  }

  @Test
  void refusesSurrogatesInUtf8() throws IOException {
    Path file = file(new byte[] {(byte) 0xED, (byte) 0xA0, (byte) 0x80});
    assertThatThrownBy(() -> TextFile.read(file)).hasMessageContaining("offset 0 (line 1)");
  }

  @Test
  void refusesWhatIsNoText() throws IOException {
    Path empty = file(new byte[0]);
    assertThatThrownBy(() -> TextFile.read(empty)).hasMessageContaining("is empty");
    assertThatThrownBy(() -> TextFile.read(folder)).hasMessageContaining("not a regular file");
    assertThatThrownBy(() -> TextFile.read(folder.resolve("none")))
        .hasMessageContaining("There is no text");
  }
}
