package io.cellbelt.models;

import java.io.BufferedOutputStream;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.AccessDeniedException;
import java.nio.file.AtomicMoveNotSupportedException;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Objects;
import java.util.UUID;

/**
 * Writes files so that a reader, a crash or a full disk never meets half a file: the content goes
 * to a temporary file in the same folder, reaches the disk, and then takes the place of the target
 * in one step. A process that is killed meanwhile leaves the temporary file, {@code
 * .cellbelt-…-….tmp}, to {@link #deleteAbandoned}.
 *
 * <p>Safe to use from many threads; of two writers to one target, the last one wins.
 */
public final class AtomicFiles {
  private static final String SUFFIX = ".tmp";

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
    try {
      Path real = real(target);
      requireReplaceable(target, real);
      replace(real, content);
    } catch (ModelFileException e) {
      throw e;
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
      Path real = real(target);
      try (DirectoryStream<Path> files =
          Files.newDirectoryStream(real.getParent(), prefix(real) + "*" + SUFFIX)) {
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
              + SUFFIX
              + " in its folder.",
          e);
    }
  }

  private static Path real(Path target) throws IOException {
    return Files.exists(target) ? target.toRealPath() : target.toAbsolutePath();
  }

  /** Of its temporary files. A hash, as the name itself may be as long as names can be. */
  private static String prefix(Path real) {
    return ".cellbelt-" + Integer.toHexString(real.getFileName().toString().hashCode()) + "-";
  }

  private static void requireReplaceable(Path target, Path real) throws ModelFileException {
    Path folder = real.getParent();
    if (Files.isDirectory(real)) {
      throw unwritable(target, "it is a folder. Name a file.", null);
    }
    if (folder == null || !Files.isDirectory(folder)) {
      throw unwritable(
          target, "there is no folder " + folder + ". Create it or name another.", null);
    }
    if (!Files.exists(real, LinkOption.NOFOLLOW_LINKS)) {
      return;
    }
    // Renaming over a device such as /dev/null would replace the device.
    if (!Files.isRegularFile(real)) {
      throw unwritable(
          target, "it is a device, a pipe or a broken link. Name a regular file.", null);
    }
    // Renaming needs a writable folder only, and so would ignore that the file is protected.
    if (!Files.isWritable(real)) {
      throw unwritable(target, new AccessDeniedException(target.toString()));
    }
  }

  private static void replace(Path real, Content content) throws IOException {
    Path temporary = real.resolveSibling(prefix(real) + UUID.randomUUID() + SUFFIX);
    try {
      Files.createFile(temporary);
      // A FileChannel would be closed by an interrupt of this thread, and a checkpoint lost.
      try (FileOutputStream file = new FileOutputStream(temporary.toFile());
          OutputStream out = new KeptOpen(file)) {
        content.writeTo(out);
        out.flush();
        file.getFD().sync();
      }
      move(temporary, real);
    } finally {
      deleteQuietly(temporary);
    }
  }

  private static void move(Path from, Path to) throws IOException {
    try {
      Files.move(from, to, StandardCopyOption.ATOMIC_MOVE);
    } catch (AtomicMoveNotSupportedException e) {
      Files.move(from, to, StandardCopyOption.REPLACE_EXISTING);
    }
  }

  private static void deleteQuietly(Path temporary) {
    try {
      Files.deleteIfExists(temporary);
    } catch (IOException e) {
      // The failure that brought us here says more than this one.
    }
  }

  static ModelFileException unwritable(Path target, IOException cause) {
    String reason =
        cause instanceof AccessDeniedException
            ? "permission denied. Give this user the right to write it and its folder, or name"
                + " another file."
            : ModelFileException.reason(cause);
    return unwritable(target, reason, cause);
  }

  private static ModelFileException unwritable(Path target, String reason, Throwable cause) {
    return new ModelFileException(
        "Cannot write " + target + ": " + reason + " Nothing was changed on disk.", cause);
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
