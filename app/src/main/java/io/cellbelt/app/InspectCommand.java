package io.cellbelt.app;

import com.google.gson.Gson;
import com.google.gson.GsonBuilder;
import com.google.gson.JsonArray;
import com.google.gson.JsonObject;
import io.cellbelt.models.FileContents;
import io.cellbelt.models.FileContents.TensorEntry;
import io.cellbelt.models.ModelFileException;
import io.cellbelt.models.ModelFiles;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import picocli.CommandLine.Command;
import picocli.CommandLine.ExitCode;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code cellbelt inspect}: what a model file holds, and how Java opens it. */
@Command(
    name = "inspect",
    description = {
      "Shows what a safetensors file holds.",
      "That is its tensors, its metadata, the network they make, and the line of Java that opens it."
          + " PyTorch state dicts are shown, too, and the index of a model in several files."
    },
    sortOptions = false,
    sortSynopsis = false,
    footerHeading = "%nExamples:%n",
    footer = {
      "  cellbelt inspect book.safetensors",
      "  cellbelt inspect model.safetensors.index.json --json"
    })
final class InspectCommand implements Callable<Integer> {
  private static final Gson GSON =
      new GsonBuilder().setPrettyPrinting().disableHtmlEscaping().create();

  /** Controls, directions and separators of lines. */
  private static final Pattern HARMFUL = Pattern.compile("[\\p{Cc}\\p{Cf}\\p{Zl}\\p{Zp}]");

  private static final int LONGEST_VALUE = 200;
  private static final int LONGEST_NAME = 60;

  @Spec private CommandSpec spec;

  @Parameters(index = "0", paramLabel = "FILE", description = "A safetensors file or an index.")
  private Path file;

  @Option(names = "--json", description = "Prints it as JSON, names and metadata as they are.")
  private boolean json;

  @Override
  public Integer call() throws ModelFileException {
    FileContents contents = ModelFiles.inspect(file);
    Console console = Console.of(spec);
    if (json) {
      console.println(harmless(GSON.toJson(asJson(contents))));
    } else {
      lines(console, contents).forEach(console::println);
    }
    return ExitCode.OK;
  }

  private List<String> lines(Console console, FileContents contents) {
    List<String> lines = new ArrayList<>();
    long bytes = contents.tensors().stream().mapToLong(TensorEntry::bytes).sum();
    int count = contents.tensors().size();
    lines.add(
        console.bold(
            String.format(
                Locale.ROOT,
                "%s: %d tensor%s, %,d bytes",
                shown(String.valueOf(file), LONGEST_VALUE),
                count,
                count == 1 ? "" : "s",
                bytes)));
    lines.add("");
    lines.addAll(table(contents.tensors()));
    if (!contents.metadata().isEmpty()) {
      lines.add("");
      lines.add(console.bold("Metadata"));
      contents
          .metadata()
          .forEach(
              (key, value) ->
                  lines.add("  " + shown(key, LONGEST_NAME) + " = " + shown(value, LONGEST_VALUE)));
    }
    contents
        .architecture()
        .ifPresent(
            text -> {
              lines.add("");
              lines.add(console.bold("Architecture"));
              lines.add("  " + shown(text, Integer.MAX_VALUE));
            });
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

  private static List<String> table(List<TensorEntry> tensors) {
    List<String[]> rows = new ArrayList<>();
    rows.add(new String[] {"tensor", "dtype", "shape", "bytes", "taken for"});
    for (TensorEntry tensor : tensors) {
      rows.add(
          new String[] {
            shown(tensor.name(), LONGEST_NAME),
            tensor.dtype(),
            tensor.shape().toString(),
            String.format(Locale.ROOT, "%,d", tensor.bytes()),
            tensor.use()
          });
    }
    int[] widths = new int[rows.getFirst().length];
    for (String[] row : rows) {
      for (int i = 0; i < row.length; i++) {
        widths[i] = Math.max(widths[i], row[i].length());
      }
    }
    String format =
        String.format(
            Locale.ROOT,
            "  %%-%ds  %%-%ds  %%-%ds  %%%ds  %%s",
            widths[0],
            widths[1],
            widths[2],
            widths[3]);
    return rows.stream()
        .map(row -> String.format(Locale.ROOT, format, (Object[]) row).stripTrailing())
        .toList();
  }

  /** Text from a file, short, and without what a terminal would obey. */
  private static String shown(String text, int most) {
    boolean whole = text.codePointCount(0, text.length()) <= most;
    String first = whole ? text : text.substring(0, text.offsetByCodePoints(0, most)) + "...";
    return HARMFUL
        .matcher(first)
        .replaceAll(c -> String.format(Locale.ROOT, "(U+%04X)", c.group().codePointAt(0)));
  }

  /** JSON that means the same, in which no character but a line break does anything. */
  private static String harmless(String text) {
    return HARMFUL
        .matcher(text)
        .replaceAll(
            c ->
                c.group().equals("\n")
                    ? "\n"
                    : c.group()
                        .chars()
                        .mapToObj(unit -> String.format(Locale.ROOT, "\\\\u%04x", unit))
                        .collect(Collectors.joining()));
  }

  private static JsonObject asJson(FileContents contents) {
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
    all.add("remarks", GSON.toJsonTree(contents.remarks()));
    all.add("calls", GSON.toJsonTree(contents.calls()));
    return all;
  }
}
