package io.cellbelt.models.data;

import static io.cellbelt.models.ModelFileException.quote;

import io.cellbelt.graphs.Tensor;
import io.cellbelt.models.AtomicFiles;
import io.cellbelt.models.ModelFileException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.LocalDateTime;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.zip.CRC32;
import java.util.zip.CheckedInputStream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;
import java.util.zip.ZipOutputStream;

/** Arrays of NumPy in a zip archive, by name. */
final class NpzFormat implements ValueFormat {
  private static final String ENDING = ".npy";

  /** Deflate packs at most so many bytes into one. */
  private static final long DENSEST = 1032;

  private static final LocalDateTime FIRST_DAY = LocalDateTime.of(1980, 1, 1, 0, 0);

  @Override
  public List<String> endings() {
    return List.of(".npz");
  }

  @Override
  public boolean recognises(Path file, String first) {
    return first.startsWith("PK\u0003\u0004") || first.startsWith("PK\u0005\u0006");
  }

  @Override
  public Map<String, Tensor> read(Path file) throws ModelFileException {
    try (ZipFile zip = new ZipFile(file.toFile())) {
      List<? extends ZipEntry> entries = Collections.list(zip.entries());
      requireSizes(file, entries);
      long memory = Runtime.getRuntime().maxMemory();
      Map<String, Tensor> read = new LinkedHashMap<>();
      for (ZipEntry entry : entries) {
        Tensor tensor = read(file, zip, entry, memory);
        memory -= (long) tensor.size() * tensor.type().storage().bytes();
        String name = entry.getName();
        if (read.put(name.substring(0, name.length() - ENDING.length()), tensor) != null) {
          throw ModelFileException.unreadable(
              file, "it holds two arrays " + quote(name) + ". Save it again.");
        }
      }
      return Collections.unmodifiableMap(read);
    } catch (IOException e) {
      throw ModelFileException.unreadable(file, e);
    } catch (IllegalArgumentException | UnsupportedOperationException e) {
      throw ModelFileException.unreadable(
          file, "it is a zip archive that cannot be opened. Copy it again.");
    }
  }

  private static Tensor read(Path file, ZipFile zip, ZipEntry entry, long memory)
      throws IOException {
    try (CheckedInputStream in = new CheckedInputStream(zip.getInputStream(entry), new CRC32())) {
      Tensor tensor = NpyArray.read(in, entry.getSize(), memory);
      if (in.read() >= 0 || in.getChecksum().getValue() != entry.getCrc()) {
        throw new IllegalArgumentException("the checksum is wrong. Copy it again.");
      }
      return tensor;
    } catch (IllegalArgumentException e) {
      throw ModelFileException.unreadable(
          file, "in it, of " + quote(entry.getName()) + ", " + e.getMessage());
    }
  }

  /** Refuses parts that are no arrays, and sizes that a true archive of this size cannot have. */
  private static void requireSizes(Path file, List<? extends ZipEntry> entries) throws IOException {
    long packed = 0;
    for (ZipEntry entry : entries) {
      if (!entry.getName().endsWith(ENDING)) {
        throw ModelFileException.unreadable(
            file,
            "it is a zip archive that holds "
                + quote(entry.getName())
                + ", which is no NumPy array. Name an .npz file.");
      }
      long size = entry.getSize();
      long ofEntry = entry.getCompressedSize();
      if (size < 0 || ofEntry < 0 || size > DENSEST * (ofEntry + 1)) {
        throw ModelFileException.unreadable(
            file,
            String.format(
                Locale.ROOT,
                "in it, %s would unpack %d bytes to %d. Save it again.",
                quote(entry.getName()),
                ofEntry,
                size));
      }
      packed += ofEntry;
    }
    if (packed > Files.size(file)) {
      throw ModelFileException.unreadable(
          file, "its parts are longer than the archive; they overlap. Save it again.");
    }
  }

  @Override
  public void write(Path file, Map<String, Tensor> tensors) throws ModelFileException {
    AtomicFiles.write(
        file,
        out -> {
          ZipOutputStream zip = new ZipOutputStream(out);
          for (Map.Entry<String, Tensor> named : tensors.entrySet()) {
            ZipEntry entry = new ZipEntry(named.getKey() + ENDING);
            // The same tensors give the same bytes.
            entry.setTimeLocal(FIRST_DAY);
            zip.putNextEntry(entry);
            NpyArray.write(named.getValue(), zip);
            zip.closeEntry();
          }
          zip.finish();
        });
  }
}
