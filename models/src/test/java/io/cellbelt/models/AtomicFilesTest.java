package io.cellbelt.models;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class AtomicFilesTest {
  @TempDir Path folder;

  @Test
  void createsAndReplaces() throws IOException {
    Path file = folder.resolve("report.json");
    AtomicFiles.writeString(file, "größe");
    assertEquals("größe", Files.readString(file));
    AtomicFiles.writeString(file, "");
    assertEquals("", Files.readString(file));
    assertEquals(List.of(file), listing());
  }

  @Test
  void contentMayCloseItsStream() throws IOException {
    Path file = folder.resolve("report.json");
    AtomicFiles.write(
        file,
        out -> {
          out.write('a');
          out.close();
        });
    assertEquals("a", Files.readString(file));
  }

  @Test
  void failingContentKeepsTheOldFileAndLeavesNothing() throws IOException {
    Path file = Files.writeString(folder.resolve("model.safetensors"), "old");
    byte[] half = new byte[100_000];

    ModelFileException failure =
        assertThrows(
            ModelFileException.class,
            () ->
                AtomicFiles.write(
                    file,
                    out -> {
                      out.write(half);
                      throw new IOException("No space left on device");
                    }));
    assertEquals(
        "Cannot write "
            + file
            + ": the system reported No space left on device. Nothing was changed on disk.",
        failure.getMessage());

    IllegalStateException bug = new IllegalStateException("a bug in the content");
    assertSame(
        bug,
        assertThrows(
            IllegalStateException.class,
            () ->
                AtomicFiles.write(
                    file,
                    out -> {
                      out.write(half);
                      throw bug;
                    })));

    assertEquals("old", Files.readString(file));
    assertEquals(List.of(file), listing());
  }

  @Test
  void targetIsUntouchedUntilTheContentIsComplete() throws IOException {
    Path file = Files.writeString(folder.resolve("model.safetensors"), "old");
    AtomicFiles.write(
        file,
        out -> {
          out.write("new".getBytes(StandardCharsets.UTF_8));
          out.flush();
          assertEquals("old", Files.readString(file));
        });
    assertEquals("new", Files.readString(file));
  }

  /** While it is being written, a file looks as it does after its writer was killed. */
  @Test
  void whatAKilledWriterHasLeftIsDeleted() throws IOException {
    Path file = Files.writeString(folder.resolve("model.safetensors"), "old");
    Path other = folder.resolve("model.safetensors.checkpoint");
    Path link = Files.createSymbolicLink(folder.resolve("link.safetensors"), file);
    assertThrows(
        ModelFileException.class,
        () ->
            AtomicFiles.write(
                file,
                out -> {
                  AtomicFiles.deleteAbandoned(other);
                  assertEquals(3, listing().size());
                  AtomicFiles.deleteAbandoned(link);
                  assertEquals(List.of(link, file), listing());
                }));
    assertEquals("old", Files.readString(file));
    Path nowhere = file.resolve("model.safetensors");
    String message =
        assertThrows(ModelFileException.class, () -> AtomicFiles.deleteAbandoned(nowhere))
            .getMessage();
    assertTrue(message.startsWith("Cannot delete what an interrupted write of " + nowhere));
    assertTrue(message.endsWith("Delete the files .cellbelt-*.tmp in its folder."), message);
  }

  @Test
  void interruptDoesNotLoseTheFile() throws IOException {
    Path file = folder.resolve("model.safetensors");
    Thread.currentThread().interrupt();
    try {
      AtomicFiles.writeString(file, "saved");
    } finally {
      assertTrue(Thread.interrupted());
    }
    assertEquals("saved", Files.readString(file));
  }

  @Test
  void symbolicLinkStaysALink() throws IOException {
    Path real = Files.writeString(folder.resolve("real.safetensors"), "old");
    Path link = Files.createSymbolicLink(folder.resolve("link.safetensors"), real);
    AtomicFiles.writeString(link, "new");
    assertTrue(Files.isSymbolicLink(link));
    assertEquals("new", Files.readString(real));
  }

  @Test
  void impossibleTargetsAreNamed() throws IOException {
    Path file = Files.writeString(folder.resolve("file"), "old");
    Path broken = Files.createSymbolicLink(folder.resolve("broken"), folder.resolve("absent"));
    List<Path> before = listing();

    refused(folder, "it is a folder");
    refused(Path.of(""), "it is a folder");
    refused(folder.resolve("absent").resolve("model.safetensors"), "there is no folder");
    refused(file.resolve("model.safetensors"), "there is no folder " + file);
    refused(broken, "broken link");
    refused(Path.of("/dev/null"), "a device");

    assertEquals(before, listing());
    assertEquals("old", Files.readString(file));
  }

  /** Checked on the sentence alone: an administrator is denied nothing. */
  @Test
  void deniedPermissionIsNamed() {
    Path file = folder.resolve("model.safetensors");
    String message =
        AtomicFiles.unwritable(file, new AccessDeniedException(file.toString())).getMessage();
    assertTrue(message.startsWith("Cannot write " + file + ": permission denied."), message);
  }

  @Test
  void aModelThatCannotBeWrittenKeepsTheOldFile() throws IOException {
    Path missing = folder.resolve("absent").resolve("model.safetensors");
    SafetensorsFile model =
        SafetensorsFile.of(Map.of(), List.of(Tensor.of("w", new float[] {1}, 1)));
    String message =
        assertThrows(ModelFileException.class, () -> model.write(missing)).getMessage();
    assertTrue(message.contains("there is no folder " + missing.getParent()), message);
    assertEquals(List.of(), listing());
  }

  private static void refused(Path target, String expected) {
    String message =
        assertThrows(ModelFileException.class, () -> AtomicFiles.writeString(target, "new"))
            .getMessage();
    assertTrue(message.startsWith("Cannot write " + target + ": "), message);
    assertTrue(message.contains(expected), message);
    assertTrue(message.endsWith("Nothing was changed on disk."), message);
  }

  private List<Path> listing() throws IOException {
    try (Stream<Path> files = Files.list(folder)) {
      return files.sorted().toList();
    }
  }
}
