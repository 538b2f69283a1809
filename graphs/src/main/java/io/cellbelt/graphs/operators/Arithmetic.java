package io.cellbelt.graphs.operators;

import io.cellbelt.graphs.ElementType.Storage;
import io.cellbelt.graphs.Tensor;
import io.cellbelt.graphs.plan.Layout;
import io.cellbelt.graphs.plan.Operand;
import io.cellbelt.graphs.plan.Operator;
import io.cellbelt.graphs.plan.Site;
import io.cellbelt.kernels.elementwise.Binary;
import io.cellbelt.kernels.elementwise.Unary;
import java.util.List;
import java.util.function.DoubleBinaryOperator;
import java.util.function.LongBinaryOperator;

/** Operators that calculate with two tensors or more, element by element. */
final class Arithmetic {
  /** A rule of arithmetic in each storage. */
  private record Rule(Binary floats, DoubleBinaryOperator doubles, LongBinaryOperator longs) {
    Operand of(Site site, Operand a, Operand b) {
      if (a.type() != b.type()) {
        throw site.refuse("both operands are of one type, but got " + a + " and " + b + ".");
      }
      return switch (a.storage()) {
        case FLOAT -> Pairwise.floats(site, floats, a, b);
        case DOUBLE -> Pairwise.doubles(site, doubles, a, b);
        case LONG -> Pairwise.longs(site, longs, a, b);
      };
    }
  }

  private static final Rule ADD = new Rule(Binary.ADD, (a, b) -> a + b, (a, b) -> a + b);
  private static final Rule SUBTRACT = new Rule(Binary.SUBTRACT, (a, b) -> a - b, (a, b) -> a - b);
  private static final Rule MULTIPLY = new Rule(Binary.MULTIPLY, (a, b) -> a * b, (a, b) -> a * b);
  private static final Rule DIVIDE = new Rule(Binary.DIVIDE, (a, b) -> a / b, Arithmetic::quotient);
  private static final Rule MINIMUM = new Rule(Binary.MINIMUM, Math::min, Math::min);
  private static final Rule MAXIMUM = new Rule(Binary.MAXIMUM, Math::max, Math::max);
  private static final Rule SLOPE =
      new Rule(Binary.PRELU, (a, b) -> a < 0 ? a * b : a, (a, b) -> a < 0 ? a * b : a);

  static final List<Operator> ALL =
      List.of(
          of("Add", ADD),
          of("Sub", SUBTRACT),
          of("Mul", MULTIPLY),
          of("Div", DIVIDE),
          Operator.of(
              "PRelu",
              site -> site.outRounded(0, SLOPE.of(site, site.in(0), slope(site))),
              "consumed_inputs"),
          Operator.of("Pow", Arithmetic::power, "axis", "broadcast"),
          Operator.of("Mod", Arithmetic::remainder, "fmod"),
          Operator.of("Min", site -> site.out(0, all(site, MINIMUM)), "consumed_inputs"),
          Operator.of("Max", site -> site.out(0, all(site, MAXIMUM)), "consumed_inputs"),
          Operator.of("Sum", Arithmetic::sum, "consumed_inputs"),
          Operator.of("Mean", Arithmetic::mean, "consumed_inputs"));

  private Arithmetic() {}

  private static Operator of(String name, Rule rule) {
    return Operator.of(
        name,
        site -> site.outRounded(0, rule.of(site, site.in(0), second(site))),
        "axis",
        "broadcast",
        "consumed_inputs");
  }

  /** {@code a + b}. */
  static Operand add(Site site, Operand a, Operand b) {
    return ADD.of(site, a, b);
  }

  /** The smaller of both. */
  static Operand minimum(Site site, Operand a, Operand b) {
    return MINIMUM.of(site, a, b);
  }

  /** The larger of both. */
  static Operand maximum(Site site, Operand a, Operand b) {
    return MAXIMUM.of(site, a, b);
  }

  /** {@code a - b}. */
  static Operand subtract(Site site, Operand a, Operand b) {
    return SUBTRACT.of(site, a, b);
  }

  /** {@code a / b}. */
  static Operand divide(Site site, Operand a, Operand b) {
    return DIVIDE.of(site, a, b);
  }

  /** {@code a b}. */
  static Operand multiply(Site site, Operand a, Operand b) {
    return MULTIPLY.of(site, a, b);
  }

  /** Nothing is divided by zero: the result is 0, as it must be some number. */
  private static long quotient(long a, long b) {
    return b == 0 ? 0 : a / b;
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

  private static Operand all(Site site, Rule rule) {
    Operand result = site.in(0);
    for (int i = 1; i < site.inputs(); i++) {
      result = rule.of(site, result, site.in(i));
    }
    return result;
  }

  private static void sum(Site site) {
    Operand sum = all(site, ADD);
    if (site.inputs() == 1) {
      site.out(0, sum);
    } else {
      site.outRounded(0, sum);
    }
  }

  private static void mean(Site site) {
    Operand sum = all(site, ADD);
    Tensor count = Tensor.of(new double[] {site.inputs()});
    Operand divisor = site.constant(Casts.converted(count, sum.type()).reshaped());
    site.outRounded(0, DIVIDE.of(site, sum, divisor));
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
