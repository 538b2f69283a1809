package io.cellbelt.graphs.operators;

import io.cellbelt.graphs.plan.Site;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * The equation of an Einsum, such as {@code bij,bjk->bik}, for operands whose dimensions are known.
 * A letter is a label; the dimensions of an ellipsis have the labels -1, -2, ... from the last on.
 *
 * @param operands labels of each one's dimensions
 * @param output labels of the result's dimensions
 */
record EinsumEquation(List<List<Integer>> operands, List<Integer> output) {
  private static final String ELLIPSIS = "...";

  static EinsumEquation of(Site site) {
    String text = site.text("equation", "").replace(" ", "");
    String[] sides = text.split("->", -1);
    String[] terms = sides[0].split(",", -1);
    if (sides.length > 2 || terms.length != site.inputs()) {
      throw site.refuse(
          "its equation names the dimensions of its "
              + site.inputs()
              + " operands, such as \"ij,jk->ik\", but is \""
              + text
              + "\".");
    }
    List<List<Integer>> operands = new ArrayList<>();
    int more = 0;
    for (int i = 0; i < terms.length; i++) {
      int rank = site.in(i).rank();
      List<Integer> labels = labels(site, terms[i], rank);
      if (labels.size() != rank) {
        throw site.refuse(
            "\"" + terms[i] + "\" names " + labels.size() + " dimensions of " + site.in(i) + ".");
      }
      more = Math.max(more, (int) labels.stream().filter(label -> label < 0).count());
      operands.add(labels);
    }
    List<Integer> output =
        sides.length == 2 ? parsed(site, sides[1], more) : implied(operands, more);
    List<Integer> known = operands.stream().flatMap(List::stream).toList();
    if (!known.containsAll(output) || output.stream().distinct().count() < output.size()) {
      throw site.refuse(
          "its result has each dimension once, and those of its operands, but the equation is \""
              + text
              + "\".");
    }
    return new EinsumEquation(operands, output);
  }

  static String describe(int label) {
    return label < 0 ? "one of the ellipsis" : "'" + (char) label + "'";
  }

  private static List<Integer> labels(Site site, String term, int rank) {
    int letters = term.replace(ELLIPSIS, "").length();
    return parsed(site, term, term.contains(ELLIPSIS) ? Math.max(0, rank - letters) : 0);
  }

  private static List<Integer> parsed(Site site, String term, int more) {
    String[] parts = term.split("\\.\\.\\.", -1);
    boolean isPlain = Arrays.stream(parts).allMatch(part -> part.matches("[a-zA-Z]*"));
    if (!isPlain || parts.length > 2) {
      throw site.refuse(
          "a dimension is a letter, and others are \"...\" once, but got \"" + term + "\".");
    }
    List<Integer> labels = new ArrayList<>(parts[0].chars().boxed().toList());
    if (parts.length == 2) {
      for (int i = more; i > 0; i--) {
        labels.add(-i);
      }
      labels.addAll(parts[1].chars().boxed().toList());
    }
    return labels;
  }

  /** The ellipsis, and the letters that are there once, in order. */
  private static List<Integer> implied(List<List<Integer>> operands, int more) {
    List<Integer> all = operands.stream().flatMap(List::stream).toList();
    List<Integer> output = new ArrayList<>();
    for (int i = more; i > 0; i--) {
      output.add(-i);
    }
    all.stream()
        .filter(label -> label >= 0 && all.stream().filter(label::equals).count() == 1)
        .sorted()
        .forEach(output::add);
    return output;
  }
}
