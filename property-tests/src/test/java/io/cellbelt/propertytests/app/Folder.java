package io.cellbelt.propertytests.app;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HexFormat;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.stream.Stream;

/** What lies in a folder, byte by byte. */
final class Folder {
  private Folder() {}

  /** Runs something that must neither write nor lose a file. */
  static void assertUnchanged(Path folder, Runnable action) {
    SortedMap<String, String> before = content(folder);
    action.run();
    assertThat(content(folder)).isEqualTo(before);
  }

  private static SortedMap<String, String> content(Path folder) {
    SortedMap<String, String> content = new TreeMap<>();
    try (Stream<Path> files = Files.walk(folder)) {
      for (Path file : files.filter(Files::isRegularFile).toList()) {
        content.put(file.toString(), HexFormat.of().formatHex(Files.readAllBytes(file)));
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return content;
  }
}
