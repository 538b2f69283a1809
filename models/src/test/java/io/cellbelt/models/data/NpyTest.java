package io.cellbelt.models.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.cellbelt.graphs.ElementType;
import io.cellbelt.graphs.Tensor;
import io.cellbelt.models.ModelFileException;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Base64;
import java.util.HexFormat;
import java.util.Map;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Arrays as NumPy 2.4 writes them, and archives that lie. */
class NpyTest {
  /** numpy.savez_compressed of a = arange(3) and b = ones((2, 2), "f4", order="F"). */
  private static final String COMPRESSED =
      "UEsDBC0AAAAIAAAAIQD3QBLq//////////8FABQAYS5ucHkBABAAmAAAAAAAAABMAAAAAAAAAJvsF+obEMnIUMZQ"
          + "rZ6SWpxcpG6loG6TaaGuo6Cell9UUpSYF59flJIKEndLzClOBYoXZyQWpAL5GsY6mjoKtQoUAC4GKGCE0kxQ"
          + "GgBQSwMELQAAAAgAAAAhAEdf2+f//////////wUAFABiLm5weQEAEACQAAAAAAAAAEsAAAAAAAAAm+wX6hsQ"
          + "ychQxlCtnpJanFykbqWgbpNmoq6joJ6WX1RSlJgXn1+UkgoSDykqTQUKF2ckFqQCuRpGOgpGmjoKtQrkAy4G"
          + "hgZ7ZAwAUEsBAi0DLQAAAAgAAAAhAPdAEupMAAAAmAAAAAUAAAAAAAAAAAAAAIABAAAAAGEubnB5UEsBAi0D"
          + "LQAAAAgAAAAhAEdf2+dLAAAAkAAAAAUAAAAAAAAAAAAAAIABgwAAAGIubnB5UEsFBgAAAAACAAIAZgAAAAUB"
          + "AAAAAA==";

  @TempDir Path folder;

  /** The bytes of a file of version 1, or of 2 with its longer length. */
  private static byte[] npy(int version, String header, String hex) {
    byte[] text = (header + "\n").getBytes(StandardCharsets.UTF_8);
    byte[] data = HexFormat.of().parseHex(hex);
    ByteBuffer bytes = ByteBuffer.allocate(12 + text.length + data.length);
    bytes.order(ByteOrder.LITTLE_ENDIAN);
    bytes.put("\u0093NUMPY".getBytes(StandardCharsets.ISO_8859_1));
    bytes.put((byte) version).put((byte) 0);
    if (version == 1) {
      bytes.putShort((short) text.length);
    } else {
      bytes.putInt(text.length);
    }
    bytes.put(text).put(data);
    return Arrays.copyOf(bytes.array(), bytes.position());
  }

  private Tensor read(byte[] bytes) throws IOException {
    return ValueFiles.read(Files.write(folder.resolve("a.npy"), bytes)).get("a");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = ';',
      value = {
        "'<f4'; True; (2, 3); 0000803f00008040000000400000a040000040400000c040; F32; 1 2 3 4 5 6",
        "'>i2'; False; (3,); 0001fffe012c; I16; 1 -2 300",
        "'|b1'; False; (1, 2); 0100; BOOL; 1 0",
        "'<f2'; False; (2,); 003e00c0; F16; 1.5 -2",
        "'<u4'; False; (1,); ffffffff; U32; 4294967295",
        "'|u1'; True; (1,); ff; U8; 255",
        "'>f8'; False; (); 4004000000000000; F64; 2.5",
        "'<i4'; False; (0, 3); ; I32; ",
        "'<i8'; False; (1L, 1L); 0700000000000000; I64; 7",
      })
  void ofNumPy(
      String type, String order, String shape, String hex, ElementType expected, String values)
      throws IOException {
    String header =
        "{'descr': %s, 'fortran_order': %s, 'shape': %s, }"
            .formatted(type.startsWith("'") ? type : "'" + type + "'", order, shape);
    for (int version = 1; version <= 3; version++) {
      Tensor read = read(npy(version, header, hex == null ? "" : hex));
      assertThat(read.type()).isEqualTo(expected);
      String all = values == null ? "" : values;
      StringBuilder text = new StringBuilder();
      for (double value : read.doubles()) {
        text.append(value == Math.rint(value) ? Long.toString((long) value) : value).append(' ');
      }
      assertThat(text.toString().strip()).isEqualTo(all);
    }
  }

  @Test
  void columnsFirstOfEveryStorage() throws IOException {
    String header = "{'descr': '%s', 'fortran_order': True, 'shape': (2, 1, 2), }";
    String f8 = "000000000000f03f" + "0000000000000040" + "0000000000000840" + "0000000000001040";
    assertThat(read(npy(1, header.formatted("<f8"), f8)).doubles()).containsExactly(1, 3, 2, 4);
    Tensor bytes = read(npy(1, header.formatted("|i1"), "01020304"));
    assertThat(bytes.longs()).containsExactly(1, 3, 2, 4);
    assertThat(bytes.shape()).containsExactly(2, 1, 2);
  }

