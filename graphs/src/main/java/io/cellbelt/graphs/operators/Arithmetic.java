package io.cellbelt.graphs.operators;

import io.cellbelt.graphs.ElementType.Storage;
import io.cellbelt.graphs.Tensor;
import io.cellbelt.graphs.plan.Layout;
import io.cellbelt.graphs.plan.Operand;
import io.cellbelt.graphs.plan.Operator;
import io.cellbelt.graphs.plan.Site;
import io.cellbelt.kernels.elementwise.Binary;
import io.cellbelt.kernels.elementwise.Unary;
import java.util.function.DoubleBinaryOperator;
import java.util.function.LongBinaryOperator;

/** Operators that calculate with two tensors or more, element by element. */
final class Arithmetic {
  private Arithmetic() {}

  /** The operator of a name. */
  static Operator operator(String name) {
    return switch (name) {
      case "Add" -> of(name, Binary.ADD);
      case "Sub" -> of(name, Binary.SUBTRACT);
      case "Mul" -> of(name, Binary.MULTIPLY);
      case "Div" -> of(name, Binary.DIVIDE);
      case "PRelu" ->
          Operator.of(
              name,
              site -> site.outRounded(0, of(site, Binary.PRELU, site.in(0), slope(site))),
              "consumed_inputs");
      case "Pow" -> Operator.of(name, Arithmetic::power, "axis", "broadcast");
      case "Mod" -> Operator.of(name, Arithmetic::remainder, "fmod");
      case "Min" ->
          Operator.of(name, site -> site.out(0, all(site, Binary.MINIMUM)), "consumed_inputs");
      case "Max" ->
          Operator.of(name, site -> site.out(0, all(site, Binary.MAXIMUM)), "consumed_inputs");
      case "Sum" -> Operator.of(name, Arithmetic::sum, "consumed_inputs");
      case "Mean" -> Operator.of(name, Arithmetic::mean, "consumed_inputs");
      default -> throw Operators.unknown(name);
    };
  }

  private static Operator of(String name, Binary rule) {
    return Operator.of(
        name,
        site -> site.outRounded(0, of(site, rule, site.in(0), second(site))),
        "axis",
        "broadcast",
        "consumed_inputs");
  }

  /** A rule in the storage of its operands. */
  private static Operand of(Site site, Binary rule, Operand a, Operand b) {
    if (a.type() != b.type()) {
      throw site.refuse("both operands are of one type, but got " + a + " and " + b + ".");
    }
    return switch (a.storage()) {
      case FLOAT -> Pairwise.floats(site, rule, a, b);
      case DOUBLE -> Pairwise.doubles(site, ofDoubles(rule), a, b);
      case LONG -> Pairwise.longs(site, ofLongs(rule), a, b);
    };
  }

  private static DoubleBinaryOperator ofDoubles(Binary rule) {
    return switch (rule) {
      case ADD -> (a, b) -> a + b;
      case SUBTRACT -> (a, b) -> a - b;
      case MULTIPLY -> (a, b) -> a * b;
      case DIVIDE -> (a, b) -> a / b;
      case MINIMUM -> Math::min;
      case MAXIMUM -> Math::max;
      case PRELU -> (a, b) -> a < 0 ? a * b : a;
    };
  }

  private static LongBinaryOperator ofLongs(Binary rule) {
    return switch (rule) {
      case ADD -> (a, b) -> a + b;
      case SUBTRACT -> (a, b) -> a - b;
      case MULTIPLY -> (a, b) -> a * b;
      case DIVIDE -> (a, b) -> b == 0 ? 0 : a / b; // any number, as nothing is divided by zero
      case MINIMUM -> Math::min;
      case MAXIMUM -> Math::max;
      case PRELU -> (a, b) -> a < 0 ? a * b : a;
    };
  }

  /** {@code a + b}. */
  static Operand add(Site site, Operand a, Operand b) {
    return of(site, Binary.ADD, a, b);
  }

  /** The smaller of both. */
  static Operand minimum(Site site, Operand a, Operand b) {
    return of(site, Binary.MINIMUM, a, b);
  }

