package io.cellbelt.graphs.operators;

import io.cellbelt.graphs.ElementType;
import io.cellbelt.graphs.ElementType.Storage;
import io.cellbelt.graphs.plan.Elements;
import io.cellbelt.graphs.plan.Operand;
import io.cellbelt.graphs.plan.Operator;
import io.cellbelt.graphs.plan.Site;
import java.util.function.LongBinaryOperator;
import java.util.function.LongUnaryOperator;

/** Truth values: comparisons, what is made of them, and choices; and the bits of integers. */
final class Logic {
  private Logic() {}

  /** The operator of a name. */
  static Operator operator(String name) {
    return switch (name) {
      case "And" -> truths(name, (a, b) -> a & b);
      case "Or" -> truths(name, (a, b) -> a | b);
      case "Xor" -> truths(name, (a, b) -> a ^ b);
      case "Not" -> Operator.of(name, Logic::not);
      case "Equal" -> comparison(name, Order.EQUAL, false);
      case "Less" -> comparison(name, Order.LESS, false);
      case "LessOrEqual" -> comparison(name, Order.LESS_OR_EQUAL, false);
      case "Greater" -> comparison(name, Order.LESS, true);
      case "GreaterOrEqual" -> comparison(name, Order.LESS_OR_EQUAL, true);
      case "Where" -> Operator.of(name, Logic::where);
      case "IsNaN" -> Operator.of(name, Logic::isNan);
      case "IsInf" -> Operator.of(name, Logic::isInfinite, "detect_negative", "detect_positive");
      case "BitwiseAnd" -> bits(name, (a, b) -> a & b);
      case "BitwiseOr" -> bits(name, (a, b) -> a | b);
      case "BitwiseXor" -> bits(name, (a, b) -> a ^ b);
      case "BitwiseNot" ->
          Operator.of(name, site -> site.out(0, inverted(site, integers(site, 0))));
      case "BitShift" -> Operator.of(name, Logic::shift, "direction");
      default -> throw Operators.unknown(name);
    };
  }

  /** How two numbers may stand to each other; NaN stands to nothing. */
  private enum Order {
    EQUAL,
    LESS,
    LESS_OR_EQUAL;

    boolean holds(double a, double b) {
      return switch (this) {
        case EQUAL -> a == b;
        case LESS -> a < b;
        case LESS_OR_EQUAL -> a <= b;
      };
    }

    boolean holds(long a, long b) {
      return switch (this) {
        case EQUAL -> a == b;
        case LESS -> a < b;
        case LESS_OR_EQUAL -> a <= b;
      };
    }
  }

  private static Operator truths(String name, LongBinaryOperator op) {
    return Operator.of(
        name,
        site -> {
          truths(site, 0);
          truths(site, 1);
          site.out(0, Pairwise.longs(site, op, site.in(0), Arithmetic.second(site)));
        },
        "axis",
        "broadcast");
  }

  private static Operand truths(Site site, int index) {
    Operand operand = site.in(index);
    if (operand.type() != ElementType.BOOL) {
      throw site.refuse("it works on truth values, but got " + operand + ".");
    }
    return operand;
  }

  private static void not(Site site) {
    site.out(0, Flat.longs(site, truths(site, 0), value -> value ^ 1));
  }

  private static Operator bits(String name, LongBinaryOperator op) {
    return Operator.of(
        name, site -> site.out(0, Pairwise.longs(site, op, integers(site, 0), sameType(site))));
  }

  private static Operand integers(Site site, int index) {
    Operand operand = site.in(index);
    if (!operand.type().isInteger()) {
      throw site.refuse("it works on integers, but got " + operand + ".");
    }
    return operand;
  }

  private static Operand sameType(Site site) {
    Operand a = site.in(0);
    Operand b = site.in(1);
    if (a.type() != b.type()) {
      throw site.refuse("both operands are of one type, but got " + a + " and " + b + ".");
    }
    return b;
  }

  private static Operand inverted(Site site, Operand x) {
    LongUnaryOperator op = value -> ~value;
    return Flat.longs(site, x, op);
  }

  /** What is shifted by as many bits as there are, or more, is 0. */
  private static void shift(Site site) {
    Operand x = integers(site, 0);
    Operand by = sameType(site);
    if (!x.type().isUnsigned()) {
      throw site.refuse("it shifts integers without a sign, but got " + x + ".");
    }
    String direction = site.text("direction", "");
    LongBinaryOperator op =
        switch (direction) {
          case "LEFT" -> (a, b) -> b < 0 || b >= Long.SIZE ? 0 : a << b;
          case "RIGHT" -> (a, b) -> b < 0 || b >= Long.SIZE ? 0 : a >>> b;
          default ->
              throw site.refuse(
                  "the direction is \"LEFT\" or \"RIGHT\", but got \"" + direction + "\".");
        };
    site.out(0, Pairwise.longs(site, op, x, by));
  }

