package io.cellbelt.models.data;

import static io.cellbelt.models.ModelFileException.quote;

import de.siegmar.fastcsv.reader.CsvParseException;
import de.siegmar.fastcsv.reader.CsvReader;
import de.siegmar.fastcsv.reader.CsvRecord;
import de.siegmar.fastcsv.writer.CsvWriter;
import de.siegmar.fastcsv.writer.LineDelimiter;
import io.cellbelt.graphs.Tensor;
import io.cellbelt.models.AtomicFiles;
import io.cellbelt.models.ModelFileException;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.Reader;
import java.io.UncheckedIOException;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Iterator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.Predicate;
import java.util.stream.Collectors;

/** Tables: rows of numbers, with or without names above them. */
final class CsvFormat implements ValueFormat {
  /** A value takes at least two bytes in a file and, while its column grows, 28 in memory. */
  private static final int MEMORY_FACTOR = 16;

  private static final String SEPARATORS = ",;\t";

  @Override
  public List<String> endings() {
    return List.of(".csv", ".tsv");
  }

  @Override
  public boolean recognises(Path file, String first) {
    return !first.isEmpty() && first.chars().noneMatch(c -> c < ' ' && "\t\r\n".indexOf(c) < 0);
  }

  @Override
  public Map<String, Tensor> read(Path file) throws ModelFileException {
    try {
      long bytes = Files.size(file);
      long memory = Runtime.getRuntime().maxMemory();
      if (bytes > memory / MEMORY_FACTOR) {
        throw ModelFileException.unreadable(
            file,
            String.format(
                Locale.ROOT,
                "its %d MB would take up to %d MB of memory, but this JVM may use only %d MB. Give"
                    + " it more with -Xmx.",
                bytes >> 20,
                bytes * MEMORY_FACTOR >> 20,
                memory >> 20));
      }
      // A decoder, unlike a Charset, makes the reader report malformed bytes and not replace them.
      try (BufferedReader text =
          new BufferedReader(
              new InputStreamReader(
                  Files.newInputStream(file), StandardCharsets.UTF_8.newDecoder()))) {
        return read(file, text);
      }
    } catch (CharacterCodingException e) {
      throw ModelFileException.unreadable(file, "it is not valid UTF-8. Save it again.");
    } catch (IOException e) {
      throw ModelFileException.unreadable(file, e);
    } catch (UncheckedIOException e) {
      throw ModelFileException.unreadable(file, e.getCause());
    } catch (CsvParseException e) {
      // Of the library's, the cause says what it is.
      String reason = e.getCause() == null ? e.getMessage() : e.getCause().getMessage();
      throw ModelFileException.unreadable(
          file, "as a table, it is wrong: " + quote(String.valueOf(reason)) + ".");
    } catch (IllegalArgumentException e) {
      throw ModelFileException.unreadable(file, e.getMessage() + ".");
    }
  }

  private static Map<String, Tensor> read(Path file, BufferedReader text) throws IOException {
    char separator = separator(text);
    try (CsvReader<CsvRecord> table =
        CsvReader.builder()
            .fieldSeparator(separator)
            .allowUnclosedQuote(false)
            .ofCsvRecord((Reader) text)) {
      Iterator<CsvRecord> rows = table.iterator();
      if (!rows.hasNext()) {
        throw ModelFileException.unreadable(file, "it has no rows.");
      }
      CsvRecord first = rows.next();
      if (first.getFields().stream().noneMatch(CsvColumn::isNumber)) {
        return named(first.getFields(), rows);
      }
      List<CsvColumn> columns = columns(first, field -> true);
      add(first, columns);
      rows.forEachRemaining(row -> add(row, columns));
      return Map.of(ValueFormat.nameOf(file), CsvColumn.tensor(columns));
    }
  }

  /** A column for each field that is wanted, and null for each other. */
  private static List<CsvColumn> columns(CsvRecord row, Predicate<String> isWanted) {
    return row.getFields().stream()
        .map(field -> isWanted.test(field) ? new CsvColumn() : null)
        .collect(Collectors.toCollection(ArrayList::new));
  }

