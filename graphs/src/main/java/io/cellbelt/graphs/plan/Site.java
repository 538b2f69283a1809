package io.cellbelt.graphs.plan;

import io.cellbelt.graphs.Attribute;
import io.cellbelt.graphs.ElementType;
import io.cellbelt.graphs.Graph;
import io.cellbelt.graphs.Node;
import io.cellbelt.graphs.Tensor;
import io.cellbelt.kernels.PanelMatrix;
import io.cellbelt.kernels.PanelShape;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.function.Supplier;

/**
 * A node on its way to being ready, as its operator sees it: attributes, inputs with their shapes
 * and perhaps values, and where outputs and kernels go.
 */
public final class Site {
  private final Planner planner;
  private final Node node;
  private final Scope scope;
  private final List<Operand> inputs;
  private final Set<String> needed;
  private final Operand[] outputs;
  private final List<Operand> written = new ArrayList<>();

  Site(Planner planner, Node node, Scope scope, List<Operand> inputs, Set<String> needed) {
    this.planner = planner;
    this.node = node;
    this.scope = scope;
    this.inputs = inputs;
    this.needed = needed;
    outputs = new Operand[node.outputs().size()];
  }

  /** The node. */
  public Node node() {
    return node;
  }

  /** Version of the operators, which decides between meanings. */
  public int version() {
    return node.version();
  }

  /** An exception about this node, for the caller to throw. */
  public IllegalArgumentException refuse(String sentence) {
    return new IllegalArgumentException(node.describe() + ": " + sentence);
  }

  /** An exception about something that must be known, but only a run would give. */
  public DependsOnValuesException dependsOnValues(String what) {
    return new DependsOnValuesException(
        node.describe()
            + ": "
            + what
            + " is calculated from what is fed, so that shapes would change from run to run; give"
            + " the inputs that it depends on as constants.");
  }

  /** Whether the node has an attribute. */
  public boolean has(String attribute) {
    return node.attributes().containsKey(attribute);
  }

  /** An integer attribute. */
  public int whole(String attribute, int otherwise) {
    return switch (node.attributes().get(attribute)) {
      case null -> otherwise;
      case Attribute.Whole(long value) -> toInt(attribute, value);
      default -> throw refuse("the attribute " + attribute + " is an integer.");
    };
  }

  private int toInt(String what, long value) {
    // The largest and smallest long stand for "to the end" in slices.
    long inRange = Math.clamp(value, Integer.MIN_VALUE, Integer.MAX_VALUE);
    if (inRange != value && Math.abs(value) < Long.MAX_VALUE / 2) {
      throw refuse(what + " is " + value + ", which is more than a dimension can be.");
    }
    return (int) inRange;
  }

  /** A float attribute. */
  public float real(String attribute, float otherwise) {
    return switch (node.attributes().get(attribute)) {
      case null -> otherwise;
      case Attribute.Real(float value) -> value;
      case Attribute.Whole(long value) -> value;
      default -> throw refuse("the attribute " + attribute + " is a float.");
    };
  }

  /** A text attribute. */
  public String text(String attribute, String otherwise) {
    return switch (node.attributes().get(attribute)) {
      case null -> otherwise;
      case Attribute.Text(String value) -> value;
      default -> throw refuse("the attribute " + attribute + " is a text.");
    };
  }

  /** An attribute of integers, or null. */
  public int[] wholes(String attribute) {
    return switch (node.attributes().get(attribute)) {
      case null -> null;
      case Attribute.Wholes(List<Long> values) ->
          values.stream().mapToInt(value -> toInt(attribute, value)).toArray();
      case Attribute.Whole(long value) -> new int[] {toInt(attribute, value)};
      default -> throw refuse("the attribute " + attribute + " is a list of integers.");
    };
  }

  /** A constant attribute, or null. */
  public Tensor tensor(String attribute) {
    return switch (node.attributes().get(attribute)) {
      case null -> null;
      case Attribute.Constant(Tensor value) -> value;
      default -> throw refuse("the attribute " + attribute + " is a tensor.");
    };
  }

