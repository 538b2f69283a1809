package io.cellbelt.graphs.operators;

import io.cellbelt.graphs.ElementType;
import io.cellbelt.graphs.ElementType.Storage;
import io.cellbelt.graphs.plan.Layout;
import io.cellbelt.graphs.plan.Operand;
import io.cellbelt.graphs.plan.Operator;
import io.cellbelt.graphs.plan.Site;
import java.util.Arrays;

/**
 * Products and convolutions of bytes, to the bit what ONNX Runtime makes of them where its sums are
 * exact.
 */
final class QuantisedProducts {
  private static final String[] WINDOW = {
    "auto_pad", "dilations", "group", "kernel_shape", "pads", "strides"
  };

  private QuantisedProducts() {}

  /** The operator of a name. */
  static Operator operator(String name) {
    return switch (name) {
      case "MatMulInteger" -> Operator.of(name, QuantisedProducts::matMulInteger);
      case "QLinearMatMul" -> Operator.of(name, QuantisedProducts::matMul);
      case "ConvInteger" -> Operator.of(name, QuantisedProducts::convInteger, WINDOW);
      case "QLinearConv" -> Operator.of(name, QuantisedProducts::conv, WINDOW);
      default -> throw Operators.unknown(name);
    };
  }

  private static void matMulInteger(Site site) {
    site.out(0, product(site, site.in(0), site.optional(2), site.in(1), site.optional(3)));
  }

  private static Operand product(
      Site site, Operand a, Operand zeroOfA, Operand b, Operand zeroOfB) {
    int rows = Math.max(0, a.rank() - 2);
    int columns = Math.max(0, b.rank() - 1);
    return ExactProducts.product(
        site,
        ExactProducts.centred(site, bytes(site, a), ofBytes(site, zeroOfA, rows, a)),
        ExactProducts.centred(site, bytes(site, b), ofBytes(site, zeroOfB, columns, b)));
  }

  private static Operand bytes(Site site, Operand operand) {
    if (!operand.type().isInteger() || operand.type().bits() != Byte.SIZE) {
      throw site.refuse("it multiplies integers of 8 bits, but got " + operand + ".");
    }
    return operand;
  }

  /** Zero points of an operand: null, one, or one for each index of an axis. */
  private static Operand ofBytes(Site site, Operand zero, int axis, Operand of) {
    return zero == null ? null : parameter(site, bytes(site, zero), axis, of.shape());
  }

  /** A scale or zero point, one, or one for each index of an axis of a shape. */
  private static Operand parameter(Site site, Operand parameter, int axis, int[] shape) {
    Operand along = Quantised.along(parameter, axis, shape.length);
    if (!Arrays.equals(shape, Broadcasting.shape(site, shape, along.shape()))) {
      throw site.refuse(
          "scales and zero points repeat to "
              + Arrays.toString(shape)
              + ", but got "
              + parameter
              + ".");
    }
    return along;
  }

  private static void matMul(Site site) {
    Operand a = site.in(0);
    Operand b = site.in(3);
    Operand sums = product(site, a, site.in(2), b, site.in(5));
    int rank = sums.rank();
    int rows = Math.max(0, rank - 2);
    Operand scaleOfA = scale(site, 1, rows, sums);
    Operand scaleOfB = scale(site, 4, Math.max(0, rank - 1), sums);
    Operand scale = combined(site, scaleOfA, scaleOfB, scale(site, 6, rows, sums));
    Operand zero = parameter(site, bytes(site, site.in(7)), rows, sums.shape());
    site.out(0, Quantised.quantised(site, sums, scale, zero, false, site.in(7).type()));
  }

  private static Operand scale(Site site, int index, int axis, Operand sums) {
    Operand scale = site.in(index);
    if (scale.storage() != Storage.FLOAT) {
      throw site.refuse("scales are floats, but got " + scale + ".");
    }
    return parameter(site, scale, axis, sums.shape());
  }

  /** What sums are multiplied with: {@code a b / y}, rounded at each step. */
  private static Operand combined(Site site, Operand a, Operand b, Operand y) {
    return Arithmetic.divide(site, Arithmetic.multiply(site, floats(a), floats(b)), floats(y));
  }

  /** Narrow floats as those that they are stored as. */
  private static Operand floats(Operand operand) {
    return operand.type() == ElementType.F32 ? operand : operand.as(ElementType.F32);
  }

  private static void convInteger(Site site) {
    site.out(0, convolved(site, site.in(0), site.optional(2), site.in(1), site.optional(3)));
  }

  private static Operand convolved(
      Site site, Operand x, Operand zeroOfX, Operand w, Operand zeroOfW) {
    int groups = site.whole("group", 1);
    boolean fits =
        x.rank() >= 3
            && w.rank() == x.rank()
            && groups > 0
            && x.size(1) == w.size(1) * groups
            && w.size(0) % groups == 0;
    if (!fits) {
      throw site.refuse(
          "with " + groups + " groups, x of " + x + " and a kernel of " + w + " do not fit.");
    }
    Window window =
        Window.of(
            site,
            Arrays.copyOfRange(x.shape(), 2, x.rank()),
            Arrays.copyOfRange(w.shape(), 2, w.rank()));
    return ExactProducts.convolved(
        site,
        ExactProducts.centred(site, bytes(site, x), ofBytes(site, zeroOfX, 1, x)),
        ExactProducts.centred(site, bytes(site, w), ofBytes(site, zeroOfW, 0, w)),
        window,
        groups);
  }

  private static void conv(Site site) {
    Operand x = site.in(0);
    Operand w = site.in(3);
    Operand sums = convolved(site, x, site.in(2), w, site.in(5));
    Operand bias = site.optional(8);
    if (bias != null) {
      if (bias.type() != ElementType.I32 || bias.size() != w.size(0)) {
        throw site.refuse("the bias is an integer of 32 bits a filter, but got " + bias + ".");
      }
      Layout layout = bias.layout();
      for (int d = 2; d < sums.rank(); d++) {
        layout = layout.with(layout.rank());
      }
      sums = Arithmetic.add(site, sums, bias.view(layout));
    }
    Operand scale =
        combined(site, scale(site, 1, 1, sums), scale(site, 4, 1, sums), scale(site, 6, 1, sums));
    Operand zero = parameter(site, bytes(site, site.in(7)), 1, sums.shape());
    site.out(0, Quantised.quantised(site, sums, scale, zero, false, site.in(7).type()));
  }
}
