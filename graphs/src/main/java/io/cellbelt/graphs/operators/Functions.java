package io.cellbelt.graphs.operators;

import io.cellbelt.graphs.ElementType.Storage;
import io.cellbelt.graphs.plan.Elements;
import io.cellbelt.graphs.plan.Memory;
import io.cellbelt.graphs.plan.Operand;
import io.cellbelt.graphs.plan.Operator;
import io.cellbelt.graphs.plan.Site;
import io.cellbelt.kernels.elementwise.Clip;
import io.cellbelt.kernels.elementwise.Unary;
import java.util.ArrayList;
import java.util.List;
import java.util.function.DoubleUnaryOperator;
import java.util.function.LongUnaryOperator;

/** Functions of one tensor, element by element, that have no numbers of their own. */
final class Functions {
  private Functions() {}

  /** The operator of a name. */
  static Operator operator(String name) {
    return switch (name) {
      case "Abs" -> of(name, Unary.ABSOLUTE, Math::abs, Math::abs);
      case "Neg" -> of(name, Unary.NEGATE, x -> -x, x -> -x);
      case "Sign" -> of(name, Unary.SIGN, Math::signum, Long::signum);
      case "Relu" -> of(name, Unary.RELU, x -> x < 0 ? 0 : x, x -> Math.max(x, 0));
      case "Exp" -> of(name, Unary.EXP, Math::exp);
      case "Log" -> of(name, Unary.LOG, Math::log);
      case "Sqrt" -> of(name, Unary.SQUARE_ROOT, Math::sqrt);
      case "Reciprocal" -> of(name, Unary.RECIPROCAL, x -> 1 / x);
      case "Floor" -> of(name, Unary.FLOOR, Math::floor);
      case "Ceil" -> of(name, Unary.CEIL, Math::ceil);
      case "Round" -> of(name, Unary.ROUND_EVEN, Math::rint);
      case "Erf" -> of(name, Unary.ERF, RealFunctions::erf);
      case "Sigmoid" -> of(name, Unary.SIGMOID, RealFunctions::sigmoid);
      case "Tanh" -> of(name, Unary.TANH, Math::tanh);
      case "Softplus" -> of(name, Unary.SOFTPLUS, RealFunctions::softplus);
      case "Softsign" -> of(name, Unary.SOFTSIGN, x -> x / (1 + Math.abs(x)));
      case "Sin" -> of(name, null, Math::sin);
      case "Cos" -> of(name, null, Math::cos);
      case "Tan" -> of(name, null, Math::tan);
      case "Asin" -> of(name, null, Math::asin);
      case "Acos" -> of(name, null, Math::acos);
      case "Atan" -> of(name, null, Math::atan);
      case "Sinh" -> of(name, null, Math::sinh);
      case "Cosh" -> of(name, null, Math::cosh);
      case "Asinh" -> of(name, null, RealFunctions::asinh);
      case "Acosh" -> of(name, null, RealFunctions::acosh);
      case "Atanh" -> of(name, null, RealFunctions::atanh);
      case "Clip" -> Operator.of(name, Functions::clip, "min", "max", "consumed_inputs");
      default -> throw Operators.unknown(name);
    };
  }

  /** A function of floats of any width; a null loop stands for none. */
  private static Operator of(String name, Unary loop, DoubleUnaryOperator f) {
    return of(name, loop, f, null);
  }

  /** A function that integers have too. */
  private static Operator of(
      String name, Unary loop, DoubleUnaryOperator f, LongUnaryOperator whole) {
    return Operator.of(name, site -> function(site, loop, f, whole), "consumed_inputs");
  }

  private static void function(
      Site site, Unary loop, DoubleUnaryOperator f, LongUnaryOperator whole) {
    Operand x = site.in(0);
    if (x.storage() == Storage.FLOAT && loop != null) {
      site.outRounded(0, Flat.floats(site, x, loop::apply));
    } else if (x.type().isFloating()) {
      site.outRounded(0, Flat.doubles(site, x, f));
    } else if (whole != null && x.type().isInteger()) {
      site.out(0, x.type().isUnsigned() ? unsigned(site, x) : Flat.longs(site, x, whole));
    } else {
      throw site.refuse(
          "it works on " + (whole == null ? "floats" : "numbers") + ", but got " + x + ".");
    }
  }

