package io.cellbelt.app;

import com.google.gson.JsonObject;
import java.util.List;

/** What {@code cellbelt inspect} tells of a file. */
sealed interface Report permits TensorsReport, GraphReport {
  /** For a reader. */
  List<String> lines(Console console);

  /** For a program. */
  JsonObject json();
}
