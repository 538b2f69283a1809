package io.cellbelt.app;

import com.google.gson.Gson;
import com.google.gson.JsonArray;
import com.google.gson.JsonObject;
import io.cellbelt.models.FileContents;
import io.cellbelt.models.FileContents.TensorEntry;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Set;

/**
 * What {@code cellbelt inspect} tells of a safetensors file.
 *
 * @param file the file
 * @param contents what it holds
 * @param network the network that it opens as, or null
 */
record TensorsReport(Path file, FileContents contents, NetworkFigures network) implements Report {
  private static final Gson GSON = new Gson();
  private static final int LONGEST_VALUE = 200;
  private static final int LONGEST_NAME = 60;

  @Override
  public List<String> lines(Console console) {
    List<String> lines = new ArrayList<>();
    long bytes = contents.tensors().stream().mapToLong(TensorEntry::bytes).sum();
    int count = contents.tensors().size();
    lines.add(
        console.bold(
            String.format(
                Locale.ROOT,
                "%s: %d tensor%s, %,d bytes",
                Printable.text(String.valueOf(file), LONGEST_VALUE),
                count,
                count == 1 ? "" : "s",
                bytes)));
    lines.add("");
    lines.addAll(table());
    if (!contents.metadata().isEmpty()) {
      lines.add("");
      lines.add(console.bold("Metadata"));
      contents
          .metadata()
          .forEach(
              (key, value) ->
                  lines.add(
                      "  "
                          + Printable.text(key, LONGEST_NAME)
                          + " = "
                          + Printable.text(value, LONGEST_VALUE)));
    }
    contents
        .architecture()
        .ifPresent(
            text -> {
              lines.add("");
              lines.add(console.bold("Architecture"));
              lines.add("  " + Printable.text(text, Integer.MAX_VALUE));
            });
    if (network != null) {
      lines.addAll(network.lines(console));
    }
    if (!contents.remarks().isEmpty()) {
      lines.add("");
      lines.add(console.bold("Remarks"));
      contents.remarks().forEach(remark -> lines.add("  " + remark));
    }
    if (!contents.calls().isEmpty()) {
      lines.add("");
      lines.add(
          console.bold(contents.calls().size() == 1 ? "Open it with" : "Open it with one of"));
      contents.calls().forEach(call -> lines.add("  Model model = " + call + ";"));
    }
    return lines;
  }

  private List<String> table() {
    List<List<String>> rows = new ArrayList<>();
    rows.add(List.of("tensor", "dtype", "shape", "bytes", "taken for"));
    for (TensorEntry tensor : contents.tensors()) {
      rows.add(
          List.of(
              Printable.text(tensor.name(), LONGEST_NAME),
              tensor.dtype(),
              tensor.shape().toString(),
              String.format(Locale.ROOT, "%,d", tensor.bytes()),
              tensor.use()));
    }
    return Printable.table(rows, Set.of(3));
  }

  @Override
  public JsonObject json() {
    JsonObject all = new JsonObject();
    JsonArray tensors = new JsonArray();
    for (TensorEntry tensor : contents.tensors()) {
      JsonObject one = new JsonObject();
      one.addProperty("name", tensor.name());
      one.addProperty("dtype", tensor.dtype());
      one.add("shape", GSON.toJsonTree(tensor.shape()));
      one.addProperty("bytes", tensor.bytes());
      one.addProperty("use", tensor.use());
      tensors.add(one);
    }
    all.add("tensors", tensors);
    all.add("metadata", GSON.toJsonTree(contents.metadata()));
    contents.architecture().ifPresent(text -> all.addProperty("architecture", text));
    if (network != null) {
      all.add("network", GSON.toJsonTree(network));
    }
    all.add("remarks", GSON.toJsonTree(contents.remarks()));
    all.add("calls", GSON.toJsonTree(contents.calls()));
    return all;
  }
}
