package io.cellbelt.app;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HexFormat;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

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

  @Test
  void dropsTheByteOrderMark() throws IOException {
    assertThat(TextFile.read(file("\uFEFFab".getBytes(StandardCharsets.UTF_8))).characters())
        .containsExactly('a', 'b');
    assertThat(TextFile.read(file("a\uFEFFb".getBytes(StandardCharsets.UTF_8))).characters())
        .containsExactly('a', 0xFEFF, 'b');
    Path mark = file("\uFEFF".getBytes(StandardCharsets.UTF_8));
    assertThatThrownBy(() -> TextFile.read(mark)).hasMessageContaining("is empty");
  }

  @ParameterizedTest
  @CsvSource({
    "UTF-16LE, FFFE, UTF-16",
    "UTF-16BE, FEFF, UTF-16",
    "UTF-32LE, FFFE0000, UTF-32",
    "UTF-32BE, 0000FEFF, UTF-32",
    "UTF-16LE, '', UTF-16LE",
    "UTF-16BE, '', UTF-16BE",
    "UTF-32LE, '', UTF-32LE",
    "UTF-32BE, '', UTF-32BE"
  })
  void tellsWideTextsAndWhatToDo(String charset, String mark, String name) throws IOException {
    for (String text : new String[] {"Once upon a time\n", "Жили-были дед да баба, и жили\n\n"}) {
      ByteArrayOutputStream bytes = new ByteArrayOutputStream();
      bytes.write(HexFormat.of().parseHex(mark));
      bytes.write(text.repeat(9).getBytes(Charset.forName(charset)));
      Path file = file(bytes.toByteArray());
      assertThatThrownBy(() -> TextFile.read(file))
          .isInstanceOf(Failure.class)
          .hasMessageContaining("is in " + name + ", and not in UTF-8")
          .hasMessageContaining("iconv -f " + name + " -t UTF-8");
    }
  }

  @Test
  void zerosAloneMakeNoWideText() throws IOException {
    assertThat(
            TextFile.read(file("abcd\0efg".repeat(9).getBytes(StandardCharsets.UTF_8)))
                .characters())
        .hasSize(72);
    Path latin = file("Caf\u00e9s".repeat(9).getBytes(StandardCharsets.ISO_8859_1));
    assertThatThrownBy(() -> TextFile.read(latin)).hasMessageContaining("iconv -f ISO-8859-1");
  }
}
