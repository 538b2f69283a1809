package io.cellbelt.models.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.cellbelt.graphs.Tensor;
import io.cellbelt.models.ModelFileException;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Map;
import java.util.Random;
import org.assertj.core.data.Offset;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/** Sound in all encodings, whole and block by block, and headers that lie. */
class WavTest {
  @TempDir Path folder;

  private static float[] noise(int count) {
    Random random = new Random(5);
    float[] values = new float[count];
    for (int i = 0; i < count; i++) {
      values[i] = random.nextFloat() * 2 - 1;
    }
    return values;
  }

  @ParameterizedTest
  @EnumSource
  void everyEncodingComesBack(WavEncoding encoding) throws IOException {
    Path file = folder.resolve("a.wav");
    double step =
        switch (encoding) {
          case PCM_8 -> 1.0 / 128;
          case PCM_16 -> 1.0 / 32768;
          case PCM_24 -> 1.0 / (1 << 23);
          case PCM_32 -> 1.0 / (1 << 24);
          default -> 0;
        };
    for (int channels = 1; channels <= 3; channels++) {
      for (int frames : new int[] {0, 1, 20_001}) {
        float[][] sound = new float[channels][];
        for (int c = 0; c < channels; c++) {
          sound[c] = noise(frames);
          for (int i = 0; i < frames; i++) {
            sound[c][i] /= c + 1;
          }
        }
        new Audio(44_100, sound).write(file, encoding);
        Audio read = Audio.read(file);
        assertThat(read.sampleRate()).isEqualTo(44_100);
        assertThat(read.frames()).isEqualTo(frames);
        for (int c = 0; c < channels; c++) {
          for (int i = 0; i < frames; i++) {
            assertThat(read.channels()[c][i]).isCloseTo(sound[c][i], Offset.offset((float) step));
          }
        }
        // What has been rounded once is not rounded any more.
        byte[] bytes = Files.readAllBytes(file);
        read.write(file, encoding);
        assertThat(Files.readAllBytes(file)).isEqualTo(bytes);
      }
    }
  }

  @Test
  void numbersInTheFile() throws IOException {
    Path file = folder.resolve("a.wav");
    float[] values = {0, 1, -1, 2, -2, Float.NaN, 0.5f, 1.5f / 128, 2.5f / 128};
    new Audio(8000, new float[][] {values}).write(file, WavEncoding.PCM_8);
    byte[] bytes = Files.readAllBytes(file);
    // An odd number of bytes is followed by one more.
    assertThat(bytes).hasSize(44 + 10);
    assertThat(bytes).endsWith(128, 255, 0, 255, 0, 128, 192, 130, 130, 0);
    assertThat(new String(bytes, 0, 4, StandardCharsets.US_ASCII)).isEqualTo("RIFF");
    ByteBuffer header = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
    assertThat(header.getInt(4)).isEqualTo(bytes.length - 8);
    assertThat(header.getInt(40)).isEqualTo(9);
    new Audio(8000, new float[][] {{-1, 0.25f}}).write(file, WavEncoding.PCM_24);
    assertThat(Files.readAllBytes(file)).endsWith(0, 0, 0x80, 0, 0, 0x20);
  }

  @Test
  void blockByBlock() throws IOException {
    Path file = Files.writeString(folder.resolve("a.wav"), "old");
    float[] values = noise(2 * 50_000);
    try (WavWriter writer = WavWriter.create(file, 48_000, 2, WavEncoding.FLOAT_32)) {
      for (int frame = 0; frame < 50_000; frame += 1000) {
        writer.write(values, 2 * frame, 1000);
      }
      assertThat(Files.readString(file)).isEqualTo("old");
      writer.finish();
      assertThatThrownBy(() -> writer.write(values, 0, 1))
          .isInstanceOf(IllegalStateException.class);
      assertThatThrownBy(writer::finish).isInstanceOf(IllegalStateException.class);
    }
    try (WavReader reader = WavReader.open(file)) {
      assertThat(reader.frames()).isEqualTo(50_000);
      assertThat(reader.channels()).isEqualTo(2);
      assertThat(reader.encoding()).isEqualTo(WavEncoding.FLOAT_32);
      float[] block = new float[1 + 2 * 777];
      int done = 0;
      int read;
      while ((read = reader.read(block, 1, 777)) > 0) {
        for (int i = 0; i < 2 * read; i++) {
          assertThat(block[1 + i]).isEqualTo(values[2 * done + i]);
        }
        done += read;
      }
      assertThat(done).isEqualTo(50_000);
      assertThatThrownBy(() -> reader.read(block, 2, 777))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessage(
              "An array of 1555 samples does not hold 777 frames of 2 channels from index 2 on.");
      assertThatThrownBy(() -> reader.read(null, 0, 1)).isInstanceOf(NullPointerException.class);
    }
  }

