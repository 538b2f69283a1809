package io.cellbelt.app;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.text.Normalizer;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;

/** Files that a command will write, looked at before the work and not after hours of it. */
final class Targets {
  /** Letters in the name of the temporary file that takes the place of a file, and some more. */
  private static final int TEMPORARY = 64;

  private Targets() {}

  /**
   * Refuses a file that could not be written.
   *
   * @throws Failure if it is a folder, a device or a broken link, its folder is missing or not
   *     writable, or its name is too long
   */
  static void require(Path file) {
    Path folder = file.toAbsolutePath().getParent();
    if (Files.isDirectory(file)) {
      throw new Failure(file + " is a folder; name a file.");
    }
    if (folder == null || !Files.isDirectory(folder)) {
      throw new Failure(
          "There is no folder "
              + folder
              + " to write "
              + file.getFileName()
              + " to; create it or name another.");
    }
    requireName(file, file);
    requireName(file, file.toAbsolutePath().resolveSibling("x".repeat(TEMPORARY)));
    if (Files.isSymbolicLink(file) && !Files.exists(file)) {
      throw new Failure(file + " is a link to a file that is not there; name a regular file.");
    }
    boolean writable = Files.isWritable(folder) && (!Files.exists(file) || Files.isWritable(file));
    if (!writable) {
      throw new Failure(
          file + " cannot be written: permission denied. Name a file in another folder.");
    }
    if (Files.exists(file) && !Files.isRegularFile(file)) {
      throw new Failure(file + " is a device or a pipe; name a regular file.");
    }
  }

  /** Asks the file system itself, as each has its own longest name. */
  private static void requireName(Path file, Path tried) {
    try {
      Files.getLastModifiedTime(tried, LinkOption.NOFOLLOW_LINKS);
    } catch (NoSuchFileException e) {
      // A name that is free.
    } catch (IOException e) {
      throw new Failure(
          String.format(
              Locale.ROOT,
              "%s cannot be written: the system reported %s. Name a file with a shorter name in a"
                  + " folder of yours.",
              file,
              Failure.reason(e)),
          e);
    }
  }

  /**
   * Refuses two names of one file, whether it is there or not: by links, by {@code ..}, or by
   * letters that some file systems do not tell apart.
   *
   * @param files by what they are, such as {@code the text}
   * @throws Failure if two are the same
   */
  static void requireDifferent(Map<String, Path> files) {
    Map<String, String> seen = new LinkedHashMap<>();
    files.forEach(
        (name, file) -> {
          String other = seen.putIfAbsent(identity(file), name);
          if (other != null) {
            throw new Failure(
                String.format(
                    Locale.ROOT,
                    "%s is %s itself and cannot be %s too; name another file.",
                    file,
                    other,
                    name));
          }
        });
  }

  private static String identity(Path file) {
    try {
      if (Files.exists(file)) {
        Object key = Files.readAttributes(file, BasicFileAttributes.class).fileKey();
        if (key != null) {
          return key.toString();
        }
      }
      String name = Normalizer.normalize(real(file).toString(), Normalizer.Form.NFC);
      return name.toLowerCase(Locale.ROOT);
    } catch (IOException e) {
      throw new Failure(file + " cannot be looked at: " + e.getMessage() + ".", e);
    }
  }

  /** The path without links and dots, of a file that may not be there yet. */
  static Path real(Path file) throws IOException {
    Path absolute = file.toAbsolutePath();
    return Files.exists(absolute)
        ? absolute.toRealPath()
        : absolute.getParent().toRealPath().resolve(absolute.getFileName());
  }
}
