package io.cellbelt.models;

import io.cellbelt.models.files.AtomicDraft;
import java.io.BufferedOutputStream;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Objects;

/**
 * Writes files so that a reader, a crash or a full disk never meets half a file: the content goes
 * to a temporary file in the same folder, reaches the disk, and then takes the place of the target
 * in one step. A process that is killed meanwhile leaves the temporary file, {@code
 * .cellbelt-…-….tmp}, to {@link #deleteAbandoned}.
 *
 * <p>Safe to use from many threads; of two writers to one target, the last one wins.
 */
public final class AtomicFiles {
  private AtomicFiles() {}

  /** Produces the bytes of a file. */
  @FunctionalInterface
  public interface Content {
    /**
     * Writes the whole content.
     *
     * @param out buffered; closing it is allowed and not needed
     * @throws IOException if the content cannot be written; the target then stays as it was
     */
    void writeTo(OutputStream out) throws IOException;
  }

  /**
   * Writes text in UTF-8; as {@link #write}.
   *
   * @throws ModelFileException if the file cannot be written; the target then stays as it was
   */
  public static void writeString(Path target, String text) throws ModelFileException {
    Objects.requireNonNull(text, "What is written is a text, but got null.");
    write(target, out -> out.write(text.getBytes(StandardCharsets.UTF_8)));
  }

  /**
   * Creates or replaces a file. A symbolic link stays, and the file it points to is replaced. An
   * interrupt of the thread does not stop the write. If {@code content} throws, an unchecked
   * exception or a {@link ModelFileException} comes out as it is.
   *
   * @param target a path of the default file system, in a folder that exists
   * @throws ModelFileException if the target is a folder or not a regular file, its folder is
   *     missing, permission is denied, the disk is full or the content fails; a file that was there
   *     is untouched
   */
  public static void write(Path target, Content content) throws ModelFileException {
    Objects.requireNonNull(target, "What is written has a path, but got null.");
    Objects.requireNonNull(content, "What is written has a content, but got null.");
    try (AtomicDraft draft = AtomicDraft.of(target);
        OutputStream out = new KeptOpen(new FileOutputStream(draft.file().getFD()))) {
      content.writeTo(out);
      out.flush();
      draft.commit();
    } catch (IOException e) {
      throw unwritable(target, e);
    }
  }

  /**
   * Deletes the temporary files of writers of a target that were killed, or whose computer lost its
   * power. Call it where nobody is writing the target: what is being written would go too, and its
   * writer fail.
   *
   * @throws ModelFileException if the folder cannot be read or a file not be deleted
   */
  public static void deleteAbandoned(Path target) throws ModelFileException {
    Objects.requireNonNull(target, "What was written has a path, but got null.");
    try {
      Path real = AtomicDraft.real(target);
      try (DirectoryStream<Path> files =
          Files.newDirectoryStream(
              real.getParent(), AtomicDraft.prefix(real) + "*" + AtomicDraft.SUFFIX)) {
        for (Path file : files) {
          Files.deleteIfExists(file);
        }
      }
    } catch (IOException | DirectoryIteratorException e) {
      throw new ModelFileException(
          "Cannot delete what an interrupted write of "
              + target
              + " has left: "
              + e.getMessage()
              + ". Delete the files .cellbelt-*"
              + AtomicDraft.SUFFIX
              + " in its folder.",
          e);
    }
  }

  static ModelFileException unwritable(Path target, IOException cause) {
    return AtomicDraft.unwritable(target, cause);
  }

  /** A buffer whose close only flushes: the file must still be open to be forced to disk. */
  private static final class KeptOpen extends BufferedOutputStream {
    KeptOpen(OutputStream out) {
      super(out);
    }

    @Override
    public void close() throws IOException {
      flush();
    }
  }
}
