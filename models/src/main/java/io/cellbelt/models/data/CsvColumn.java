package io.cellbelt.models.data;

import io.cellbelt.graphs.ElementType;
import io.cellbelt.graphs.ElementType.Storage;
import io.cellbelt.graphs.Tensor;
import java.util.Arrays;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** A column of a table that grows: whole numbers until one is none. */
final class CsvColumn {
  private static final Pattern WHOLE = Pattern.compile("[+-]?\\d{1,18}");
  private static final Pattern NUMBER =
      Pattern.compile(
          "[+-]?(?:(?:\\d+\\.?\\d*|\\.\\d+)(?:[eE][+-]?\\d+)?|nan|inf|infinity)",
          Pattern.CASE_INSENSITIVE);
  private static final Pattern PART = Pattern.compile("(.*)\\[(\\d{1,9})]", Pattern.DOTALL);

  private long[] wholes = new long[16];
  private double[] reals;
  private int size;

  /** Whether a field is a number. */
  static boolean isNumber(String field) {
    return NUMBER.matcher(field.strip()).matches();
  }

  /** Adds a number. */
  void add(String field) {
    if (reals == null && !WHOLE.matcher(field).matches()) {
      reals = new double[wholes.length];
      Arrays.setAll(reals, i -> wholes[i]);
      wholes = null;
    }
    if (reals != null) {
      reals = size == reals.length ? Arrays.copyOf(reals, 2 * size) : reals;
      reals[size++] = real(field);
    } else {
      wholes = size == wholes.length ? Arrays.copyOf(wholes, 2 * size) : wholes;
      wholes[size++] = Long.parseLong(field);
    }
  }

  private static double real(String field) {
    String lower = field.toLowerCase(Locale.ROOT);
    if (lower.endsWith("nan")) {
      return Double.NaN;
    }
    if (lower.endsWith("inf") || lower.endsWith("infinity")) {
      return lower.startsWith("-") ? Double.NEGATIVE_INFINITY : Double.POSITIVE_INFINITY;
    }
    return Double.parseDouble(lower);
  }

  private double at(int row) {
    return reals != null ? reals[row] : wholes[row];
  }

  /** The rows of columns that belong together, [rows, columns]. */
  static Tensor tensor(List<CsvColumn> columns) {
    return tensor(columns, columns.getFirst().size, columns.size());
  }

  private static Tensor tensor(List<CsvColumn> columns, int... shape) {
    int width = columns.size();
    int count = Math.multiplyExact(width, columns.getFirst().size);
    if (columns.stream().allMatch(column -> column.reals == null)) {
      long[] all = new long[count];
      Arrays.setAll(all, i -> columns.get(i % width).wholes[i / width]);
      return Tensor.wrap(ElementType.I64, all, shape);
    }
    double[] all = new double[count];
    Arrays.setAll(all, i -> columns.get(i % width).at(i / width));
    return Tensor.wrap(all, shape);
  }

  /** A tensor for each name, of several columns where they are called {@code name[0]} and so on. */
  static Map<String, Tensor> tensors(List<String> names, List<CsvColumn> columns) {
    Map<String, Tensor> tensors = new LinkedHashMap<>();
    int width;
    for (int i = 0; i < names.size(); i += width) {
      String name = names.get(i).strip();
      Matcher part = PART.matcher(name);
      width = part.matches() ? parts(part.group(1), names, i) : 0;
      Tensor tensor;
      if (width > 0) {
        name = part.group(1);
        tensor = tensor(columns.subList(i, i + width));
      } else {
        width = 1;
        tensor = tensor(columns.subList(i, i + 1), columns.get(i).size);
      }
      if (tensors.put(name, tensor) != null) {
        throw new IllegalArgumentException("the name " + name + " stands above two columns");
      }
    }
    return Collections.unmodifiableMap(tensors);
  }

  /** How many names follow each other as parts of one. */
  private static int parts(String name, List<String> names, int from) {
    int count = 0;
    while (from + count < names.size()
        && names.get(from + count).strip().equals(name + "[" + count + "]")) {
      count++;
    }
    return count;
  }

  /** An element as text that is read back as it is. */
  static String text(Tensor tensor, int index) {
    if (tensor.type().storage() == Storage.LONG) {
      long value = ((long[]) tensor.shared())[index];
      return tensor.type() == ElementType.U64 ? Long.toUnsignedString(value) : Long.toString(value);
    }
    return tensor.shared() instanceof float[] floats
        ? Float.toString(floats[index])
        : Double.toString(tensor.doubleAt(index));
  }
}
