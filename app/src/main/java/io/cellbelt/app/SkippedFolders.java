package io.cellbelt.app;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;

/** Folders that a verification leaves out, each with its reason: lines {@code folder: reason}. */
record SkippedFolders(Map<String, String> reasons) {
  static SkippedFolders read(Path file) {
    Map<String, String> reasons = new HashMap<>();
    if (file != null) {
      try {
        for (String line : Files.readAllLines(file)) {
          int colon = line.indexOf(':');
          if (colon > 0 && !line.startsWith("#")) {
            String folder = line.substring(0, colon).strip();
            reasons.put(
                folder.substring(folder.lastIndexOf('/') + 1), line.substring(colon + 1).strip());
          }
        }
      } catch (IOException e) {
        throw new Failure("Cannot read " + file + ": " + Failure.reason(e) + ".", e);
      }
    }
    return new SkippedFolders(reasons);
  }

  /** Why a folder is left out, or null. */
  String reason(String folder) {
    return reasons.get(folder);
  }
}
