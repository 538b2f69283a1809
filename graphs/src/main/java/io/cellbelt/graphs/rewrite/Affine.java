package io.cellbelt.graphs.rewrite;

import io.cellbelt.graphs.ElementType;
import io.cellbelt.graphs.Node;
import io.cellbelt.graphs.Tensor;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * A value that is a sum of products with constant matrices, and of constants: {@code W x + U h + b}
 * for one sequence, written out in whatever order and with its gates together or apart.
 *
 * @param terms the matrices by the value that they are multiplied with
 * @param bias a number for each element, all sums done
 */
record Affine(Map<String, Term> terms, double[] bias) {
  /** Sums of more parts are none that an exporter writes. */
  private static final int DEEPEST = 24;

  /**
   * Rows and columns of a constant matrix.
   *
   * @param transposed whether a row belongs to an output, otherwise to an input
   * @param from the first input
   * @param inputs how many
   * @param at the first output
   */
  record Term(Tensor matrix, boolean transposed, int from, int inputs, int at) {
    float of(int output, int input) {
      int columns = matrix.shape()[1];
      int index =
          transposed
              ? (at + output) * columns + from + input
              : (from + input) * columns + at + output;
      return ((float[]) matrix.shared())[index];
    }

    Term after(int skipped) {
      return new Term(matrix, transposed, from, inputs, at + skipped);
    }
  }

  int width() {
    return bias.length;
  }

  /** The values that are multiplied. */
  Set<String> sources() {
    return terms.keySet();
  }

  /** What a value is; null where it is something else. */
  static Affine of(String value, Values values) {
    return of(value, values, 0);
  }

  private static Affine of(String value, Values values, int depth) {
    String name = values.origin(value);
    Tensor constant = depth == 0 ? null : values.constant(name);
    if (constant != null) {
      return ofConstant(constant);
    }
    Node node = values.producer(name);
    if (depth > DEEPEST || node == null || !node.domain().isEmpty()) {
      return null;
    }
    return switch (node.operator()) {
      case "MatMul" -> product(Values.input(node, 0), Values.input(node, 1), false, values);
      case "Gemm" -> gemm(node, values, depth);
      case "Add" ->
          sum(
              of(node.inputs().getFirst(), values, depth + 1),
              of(node.inputs().getLast(), values, depth + 1));
      case "Split" -> split(node, name, values, depth);
      case "Slice" -> slice(node, values, depth);
      // Of one sequence, whose axis comes back with what is added.
      case "Squeeze" -> of(node.inputs().getFirst(), values, depth + 1);
      default -> null;
    };
  }

  private static Affine ofConstant(Tensor constant) {
    int rank = constant.rank();
    boolean fits =
        constant.type() == ElementType.F32
            && rank >= 1
            && rank <= 2
            && constant.shape()[rank - 1] == constant.size();
    return fits ? new Affine(Map.of(), constant.doubles()) : null;
  }

  private static Affine product(String source, String matrix, boolean transposed, Values values) {
    Tensor tensor = values.constant(matrix);
    String from = values.origin(source);
    if (tensor == null || tensor.rank() != 2 || tensor.type() != ElementType.F32) {
      return null;
    }
    int inputs = tensor.shape()[transposed ? 1 : 0];
    double[] zeros = new double[tensor.shape()[transposed ? 0 : 1]];
    Node joined = values.producer(from);
    if (!Values.is(joined, "Concat") || joined.inputs().size() != 2) {
      return new Affine(Map.of(from, new Term(tensor, transposed, 0, inputs, 0)), zeros);
    }
    // Both side by side, of which one has a size that is known.
    long axis = Values.whole(joined, "axis", 0);
    String first = values.origin(joined.inputs().getFirst());
    String second = values.origin(joined.inputs().getLast());
    int size = values.lastSize(first);
    size = size < 0 && values.lastSize(second) >= 0 ? inputs - values.lastSize(second) : size;
    if (axis != 1 && axis != -1 || size < 1 || size >= inputs || first.equals(second)) {
      return null;
    }
    Map<String, Term> terms = new LinkedHashMap<>();
    terms.put(first, new Term(tensor, transposed, 0, size, 0));
    terms.put(second, new Term(tensor, transposed, size, inputs - size, 0));
    return new Affine(terms, zeros);
  }

  private static Affine gemm(Node node, Values values, int depth) {
    boolean plain =
        Values.real(node, "alpha", 1) == 1
            && Values.real(node, "beta", 1) == 1
            && Values.whole(node, "transA", 0) == 0;
    if (!plain) {
      return null;
    }
    boolean transposed = Values.whole(node, "transB", 0) != 0;
    Affine product = product(Values.input(node, 0), Values.input(node, 1), transposed, values);
    String added = Values.input(node, 2);
    return added.isEmpty() ? product : sum(product, of(added, values, depth + 1));
  }

  private static Affine sum(Affine first, Affine second) {
    if (first == null || second == null || first.width() != second.width()) {
      return null;
    }
    Map<String, Term> terms = new LinkedHashMap<>(first.terms);
    for (Map.Entry<String, Term> term : second.terms.entrySet()) {
      if (terms.put(term.getKey(), term.getValue()) != null) {
        return null;
      }
    }
    double[] bias = first.bias.clone();
    for (int i = 0; i < bias.length; i++) {
      bias[i] += second.bias[i];
    }
    return new Affine(terms, bias);
  }

  private static Affine split(Node node, String value, Values values, int depth) {
    long axis = Values.whole(node, "axis", 0);
    Affine whole = of(node.inputs().getFirst(), values, depth + 1);
    if (whole == null || axis != 1 && axis != -1) {
      return null;
    }
    int parts = node.outputs().size();
    long[] sizes = values.wholes(node, "split", 1);
    if (sizes == null && whole.width() % parts != 0) {
      return null;
    }
    List<Long> all = new ArrayList<>();
    for (int i = 0; i < parts; i++) {
      all.add(sizes == null ? whole.width() / parts : sizes[i]);
    }
    int index = node.outputs().indexOf(value);
    long before = all.subList(0, index).stream().mapToLong(size -> size).sum();
    return whole.part(before, before + all.get(index));
  }

  private static Affine slice(Node node, Values values, int depth) {
    Affine whole = of(node.inputs().getFirst(), values, depth + 1);
    long[] starts = values.wholes(node, "starts", 1);
    long[] ends = values.wholes(node, "ends", 2);
    long[] axes = values.wholes(node, "axes", 3);
    long[] steps = values.wholes(node, "steps", 4);
    boolean plain =
        whole != null
            && starts != null
            && ends != null
            && axes != null
            && starts.length == 1
            && ends.length == 1
            && axes.length == 1
            && (axes[0] == 1 || axes[0] == -1)
            && (steps == null || steps.length == 1 && steps[0] == 1);
    return plain ? whole.part(starts[0], Math.min(ends[0], whole.width())) : null;
  }

  private Affine part(long from, long to) {
    if (from < 0 || to > width() || from >= to) {
      return null;
    }
    Map<String, Term> some = new LinkedHashMap<>();
    terms.forEach((source, term) -> some.put(source, term.after((int) from)));
    double[] numbers = new double[(int) (to - from)];
    System.arraycopy(bias, (int) from, numbers, 0, numbers.length);
    return new Affine(some, numbers);
  }

  /** Whether the matrix of a source has so many inputs. */
  boolean takes(String source, int inputs) {
    return terms.containsKey(source) && terms.get(source).inputs() == inputs;
  }
}
