package io.cellbelt.propertytests.fuzz;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.Stream;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Every reader on its own files, on what was found once, and on files that are damaged. */
final class ReadersTest {
  private static final int CHANGES = 100;

  @TempDir Path folder;

  @ParameterizedTest
  @EnumSource
  void opensItsOwnFilesAndEndsWithAllThatWereFound(FuzzedReader reader) throws IOException {
    for (Path file : files(reader)) {
      boolean isRead = read(reader, file, Files.readAllBytes(file));
      if (isOwn(file)) {
        assertThat(isRead).as("%s is read", file).isTrue();
      }
    }
  }

  @ParameterizedTest
  @EnumSource
  void beginningsAndChangedBytes(FuzzedReader reader) throws IOException {
    SplittableRandom random = new SplittableRandom(reader.name().hashCode());
    for (Path file : files(reader).stream().filter(ReadersTest::isOwn).toList()) {
      byte[] bytes = Files.readAllBytes(file);
      int step = 1 + bytes.length / CHANGES;
      for (int length = 0; length < bytes.length; length += step) {
        read(reader, file, Arrays.copyOf(bytes, length));
      }
      for (int i = 0; i < CHANGES && bytes.length > 0; i++) {
        byte[] changed = bytes.clone();
        for (int flips = 1 + random.nextInt(3); flips > 0; flips--) {
          changed[random.nextInt(changed.length)] ^= (byte) (1 << random.nextInt(8));
        }
        read(reader, file, changed);
      }
    }
  }

  private static boolean isOwn(Path file) {
    return !file.getFileName().toString().startsWith("found");
  }

  private boolean read(FuzzedReader reader, Path file, byte[] bytes) throws IOException {
    try {
      return reader.read(folder, bytes, 1);
    } catch (RuntimeException | Error e) {
      throw new AssertionError(reader + " of a file made of " + file, e);
    }
  }

  private static List<Path> files(FuzzedReader reader) throws IOException {
    try (Stream<Path> all = Files.list(reader.folder())) {
      List<Path> files = all.sorted().toList();
      assertThat(files).as("files of %s", reader).isNotEmpty();
      return files;
    }
  }
}
