package io.cellbelt.models.files;

import io.cellbelt.models.ModelFileException;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.AccessDeniedException;
import java.nio.file.AtomicMoveNotSupportedException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.UUID;

/**
 * A file that is being written under another name in the same folder, and takes the place of its
 * target in one step. Not thread-safe.
 */
public final class AtomicDraft implements AutoCloseable {
  /** The end of the name that a draft has. */
  public static final String SUFFIX = ".tmp";

  private final Path target;
  private final Path temporary;
  private final RandomAccessFile file;

  private AtomicDraft(Path target, Path temporary) throws IOException {
    this.target = target;
    this.temporary = temporary;
    // A FileChannel would be closed by an interrupt of this thread, and a checkpoint lost.
    this.file = new RandomAccessFile(temporary.toFile(), "rw");
  }

  /**
   * Begins a file. Whoever is killed meanwhile leaves the draft behind.
   *
   * @throws ModelFileException if the target cannot be a file that is written
   * @throws IOException if the folder cannot be written
   */
  public static AtomicDraft of(Path target) throws IOException {
    Path real = real(target);
    requireReplaceable(target, real);
    Path temporary = real.resolveSibling(prefix(real) + UUID.randomUUID() + SUFFIX);
    Files.createFile(temporary);
    try {
      return new AtomicDraft(real, temporary);
    } catch (IOException | RuntimeException | Error e) {
      deleteQuietly(temporary);
      throw e;
    }
  }

  /** Where the content goes, open until {@link #commit} or {@link #close}. */
  public RandomAccessFile file() {
    return file;
  }

  /** Brings the content to the disk, and then to the target. */
  public void commit() throws IOException {
    file.getFD().sync();
    file.close();
    try {
      Files.move(temporary, target, StandardCopyOption.ATOMIC_MOVE);
    } catch (AtomicMoveNotSupportedException e) {
      Files.move(temporary, target, StandardCopyOption.REPLACE_EXISTING);
    }
  }

  /** Deletes the draft, if it is still one. */
  @Override
  public void close() throws IOException {
    try {
      file.close();
    } finally {
      deleteQuietly(temporary);
    }
  }

  /** The file behind a link, or the path itself. */
  public static Path real(Path target) throws IOException {
    return Files.exists(target) ? target.toRealPath() : target.toAbsolutePath();
  }

  /**
   * How the name of a draft begins. A hash, as the name of the target may be as long as names can
   * be.
   */
  public static String prefix(Path real) {
    return ".cellbelt-" + Integer.toHexString(real.getFileName().toString().hashCode()) + "-";
  }

  private static void requireReplaceable(Path target, Path real) throws ModelFileException {
    Path folder = real.getParent();
    if (Files.isDirectory(real)) {
      throw unwritable(target, "it is a folder. Name a file.");
    }
    if (folder == null || !Files.isDirectory(folder)) {
      throw unwritable(target, "there is no folder " + folder + ". Create it or name another.");
    }
    if (!Files.exists(real, LinkOption.NOFOLLOW_LINKS)) {
      return;
    }
    // Renaming over a device such as /dev/null would replace the device.
    if (!Files.isRegularFile(real)) {
      throw unwritable(target, "it is a device, a pipe or a broken link. Name a regular file.");
    }
    // Renaming needs a writable folder only, and so would ignore that the file is protected.
    if (!Files.isWritable(real)) {
      throw unwritable(target, new AccessDeniedException(target.toString()));
    }
  }

  private static void deleteQuietly(Path temporary) {
    try {
      Files.deleteIfExists(temporary);
    } catch (IOException e) {
      // The failure that brought us here says more than this one.
    }
  }

  /** A failure of the system while a file was written; a sentence about the file stays as it is. */
  public static ModelFileException unwritable(Path target, IOException cause) {
    return switch (cause) {
      case ModelFileException known -> known;
      case AccessDeniedException denied ->
          unwritable(
              target,
              "permission denied. Give this user the right to write it and its folder, or name"
                  + " another file.",
              denied);
      default -> unwritable(target, ModelFileException.reason(cause), cause);
    };
  }

  /** A file that is not written. */
  public static ModelFileException unwritable(Path target, String sentences) {
    return unwritable(target, sentences, null);
  }

  private static ModelFileException unwritable(Path target, String reason, Throwable cause) {
    return new ModelFileException(
        "Cannot write " + target + ": " + reason + " Nothing was changed on disk.", cause);
  }
}
