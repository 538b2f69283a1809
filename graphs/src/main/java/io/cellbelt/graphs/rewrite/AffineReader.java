package io.cellbelt.graphs.rewrite;

import io.cellbelt.graphs.ElementType;
import io.cellbelt.graphs.Node;
import io.cellbelt.graphs.Tensor;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Reads one sum of products; used once. */
final class AffineReader {
  /** Sums of more nodes are none that an exporter writes. */
  private static final int MOST_NODES = 64;

  private final Values values;
  private int left = MOST_NODES;

  AffineReader(Values values) {
    this.values = values;
  }

  /** What a value is; null where it is no such sum, or too long. */
  Affine of(String value) {
    String name = values.origin(value);
    Tensor constant = values.constant(name);
    if (constant != null) {
      return ofConstant(constant);
    }
    Node node = values.producer(name);
    if (left-- == 0 || node == null || !node.domain().isEmpty()) {
      return null;
    }
    return switch (node.operator()) {
      case "MatMul" -> product(Values.input(node, 0), Values.input(node, 1), false);
      case "Gemm" -> gemm(node);
      case "Add" -> Affine.sum(of(node.inputs().getFirst()), of(node.inputs().getLast()));
      case "Split" -> split(node, name);
      case "Slice" -> slice(node);
      // Of one sequence, whose axis comes back with what is added.
      case "Squeeze" -> of(node.inputs().getFirst());
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

  private Affine product(String source, String matrix, boolean transposed) {
    Tensor tensor = values.constant(matrix);
    String from = values.origin(source);
    if (tensor == null || tensor.rank() != 2 || tensor.type() != ElementType.F32) {
      return null;
    }
    int inputs = tensor.shape()[transposed ? 1 : 0];
    double[] zeros = new double[tensor.shape()[transposed ? 0 : 1]];
    Node joined = values.producer(from);
    if (!Values.is(joined, "Concat") || joined.inputs().size() != 2) {
      return new Affine(Map.of(from, new Affine.Term(tensor, transposed, 0, inputs, 0)), zeros);
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
    Map<String, Affine.Term> terms = new LinkedHashMap<>();
    terms.put(first, new Affine.Term(tensor, transposed, 0, size, 0));
    terms.put(second, new Affine.Term(tensor, transposed, size, inputs - size, 0));
    return new Affine(terms, zeros);
  }

  private Affine gemm(Node node) {
    boolean plain =
        Values.real(node, "alpha", 1) == 1
            && Values.real(node, "beta", 1) == 1
            && Values.whole(node, "transA", 0) == 0;
    if (!plain) {
      return null;
    }
    boolean transposed = Values.whole(node, "transB", 0) != 0;
    Affine product = product(Values.input(node, 0), Values.input(node, 1), transposed);
    String added = Values.input(node, 2);
    return added.isEmpty() ? product : Affine.sum(product, of(added));
  }

  private Affine split(Node node, String value) {
    long axis = Values.whole(node, "axis", 0);
    Affine whole = of(node.inputs().getFirst());
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

  private Affine slice(Node node) {
    Affine whole = of(node.inputs().getFirst());
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
}