  @Test
  void whatIsNotFinishedIsDropped() throws IOException {
    Path file = Files.writeString(folder.resolve("a.wav"), "old");
    try (WavWriter writer = WavWriter.create(file, 8000, 1, WavEncoding.PCM_16)) {
      writer.write(noise(100), 0, 100);
    }
    assertThat(Files.readString(file)).isEqualTo("old");
    try (var files = Files.list(folder)) {
      assertThat(files).containsExactly(file);
    }
    assertThatThrownBy(
            () -> WavWriter.create(folder.resolve("no/a.wav"), 8000, 1, WavEncoding.PCM_16))
        .isInstanceOf(ModelFileException.class)
        .hasMessageContaining("there is no folder");
    assertThatThrownBy(() -> WavWriter.create(file, 0, 1, WavEncoding.PCM_16))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> WavWriter.create(file, 8000, 8192, WavEncoding.PCM_16))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("1 to 8191 channels, but got 8000 and 8192.");
  }

  @Test
  void asTensors() throws IOException {
    Path file = folder.resolve("voice.wav");
    Tensor sound = Tensor.of(noise(12), 6, 1, 2);
    ValueFiles.write(file, Map.of("output", sound, "sample_rate", Tensor.of(new long[] {16_000})));
    Map<String, Tensor> read = ValueFiles.read(file);
    assertThat(read.keySet()).containsExactly("voice", "sample_rate");
    assertThat(read.get("voice").shape()).containsExactly(6, 2);
    assertThat(read.get("voice").floats()).containsExactly(sound.floats());
    assertThat(read.get("sample_rate").longs()).containsExactly(16_000);
  }

  /** A file of 16-bit samples, 1 and -2, with the given parts before. */
  private static byte[] wav(int tag, int channels, int bits, int frame, byte[]... before) {
    ByteBuffer bytes = ByteBuffer.allocate(200).order(ByteOrder.LITTLE_ENDIAN);
    bytes.put("RIFF....WAVE".getBytes(StandardCharsets.US_ASCII));
    for (byte[] part : before) {
      bytes.put(part);
    }
    boolean extensible = tag == 0xfffe;
    bytes.put("fmt ".getBytes(StandardCharsets.US_ASCII)).putInt(extensible ? 40 : 16);
    bytes.putShort((short) tag).putShort((short) channels).putInt(8000).putInt(8000 * frame);
    bytes.putShort((short) frame).putShort((short) bits);
    if (extensible) {
      bytes.putShort((short) 22).putShort((short) bits).putInt(4).putShort((short) 1);
      bytes.put(new byte[] {0, 0, 0, 0, 16, 0, -128, 0, 0, -86, 0, 56, -101, 113});
    }
    bytes.put("data".getBytes(StandardCharsets.US_ASCII)).putInt(4);
    bytes.putShort((short) 1).putShort((short) -2);
    return Arrays.copyOf(bytes.array(), bytes.position());
  }

  private Audio read(byte[] bytes) throws IOException {
    return Audio.read(Files.write(folder.resolve("a.wav"), bytes));
  }

  @Test
  void formsOfHeaders() throws IOException {
    float[] expected = {1 / 32768f, -2 / 32768f};
    assertThat(read(wav(1, 1, 16, 2)).channels()[0]).containsExactly(expected);
    assertThat(read(wav(0xfffe, 1, 16, 2)).channels()[0]).containsExactly(expected);
    assertThat(read(wav(1, 2, 16, 4)).channels()[1]).containsExactly(expected[1]);
    // Fewer bits than the bytes have are in the upper ones.
    assertThat(read(wav(1, 1, 12, 2)).channels()[0]).containsExactly(expected);
    byte[] odd = "LIST\3\0\0\0abc\0".getBytes(StandardCharsets.ISO_8859_1);
    assertThat(read(wav(1, 1, 16, 2, odd, odd)).channels()[0]).containsExactly(expected);
    byte[] after = Arrays.copyOf(wav(1, 1, 16, 2), 60);
    assertThat(read(after).channels()[0]).containsExactly(expected);
    // A size that nobody knew: everything that follows.
    ByteBuffer stream = ByteBuffer.wrap(wav(1, 1, 16, 2)).order(ByteOrder.LITTLE_ENDIAN);
    stream.putInt(40, -1);
    assertThat(read(stream.array()).channels()[0]).containsExactly(expected);
    // A size of 64 bits, before the others.
    byte[] sizes = new byte[36];
    ByteBuffer.wrap(sizes)
        .order(ByteOrder.LITTLE_ENDIAN)
        .put("ds64".getBytes(StandardCharsets.US_ASCII))
        .putInt(28)
        .putLong(0)
        .putLong(2);
    ByteBuffer large =
        ByteBuffer.wrap(wav(1, 1, 16, 2, sizes)).order(ByteOrder.LITTLE_ENDIAN).put(3, (byte) 'F');
    large.put(new byte[] {'R', 'F', '6', '4'});
    large.putInt(36 + 40, -1);
    assertThat(read(large.array()).channels()[0]).containsExactly(expected[0]);
  }

  @ParameterizedTest
  @CsvSource({
    "6, 1, 8, 1, the format 6 with 8 bits",
    "1, 1, 40, 5, the format 1 with 40 bits",
    "3, 1, 16, 2, the format 3 with 16 bits",
    "1, 0, 16, 2, it has 0 channels",
    "1, 2, 16, 2, a frame has 2 bytes",
    "1, 1, 24, 4, a frame has 4 bytes",
  })
  void formatsThatAreRefused(int tag, int channels, int bits, int frame, String sentence) {
    assertThatThrownBy(() -> read(wav(tag, channels, bits, frame)))
        .isInstanceOf(ModelFileException.class)
        .hasMessageContaining(sentence)
        .hasMessageEndingWith("Copy it again, or save it again with another program.");
  }

  @Test
  void headersThatLie() throws IOException {
    ByteBuffer wav = ByteBuffer.wrap(wav(1, 1, 16, 2)).order(ByteOrder.LITTLE_ENDIAN);
    wav.putInt(40, Integer.MAX_VALUE);
    assertThatThrownBy(() -> read(wav.array()))
        .hasMessageContaining("its samples would have 2147483647 bytes, but only 4 follow");
    byte[] huge = "junk\377\377\377\177".getBytes(StandardCharsets.ISO_8859_1);
    assertThatThrownBy(() -> read(wav(1, 1, 16, 2, huge)))
        .hasMessageContaining("the part 'junk' would have 2147483647 bytes");
    byte[] early = "data\0\0\0\0".getBytes(StandardCharsets.ISO_8859_1);
    assertThatThrownBy(() -> read(wav(1, 1, 16, 2, early)))
        .hasMessageContaining("its samples stand before their format");
    byte[] guid = wav(0xfffe, 1, 16, 2);
    guid[50]++;
    assertThatThrownBy(() -> read(guid)).hasMessageContaining("sixteen bytes that are not known");
    assertThatThrownBy(() -> read("RIFF....AVI ".getBytes(StandardCharsets.US_ASCII)))
        .hasMessageContaining("it is no RIFF file of the kind WAVE");
  }

  /** A file of 3 GB that takes no place on the disk. */
  @Test
  void aFileThatIsLargerThanAnArray() throws IOException {
    Path file = Files.write(folder.resolve("a.wav"), wav(1, 1, 16, 2));
    try (RandomAccessFile sparse = new RandomAccessFile(file.toFile(), "rw")) {
      sparse.seek(40);
      sparse.writeInt(Integer.reverseBytes((int) 3_000_000_000L));
      sparse.setLength(44 + 3_000_000_000L);
    }
    try (WavReader reader = WavReader.open(file)) {
      assertThat(reader.frames()).isEqualTo(1_500_000_000);
      float[] block = new float[3];
      assertThat(reader.read(block, 0, 3)).isEqualTo(3);
      assertThat(block).containsExactly(1 / 32768f, -2 / 32768f, 0);
    }
  }

  @Test
  void aFileOfOthers() throws IOException {
    Path file = Path.of("../../shared/conformance/real/silero_test.wav");
    assumeTrue(
        Files.exists(file),
        () -> "Not run: there is no " + file.toAbsolutePath().normalize() + ".");
    Audio audio = Audio.read(file);
    assertThat(audio.sampleRate()).isEqualTo(16_000);
    float largest = 0;
    for (float sample : audio.channels()[0]) {
      largest = Math.max(largest, Math.abs(sample));
    }
    assertThat(largest).isBetween(0.1f, 1f);
  }
}