  /** The larger of both. */
  static Operand maximum(Site site, Operand a, Operand b) {
    return of(site, Binary.MAXIMUM, a, b);
  }

  /** {@code a - b}. */
  static Operand subtract(Site site, Operand a, Operand b) {
    return of(site, Binary.SUBTRACT, a, b);
  }

  /** {@code a / b}. */
  static Operand divide(Site site, Operand a, Operand b) {
    return of(site, Binary.DIVIDE, a, b);
  }

  /** {@code a b}. */
  static Operand multiply(Site site, Operand a, Operand b) {
    return of(site, Binary.MULTIPLY, a, b);
  }

  /**
   * The second operand. Up to opset 6 it is repeated only where the attribute broadcast says so,
   * and from the axis named on.
   */
  static Operand second(Site site) {
    Operand a = site.in(0);
    Operand b = site.in(1);
    if (site.version() >= 7 || !site.has("axis")) {
      return b;
    }
    int axis = site.axis(site.whole("axis", 0), a.rank());
    Layout layout = b.layout();
    for (int d = axis + b.rank(); d < a.rank(); d++) {
      layout = layout.with(layout.rank());
    }
    return b.view(layout);
  }

  /** Up to opset 6 a slope for each channel has one dimension; so has that of some exporters. */
  private static Operand slope(Site site) {
    Operand x = site.in(0);
    Operand slope = site.in(1);
    boolean channels =
        slope.rank() == 1
            && x.rank() > 1
            && slope.size(0) == x.size(1)
            && (site.version() < 7 || slope.size(0) != x.size(x.rank() - 1));
    Layout layout = slope.layout();
    for (int d = 2; channels && d < x.rank(); d++) {
      layout = layout.with(layout.rank());
    }
    return slope.view(layout);
  }

  private static Operand all(Site site, Binary rule) {
    Operand result = site.in(0);
    for (int i = 1; i < site.inputs(); i++) {
      result = of(site, rule, result, site.in(i));
    }
    return result;
  }

  private static void sum(Site site) {
    Operand sum = all(site, Binary.ADD);
    if (site.inputs() == 1) {
      site.out(0, sum);
    } else {
      site.outRounded(0, sum);
    }
  }

  private static void mean(Site site) {
    Operand sum = all(site, Binary.ADD);
    Tensor count = Tensor.of(new double[] {site.inputs()});
    Operand divisor = site.constant(Casts.converted(count, sum.type()).reshaped());
    site.outRounded(0, of(site, Binary.DIVIDE, sum, divisor));
  }

  private static void power(Site site) {
    Operand x = site.in(0);
    Operand exponent = second(site);
    Unary simple = simple(exponent);
    boolean keepsShape = exponent.shape().length <= x.shape().length;
    if (x.storage() == Storage.FLOAT && simple != null && keepsShape) {
      site.outRounded(0, Flat.floats(site, x, simple::apply));
    } else {
      site.outRounded(0, Pairwise.doubles(site, Math::pow, x, exponent));
    }
  }

  /** What a power is where the exponent is one of the usual numbers. */
  private static Unary simple(Operand exponent) {
    if (!exponent.isConstant() || exponent.size() != 1) {
      return null;
    }
    double value = exponent.value().doubleAt(0);
    if (value == 2) {
      return Unary.SQUARE;
    }
    if (value == 0.5) {
      return Unary.SQUARE_ROOT;
    }
    return value == 1 ? Unary.COPY : null;
  }

  private static void remainder(Site site) {
    Operand a = site.in(0);
    Operand b = site.in(1);
    boolean signOfDividend = site.whole("fmod", 0) != 0;
    if (a.type().isFloating()) {
      DoubleBinaryOperator op =
          signOfDividend ? (x, y) -> x % y : (x, y) -> x - y * Math.floor(x / y);
      site.outRounded(0, Pairwise.doubles(site, op, a, b));
      return;
    }
    LongBinaryOperator op =
        signOfDividend ? (x, y) -> y == 0 ? 0 : x % y : (x, y) -> y == 0 ? 0 : Math.floorMod(x, y);
    site.out(0, Pairwise.longs(site, op, a, b));
  }
}