  private static Operator comparison(String name, Order order, boolean swapped) {
    return Operator.of(name, site -> compare(site, order, swapped), "axis", "broadcast");
  }

  private static void compare(Site site, Order order, boolean swapped) {
    sameType(site);
    Operand first = site.in(0);
    Operand second = Arithmetic.second(site);
    Operand a = swapped ? second : first;
    Operand b = swapped ? first : second;
    int[] shape = Broadcasting.shape(site, a.shape(), b.shape());
    Operand y = site.scratch(ElementType.BOOL, shape);
    Operand left = site.broadcast(a, shape);
    Operand right = site.broadcast(b, shape);
    Rows.run(site, rows(a.type(), order), left, right, right, y);
    site.out(0, y);
  }

  private static Rows.Loop rows(ElementType type, Order order) {
    if (type.isFloating()) {
      Storage storage = type.storage();
      return (a, aStep, b, bStep, c, cStep, y, count) -> {
        for (int i = 0; i < count; i++) {
          double left = Elements.get(storage, a + i * aStep);
          double right = Elements.get(storage, b + i * bStep);
          Elements.setLong(y + (long) Long.BYTES * i, order.holds(left, right) ? 1 : 0);
        }
      };
    }
    // Unsigned numbers compare as signed ones where their highest bit is the other way round.
    long flip = type.isUnsigned() ? Long.MIN_VALUE : 0;
    return (a, aStep, b, bStep, c, cStep, y, count) -> {
      for (int i = 0; i < count; i++) {
        long left = Elements.getLong(a + i * aStep) ^ flip;
        long right = Elements.getLong(b + i * bStep) ^ flip;
        Elements.setLong(y + (long) Long.BYTES * i, order.holds(left, right) ? 1 : 0);
      }
    };
  }

  private static void where(Site site) {
    Operand condition = truths(site, 0);
    Operand a = site.in(1);
    Operand b = site.in(2);
    if (a.type() != b.type()) {
      throw site.refuse("both choices are of one type, but got " + a + " and " + b + ".");
    }
    int[] shape =
        Broadcasting.shape(site, condition.shape(), Broadcasting.shape(site, a.shape(), b.shape()));
    Operand y = site.scratch(a.type(), shape);
    Rows.run(
        site,
        a.storage() == Storage.FLOAT ? Logic::chooseFloats : Logic::chooseWide,
        site.broadcast(condition, shape),
        site.broadcast(a, shape),
        site.broadcast(b, shape),
        y);
    site.out(0, y);
  }

  private static void chooseFloats(
      long truth, long truthStep, long a, long aStep, long b, long bStep, long y, int count) {
    for (int i = 0; i < count; i++) {
      float left = Elements.getFloat(a + i * aStep);
      float right = Elements.getFloat(b + i * bStep);
      boolean first = Elements.getLong(truth + i * truthStep) != 0;
      Elements.setFloat(y + (long) Float.BYTES * i, first ? left : right);
    }
  }

  private static void chooseWide(
      long truth, long truthStep, long a, long aStep, long b, long bStep, long y, int count) {
    for (int i = 0; i < count; i++) {
      long left = Elements.getLong(a + i * aStep);
      long right = Elements.getLong(b + i * bStep);
      boolean first = Elements.getLong(truth + i * truthStep) != 0;
      Elements.setLong(y + (long) Long.BYTES * i, first ? left : right);
    }
  }

  private static Operand floats(Site site) {
    Operand x = site.in(0);
    if (!x.type().isFloating()) {
      throw site.refuse("it works on floats, but got " + x + ".");
    }
    return x;
  }

  private static void isNan(Site site) {
    site.out(0, Flat.test(site, floats(site), Double::isNaN));
  }

  private static void isInfinite(Site site) {
    boolean below = site.whole("detect_negative", 1) != 0;
    boolean above = site.whole("detect_positive", 1) != 0;
    site.out(
        0,
        Flat.test(
            site,
            floats(site),
            x -> below && x == Double.NEGATIVE_INFINITY || above && x == Double.POSITIVE_INFINITY));
  }
}