  /** Unsigned numbers are their own absolute values, and their signs are 0 and 1. */
  private static Operand unsigned(Site site, Operand x) {
    return switch (site.node().operator()) {
      case "Abs" -> x;
      case "Sign" -> Flat.longs(site, x, value -> value == 0 ? 0 : 1);
      default -> throw site.refuse("it works on numbers with a sign, but got " + x + ".");
    };
  }

  /** The bounds are attributes up to opset 10, then inputs, which a run may calculate. */
  private static void clip(Site site) {
    Operand x = site.in(0);
    if (!x.type().isFloating() && !x.type().isInteger()) {
      throw site.refuse("it works on numbers, but got " + x + ".");
    }
    Operand low = bound(site, x, 1);
    Operand high = bound(site, x, 2);
    Stretch stretch = Stretch.of(site, x);
    Operand from = stretch.x();
    Operand y = stretch.fresh(site, x.type());
    int size = stretch.size();
    double least = site.version() < 11 ? site.real("min", -Float.MAX_VALUE) : lowest(x);
    double most = site.version() < 11 ? site.real("max", Float.MAX_VALUE) : -lowest(x);
    List<Operand> reads = new ArrayList<>(List.of(from));
    reads.addAll(low == null ? List.of() : List.of(low));
    reads.addAll(high == null ? List.of() : List.of(high));
    site.run(
        switch (x.storage()) {
          case FLOAT ->
              memory ->
                  Clip.apply(
                      from.at(memory),
                      y.at(memory),
                      size,
                      (float) real(low, memory, least),
                      (float) real(high, memory, most));
          case DOUBLE ->
              memory ->
                  clip(from, y, size, memory, real(low, memory, least), real(high, memory, most));
          case LONG -> memory -> clipWhole(from, y, size, memory, low, high);
        },
        reads,
        List.of(y));
    site.outRounded(0, y);
  }

  private static Operand bound(Site site, Operand x, int index) {
    Operand bound = site.version() < 11 ? null : site.optional(index);
    if (bound != null && (bound.size() != 1 || bound.type() != x.type())) {
      throw site.refuse("bounds are one number each of " + x.type() + ", but got " + bound + ".");
    }
    return bound;
  }

  private static double lowest(Operand x) {
    return switch (x.type()) {
      case F64 -> -Double.MAX_VALUE;
      case F16 -> -65504;
      case BF16 -> -Float.intBitsToFloat(0x7f7f0000);
      default -> -Float.MAX_VALUE;
    };
  }

  private static double real(Operand bound, Memory memory, double otherwise) {
    return bound == null ? otherwise : Elements.get(bound.storage(), bound.at(memory));
  }

  private static void clip(Operand x, Operand y, int size, Memory memory, double low, double high) {
    long from = x.at(memory);
    long to = y.at(memory);
    for (long at = 0; at < (long) Double.BYTES * size; at += Double.BYTES) {
      double value = Elements.getDouble(from + at);
      double raised = value < low ? low : value;
      Elements.setDouble(to + at, raised > high ? high : raised);
    }
  }

  private static void clipWhole(
      Operand x, Operand y, int size, Memory memory, Operand low, Operand high) {
    // Unsigned numbers compare as signed ones where their highest bit is the other way round.
    long flip = x.type().isUnsigned() ? Long.MIN_VALUE : 0;
    long least = low == null ? Long.MIN_VALUE : Elements.getLong(low.at(memory)) ^ flip;
    long most = high == null ? Long.MAX_VALUE : Elements.getLong(high.at(memory)) ^ flip;
    long from = x.at(memory);
    long to = y.at(memory);
    for (long at = 0; at < (long) Long.BYTES * size; at += Long.BYTES) {
      long value = Elements.getLong(from + at) ^ flip;
      Elements.setLong(to + at, Math.min(most, Math.max(least, value)) ^ flip);
    }
  }
}
