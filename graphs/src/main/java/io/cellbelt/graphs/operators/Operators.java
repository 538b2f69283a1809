package io.cellbelt.graphs.operators;

import io.cellbelt.graphs.Attribute;
import io.cellbelt.graphs.Graph;
import io.cellbelt.graphs.Node;
import io.cellbelt.graphs.plan.Operator;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeSet;

/** All operators by name. */
public final class Operators {
  private Operators() {}

  /**
   * The operator of a node.
   *
   * @throws IllegalArgumentException if there is none
   */
  public static Operator of(Node node) {
    Operator operator = find(node);
    if (operator == null) {
      throw new IllegalArgumentException(node.describe() + " is not supported.");
    }
    return operator;
  }

  /** Null if there is none. */
  private static Operator find(Node node) {
    String name = node.operator();
    return switch (node.domain()) {
      case "" -> find(name);
      case Node.OWN -> name.startsWith("Masked") ? Recurrent.masked(name) : null;
      case "com.microsoft" ->
          name.equals("DynamicQuantizeLSTM") ? QuantisedRecurrent.OPERATOR : null;
      default -> null;
    };
  }

  /**
   * By name rather than from a map of all: a family is loaded, and the code of a rule is linked,
   * when a graph has such a node. All at once took 145 ms of the start of a JVM.
   */
  private static Operator find(String name) {
    return switch (name) {
      case "Constant", "ConstantOfShape", "ConstantFill", "Shape", "Size", "Range", "EyeLike" ->
          Constants.operator(name);
      case "Identity",
          "Dropout",
          "Reshape",
          "Flatten",
          "Squeeze",
          "Unsqueeze",
          "Transpose",
          "Expand",
          "Slice",
          "Split",
          "DepthToSpace",
          "SpaceToDepth" ->
          Views.operator(name);
      case "Concat", "Tile", "Pad" -> Joining.operator(name);
      case "Gather", "GatherElements", "GatherND" -> Picking.operator(name);
      case "Scatter", "ScatterElements", "ScatterND", "OneHot" -> Scattering.operator(name);
      case "NonZero", "Compress", "Unique" -> Selecting.operator(name);
      case "TopK", "ArgMax", "ArgMin" -> Ranking.operator(name);
      case "CumSum", "Trilu", "ReverseSequence" -> Sequences.operator(name);
      case "Resize", "Upsample" -> Resizing.operator(name);
      case "Add", "Sub", "Mul", "Div", "PRelu", "Pow", "Mod", "Min", "Max", "Sum", "Mean" ->
          Arithmetic.operator(name);
      case "Abs",
          "Neg",
          "Sign",
          "Relu",
          "Exp",
          "Log",
          "Sqrt",
          "Reciprocal",
          "Floor",
          "Ceil",
          "Round",
          "Erf",
          "Sigmoid",
          "Tanh",
          "Softplus",
          "Softsign",
          "Sin",
          "Cos",
          "Tan",
          "Asin",
          "Acos",
          "Atan",
          "Sinh",
          "Cosh",
          "Asinh",
          "Acosh",
          "Atanh",
          "Clip" ->
          Functions.operator(name);
      case "LeakyRelu",
          "Elu",
          "Selu",
          "Celu",
          "ThresholdedRelu",
          "HardSigmoid",
          "HardSwish",
          "Gelu",
          "Mish",
          "Swish",
          "Shrink",
          "ScaledTanh",
          "Affine",
          "ParametricSoftplus" ->
          Activations.operator(name);
      case "And",
          "Or",
          "Xor",
          "Not",
          "Equal",
          "Less",
          "LessOrEqual",
          "Greater",
          "GreaterOrEqual",
          "Where",
          "IsNaN",
          "IsInf",
          "BitwiseAnd",
          "BitwiseOr",
          "BitwiseXor",
          "BitwiseNot",
          "BitShift" ->
          Logic.operator(name);
      case "Cast", "CastLike" -> Casts.operator(name);
      case "ReduceSum",
          "ReduceProd",
          "ReduceMax",
          "ReduceMin",
          "ReduceL1",
          "ReduceSumSquare",
          "ReduceL2",
          "ReduceMean",
          "ReduceLogSum",
          "ReduceLogSumExp" ->
          Reductions.operator(name);
      case "MatMul", "Gemm" -> Products.operator(name);
      case "Einsum" -> Einsum.operator(name);
      case "Conv", "ConvTranspose" -> Convolutions.operator(name);
      case "MaxPool",
          "AveragePool",
          "LpPool",
          "GlobalMaxPool",
          "GlobalAveragePool",
          "GlobalLpPool" ->
          Pooling.operator(name);
      case "BatchNormalization", "LpNormalization", "MeanVarianceNormalization", "LRN" ->
          Normalisations.operator(name);
      case "LayerNormalization",
          "RMSNormalization",
          "InstanceNormalization",
          "GroupNormalization" ->
          RowNormalisations.operator(name);
      case "Softmax", "LogSoftmax", "Hardmax" -> Softmaxes.operator(name);
      case "DFT", "STFT", "HannWindow", "HammingWindow", "BlackmanWindow", "MelWeightMatrix" ->
          Signal.operator(name);
      case "QuantizeLinear", "DequantizeLinear", "DynamicQuantizeLinear" ->
          Quantised.operator(name);
      case "MatMulInteger", "QLinearMatMul", "ConvInteger", "QLinearConv" ->
          QuantisedProducts.operator(name);
      case "LSTM", "GRU", "RNN" -> Recurrent.operator(name);
      case "If", "Loop", "Scan" -> Control.operator(name);
      default -> null;
    };
  }

  /** Of a name that stands above beside a family that lacks it. */
  static AssertionError unknown(String name) {
    return new AssertionError("There is no operator " + name + " in this family.");
  }

  /** What of a graph is not supported, a line for each node and reason. */
  public static List<String> unsupported(Graph graph) {
    List<String> all = new ArrayList<>();
    for (Node node : graph.nodes()) {
      Operator operator = find(node);
      if (operator == null) {
        all.add(node.describe() + ": there is no such operator here.");
      } else if (node.version() > Node.NEWEST && node.domain().isEmpty()) {
        all.add(
            node.describe()
                + ": the operators known here are those up to opset "
                + Node.NEWEST
                + ".");
      } else {
        TreeSet<String> unknown = new TreeSet<>(node.attributes().keySet());
        unknown.removeAll(operator.attributes());
        unknown.forEach(
            name -> all.add(node.describe() + ": it has no attribute '" + name + "' here."));
      }
      for (Attribute attribute : node.attributes().values()) {
        if (attribute instanceof Attribute.Body(Graph body)) {
          all.addAll(unsupported(body));
        }
      }
    }
    return all;
  }
}