  /** A body. */
  public Graph body(String attribute) {
    if (node.attributes().get(attribute) instanceof Attribute.Body(Graph value)) {
      return value;
    }
    throw refuse("the attribute " + attribute + " is a graph, but there is none.");
  }

  /** How many inputs the node names, those that it leaves out too. */
  public int inputs() {
    return inputs.size();
  }

  /** How many outputs the node names. */
  public int outputs() {
    return outputs.length;
  }

  /** An input that must be there. */
  public Operand in(int index) {
    Operand input = optional(index);
    if (input == null) {
      throw refuse("its input " + index + " is missing.");
    }
    return input;
  }

  /** An input, or null where it is left out. */
  public Operand optional(int index) {
    return index < inputs.size() ? inputs.get(index) : null;
  }

  /** The value of an input that must be known when the graph is made ready. */
  public Tensor known(int index, String what) {
    Operand input = in(index);
    if (!input.isConstant()) {
      throw dependsOnValues(what);
    }
    return input.value();
  }

  /** Integers that must be known, such as a shape. */
  public int[] knownWholes(int index, String what) {
    return Arrays.stream(known(index, what).longs())
        .mapToInt(value -> toInt(what, value))
        .toArray();
  }

  /**
   * Integers that older versions have as an attribute, and newer ones as an input; null where
   * neither is there.
   */
  public int[] wholes(String attribute, int index) {
    if (has(attribute)) {
      return wholes(attribute);
    }
    return optional(index) == null ? null : knownWholes(index, attribute);
  }

  /** An axis, which may count from the last dimension. */
  public int axis(int axis, int rank) {
    if (axis < -rank || axis >= Math.max(rank, 1)) {
      throw refuse("there are " + rank + " dimensions, but the axis is " + axis + ".");
    }
    return axis < 0 ? axis + rank : axis;
  }

  /** Whether somebody wants an output. */
  public boolean wanted(int index) {
    return index < outputs.length && needed.contains(node.outputs().get(index));
  }

  /** Memory for an output, row-major without gaps. */
  public Operand out(int index, ElementType type, int... shape) {
    Operand output = planner.own(type, shape);
    set(index, output);
    written.add(output);
    return output;
  }

  /** An output that lies where something else does. */
  public void out(int index, Operand same) {
    set(index, same);
  }

  /**
   * An output in memory of its own that has just been calculated, and is rounded if it is narrow.
   */
  public void outRounded(int index, Operand fresh) {
    set(index, fresh);
    written.add(fresh);
  }

  /** An output that is known. */
  public void out(int index, Tensor known) {
    set(index, constant(known));
  }

  private void set(int index, Operand output) {
    if (index < outputs.length) {
      outputs[index] = output;
    }
  }

  /** A tensor that is known. */
  public Operand constant(Tensor known) {
    return Operand.of(known, planner.constants());
  }

  /** Memory for something in between, row-major without gaps. */
  public Operand scratch(ElementType type, int... shape) {
    return planner.own(type, shape);
  }

  /** Memory for something in between, with rows of more elements than the last dimension has. */
  public Operand scratchPadded(ElementType type, int row, int... shape) {
    return planner.padded(type, row, shape);
  }

  /** The operand row-major without gaps: itself, or a copy of it that a kernel makes. */
  public Operand dense(Operand operand) {
    return planner.dense(node, operand);
  }

  /** Copying an operand into a part of another, of the same shape and storage. */
  public void copy(Operand from, Operand to) {
    run(Copying.of(from, to), List.of(from), List.of(to));
  }

  /**
   * Fills a dense operand with elements of another of the same storage.
   *
   * @param sources for each element of {@code to}, which element of {@code from} it is, counted
   *     from the first
   */
  public void gather(Operand from, int[] sources, Operand to) {
    scatter(from, sources, to, to.layout().relativeIndices());
  }