  @Test
  void archiveOfNumPy() throws IOException {
    Path file = Files.write(folder.resolve("x.bin"), Base64.getDecoder().decode(COMPRESSED));
    Map<String, Tensor> read = ValueFiles.read(file);
    assertThat(read.keySet()).containsExactly("a", "b");
    assertThat(read.get("a").longs()).containsExactly(0, 1, 2);
    assertThat(read.get("b").type()).isEqualTo(ElementType.F32);
    assertThat(read.get("b").floats()).containsExactly(1, 1, 1, 1);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = ';',
      quoteCharacter = '~',
      value = {
        "{'descr': [('a', '<i4')], 'fortran_order': False, 'shape': (1,), } ; a 'descr' of a plain type",
        "{'descr': '<U2', 'fortran_order': False, 'shape': (1,), } ; its elements are \"U2\"",
        "{'descr': '|O', 'fortran_order': False, 'shape': (1,), } ; its elements are \"O\"",
        "{'descr': '<c8', 'fortran_order': False, 'shape': (1,), } ; its elements are \"c8\"",
        "{'descr': '<f4', 'fortran_order': False, 'shape': (2,), } ; has 8 bytes, but 4 follow",
        "{'descr': '<f2', 'fortran_order': False, 'shape': (1,), } ; has 2 bytes, but 4 follow",
        "{'descr': '<f4', 'fortran_order': False, 'shape': (99999999999,), } ; a dimension is",
        "{'descr': '<f4', 'fortran_order': False, 'shape': (2147483647, 2147483647, 4), } ; but 4 follow",
        "{'descr': '<f4', 'fortran_order': False, 'shape': (1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1,"
            + " 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1), } ; it has 33 dimensions",
        "{'descr': '<f4', 'shape': (1,), } ; its header must have",
      })
  void wrongHeaders(String header, String sentence) {
    assertThatThrownBy(() -> read(npy(1, header, "00000000")))
        .isInstanceOf(ModelFileException.class)
        .hasMessageContaining(sentence)
        .hasMessageEndingWith(".");
  }

  @Test
  void anUnknownVersion() {
    assertThatThrownBy(() -> read(npy(9, "", ""))).hasMessageContaining("it has the version 9");
  }

  private static byte[] zip(String name, byte[] content) throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (ZipOutputStream zip = new ZipOutputStream(bytes)) {
      zip.putNextEntry(new ZipEntry(name));
      zip.write(content);
    }
    return bytes.toByteArray();
  }

  /** Puts a number in the list of an archive with one part. */
  private static byte[] withNumber(byte[] zip, int offset, int number) {
    ByteBuffer bytes = ByteBuffer.wrap(zip).order(ByteOrder.LITTLE_ENDIAN);
    int list = 0;
    while (bytes.getInt(list) != 0x02014b50) {
      list++;
    }
    bytes.putInt(list + offset, number);
    return zip;
  }

  private void refused(byte[] archive, String sentence) throws IOException {
    Path file = Files.write(folder.resolve("a.npz"), archive);
    assertThatThrownBy(() -> ValueFiles.read(file))
        .isInstanceOf(ModelFileException.class)
        .hasMessageContaining(sentence)
        .hasMessageEndingWith(".");
  }

  @Test
  void archivesThatLie() throws IOException {
    byte[] array = npy(1, "{'descr': '<f4', 'fortran_order': False, 'shape': (1,), }", "00000000");
    refused(zip("readme.txt", new byte[1]), "holds \"readme.txt\", which is no NumPy array");
    refused(zip("a.npy", new byte[1]), "of \"a.npy\", it is truncated");
    refused(withNumber(zip("a.npy", array), 24, 1 << 30), "would unpack");
    refused(withNumber(zip("a.npy", array), 24, array.length + 4), "has 4 bytes, but 8 follow");
    refused(withNumber(zip("a.npy", array), 16, 7), "the checksum is wrong");
    byte[] whole = zip("a.npy", array);
    refused(Arrays.copyOf(whole, whole.length - 4), "the system reported");
    // Nothing but zeros: packed as densely as can be, and still read.
    byte[] zeros = npy(1, "{'descr': '|u1', 'fortran_order': False, 'shape': (1000000,), }", "");
    Path dense =
        Files.write(
            folder.resolve("dense.npz"),
            zip("z.npy", Arrays.copyOf(zeros, zeros.length + 1_000_000)));
    assertThat(Files.size(dense)).isLessThan(3000);
    assertThat(ValueFiles.read(dense).get("z").size()).isEqualTo(1_000_000);
  }
}