  private static Map<String, Tensor> named(List<String> names, Iterator<CsvRecord> rows) {
    if (!rows.hasNext()) {
      throw new IllegalArgumentException("it has names but no rows");
    }
    CsvRecord first = rows.next();
    List<CsvColumn> columns = columns(first, CsvColumn::isNumber);
    add(first, columns);
    rows.forEachRemaining(row -> add(row, columns));
    List<String> kept = new ArrayList<>(names);
    for (int i = columns.size() - 1; i >= 0; i--) {
      if (columns.get(i) == null) {
        columns.remove(i);
        kept.remove(i);
      }
    }
    if (columns.isEmpty()) {
      throw new IllegalArgumentException("it has no column of numbers");
    }
    return CsvColumn.tensors(kept, columns);
  }

  private static void add(CsvRecord row, List<CsvColumn> columns) {
    for (int i = 0; i < columns.size(); i++) {
      if (columns.get(i) != null) {
        String field = row.getField(i).strip();
        if (!CsvColumn.isNumber(field)) {
          throw new IllegalArgumentException(
              String.format(
                  Locale.ROOT,
                  "in line %d, column %d must be a number, but is %s",
                  row.getStartingLineNumber(),
                  i + 1,
                  quote(field)));
        }
        columns.get(i).add(field);
      }
    }
  }

  /** What stands between the values of the first line. */
  private static char separator(BufferedReader text) throws IOException {
    text.mark(1 << 16);
    if (text.read() != '\ufeff') {
      text.reset();
      text.mark(1 << 16);
    } else {
      text.mark(1 << 16);
    }
    char separator = ',';
    int c;
    for (int i = 0; i < 1 << 15 && (c = text.read()) >= 0 && c != '\n' && c != '\r'; i++) {
      if (SEPARATORS.indexOf(c) >= 0) {
        separator = (char) c;
        break;
      }
    }
    text.reset();
    return separator;
  }

  @Override
  public void write(Path file, Map<String, Tensor> tensors) throws ModelFileException {
    int rows = requireRows(tensors);
    List<String> names = new ArrayList<>();
    tensors.forEach(
        (name, tensor) -> {
          for (int i = 0; tensor.rank() == 2 && i < tensor.shape()[1]; i++) {
            names.add(name + "[" + i + "]");
          }
          if (tensor.rank() == 1) {
            names.add(name);
          }
        });
    if (names.stream().anyMatch(CsvColumn::isNumber)) {
      throw new IllegalArgumentException(
          "Columns of a table have names that are no numbers, but got " + names + ".");
    }
    boolean hasTabs = String.valueOf(file.getFileName()).toLowerCase(Locale.ROOT).endsWith(".tsv");
    AtomicFiles.write(
        file,
        out -> {
          try (CsvWriter table =
              CsvWriter.builder()
                  .fieldSeparator(hasTabs ? '\t' : ',')
                  .lineDelimiter(LineDelimiter.LF)
                  .build(out)) {
            table.writeRecord(names);
            for (int row = 0; row < rows; row++) {
              table.writeRecord(row(tensors, row, rows));
            }
          } catch (UncheckedIOException e) {
            throw e.getCause();
          }
        });
  }

  private static List<String> row(Map<String, Tensor> tensors, int row, int rows) {
    List<String> values = new ArrayList<>();
    for (Tensor tensor : tensors.values()) {
      int width = tensor.size() / rows;
      for (int i = row * width; i < (row + 1) * width; i++) {
        values.add(CsvColumn.text(tensor, i));
      }
    }
    return values;
  }

  private static int requireRows(Map<String, Tensor> tensors) {
    int rows = -1;
    for (Map.Entry<String, Tensor> named : tensors.entrySet()) {
      Tensor tensor = named.getValue();
      int[] shape = tensor.shape();
      boolean isTable = (shape.length == 1 || shape.length == 2) && tensor.size() > 0;
      if (!isTable || rows >= 0 && shape[0] != rows) {
        throw new IllegalArgumentException(
            String.format(
                Locale.ROOT,
                "Tensors of a table are [rows] or [rows, columns] with the same rows, but %s is %s."
                    + " Write an .npz or .safetensors.",
                quote(named.getKey()),
                Arrays.toString(shape)));
      }
      rows = shape[0];
    }
    if (rows < 0) {
      throw new IllegalArgumentException("A table has a tensor or more, but got none.");
    }
    return rows;
  }
}