  /**
   * Copying elements of an operand to places in another of the same storage.
   *
   * @param sources which elements, counted from the first of {@code from}
   * @param targets where each goes, counted from the first of {@code to}
   */
  public void scatter(Operand from, int[] sources, Operand to, int[] targets) {
    run(Copying.of(from, sources, to, targets), List.of(from), List.of(to));
  }

  /** Repeats an operand to a larger shape, without moving anything. */
  public Operand broadcast(Operand operand, int... shape) {
    return operand.view(operand.layout().broadcast(shape));
  }

  /** An operand in another shape, copied only where it must be. */
  public Operand reshaped(Operand operand, int... shape) {
    Layout layout = operand.layout().reshaped(shape);
    return layout != null ? operand.view(layout) : dense(operand).view(Layout.dense(shape));
  }

  /** A kernel that runs here; it touches no other memory than that of the operands named. */
  public void run(Kernel kernel, List<Operand> reads, List<Operand> writes) {
    planner.add(node, kernel, reads, writes);
  }

  /** What a kernel works in, one for each memory: {@code memory.tool(index)} is it. */
  public int tool(Supplier<? extends AutoCloseable> tool) {
    return planner.tool(tool);
  }

  /**
   * A constant matrix packed for products, once for all plans.
   *
   * @param matrix a constant
   * @param form says how the matrix was made from it; equal forms are the same matrix
   * @param dense its floats, {@code [inputs, columns]}
   */
  public PanelMatrix panels(
      Operand matrix, Object form, PanelShape shape, Supplier<float[]> dense) {
    return planner.constants().panels(matrix.whole(), List.of(matrix.layout(), form), shape, dense);
  }

  /** Anything else that is made from constants once for all plans, and closed with them. */
  public <T extends AutoCloseable> T made(
      List<Operand> from, Object form, Class<T> type, Supplier<T> make) {
    List<Object> key = new ArrayList<>();
    key.add(form);
    for (Operand constant : from) {
      key.add(constant.whole());
      key.add(constant.layout());
    }
    return planner.constants().made(from.getFirst().whole(), key, type, make);
  }

  /** Plans a body here, as if its nodes stood in place of this one; returns its outputs. */
  public List<Operand> inline(Graph body, List<Operand> bodyInputs) {
    return planner.inline(body, scope, bodyInputs);
  }

  /** Kernels that come up while something is planned, as one that this node runs when it likes. */
  public Part apart(Runnable planning) {
    List<Step> own = planner.apart(planning);
    return new Part(own);
  }

  /** Kernels of a body, in order. */
  public static final class Part {
    private final Kernel[] kernels;
    private final List<Step> steps;

    private Part(List<Step> steps) {
      this.steps = steps;
      kernels = steps.stream().map(Step::kernel).toArray(Kernel[]::new);
    }

    /** Runs them. */
    public void run(Memory memory) {
      for (Kernel kernel : kernels) {
        kernel.run(memory);
      }
    }
  }

  /** A kernel that runs parts, and so touches all that they do. */
  public void run(Kernel kernel, List<Part> parts, List<Operand> reads, List<Operand> writes) {
    planner.add(
        node, kernel, parts.stream().flatMap(part -> part.steps.stream()).toList(), reads, writes);
  }

  /** The outputs; narrow floats are rounded after what wrote them. */
  List<Operand> finish() {
    for (Operand output : written) {
      if (output.type() == ElementType.F16 || output.type() == ElementType.BF16) {
        Operand dense = output.view(Layout.dense((int) (output.place().bytes() / Float.BYTES)));
        run(memory -> round(dense, memory), List.of(dense), List.of(dense));
      }
    }
    for (int i = 0; i < outputs.length; i++) {
      if (outputs[i] == null && wanted(i)) {
        throw refuse("its output " + i + " is not supported.");
      }
    }
    return Arrays.asList(outputs);
  }

  private static void round(Operand dense, Memory memory) {
    long at = dense.at(memory);
    for (int i = 0; i < dense.size(0); i++, at += Float.BYTES) {
      Elements.setFloat(at, dense.type().rounded(Elements.getFloat(at)));
    }
  }
}
