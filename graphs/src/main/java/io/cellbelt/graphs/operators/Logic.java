package io.cellbelt.graphs.operators;

import io.cellbelt.graphs.ElementType;
import io.cellbelt.graphs.ElementType.Storage;
import io.cellbelt.graphs.plan.Elements;
import io.cellbelt.graphs.plan.Operand;
import io.cellbelt.graphs.plan.Operator;
import io.cellbelt.graphs.plan.Site;
import java.util.List;
import java.util.function.DoublePredicate;
import java.util.function.LongBinaryOperator;

/** Comparisons, truth values and bits, and the choice that follows from them. */
final class Logic {
  static final List<Operator> ALL =
      List.of(
          bits("And", (a, b) -> a & b),
          bits("Or", (a, b) -> a | b),
          bits("Xor", (a, b) -> a ^ b),
          Operator.of("Not", site -> site.out(0, Flat.longs(site, site.in(0), x -> x ^ 1))),
          bits("BitwiseAnd", (a, b) -> a & b),
          bits("BitwiseOr", (a, b) -> a | b),
          bits("BitwiseXor", (a, b) -> a ^ b),
          Operator.of("BitwiseNot", site -> site.out(0, Flat.longs(site, site.in(0), x -> ~x))),
          Operator.of("BitShift", Logic::shift, "direction"),
          compare("Equal", order -> order == 0),
          compare("Less", order -> order < 0),
          compare("LessOrEqual", order -> order <= 0),
          compare("Greater", order -> order > 0),
          compare("GreaterOrEqual", order -> order >= 0),
          Operator.of("IsNaN", site -> test(site, Double::isNaN)),
          Operator.of("IsInf", Logic::isInfinite, "detect_negative", "detect_positive"),
          Operator.of("Where", Logic::where));

  private Logic() {}

  private static Operator bits(String name, LongBinaryOperator op) {
    return Operator.of(
        name,
        site -> site.out(0, Pairwise.longs(site, op, site.in(0), Arithmetic.second(site))),
        "axis",
        "broadcast");
  }

  private static void shift(Site site) {
    boolean left = site.text("direction", "").equals("LEFT");
    LongBinaryOperator op = left ? (a, b) -> b > 63 ? 0 : a << b : (a, b) -> b > 63 ? 0 : a >>> b;
    site.out(0, Pairwise.longs(site, op, site.in(0), site.in(1)));
  }

  /** What is asked of the sign of {@code a - b}, which is NaN where there is no order. */
  private static Operator compare(String name, DoublePredicate asked) {
    return Operator.of(name, site -> site.out(0, compared(site, asked)), "axis", "broadcast");
  }

  private static Operand compared(Site site, DoublePredicate asked) {
    Operand a = site.in(0);
    Operand b = Arithmetic.second(site);
    if (a.storage() != b.storage()) {
      throw site.refuse("it compares two tensors of one type, but got " + a + " and " + b + ".");
    }
    int[] shape = Broadcasting.shape(site, a.shape(), b.shape());
    int[] left = site.broadcast(a, shape).layout().relativeIndices();
    int[] right = site.broadcast(b, shape).layout().relativeIndices();
    Operand y = site.scratch(ElementType.BOOL, shape);
    long step = a.storage().bytes();
    boolean unsigned = a.type() == ElementType.U64;
    site.run(
        memory -> {
          for (int i = 0; i < left.length; i++) {
            long x = a.at(memory) + step * left[i];
            long w = b.at(memory) + step * right[i];
            double order =
                a.storage() == Storage.LONG
                    ? order(Elements.getLong(x), Elements.getLong(w), unsigned)
                    : order(Elements.get(a.storage(), x), Elements.get(a.storage(), w));
            Elements.setLong(y.at(memory) + (long) Long.BYTES * i, asked.test(order) ? 1 : 0);
          }
        },
        List.of(a, b),
        List.of(y));
    return y;
  }

  private static double order(long a, long b, boolean unsigned) {
    return unsigned ? Long.compareUnsigned(a, b) : Long.compare(a, b);
  }

  private static double order(double a, double b) {
    return a == b ? 0 : a < b ? -1 : a > b ? 1 : Double.NaN;
  }

  private static void test(Site site, DoublePredicate asked) {
    Operand x = site.dense(site.in(0));
    Operand y = site.out(0, ElementType.BOOL, x.shape());
    int size = x.size();
    long step = x.storage().bytes();
    site.run(
        memory -> {
          for (int i = 0; i < size; i++) {
            boolean yes = asked.test(Elements.get(x.storage(), x.at(memory) + step * i));
            Elements.setLong(y.at(memory) + (long) Long.BYTES * i, yes ? 1 : 0);
          }
        },
        List.of(x),
        List.of(y));
  }

  private static void isInfinite(Site site) {
    boolean negative = site.whole("detect_negative", 1) != 0;
    boolean positive = site.whole("detect_positive", 1) != 0;
    test(
        site,
        x ->
            x == Double.POSITIVE_INFINITY && positive || x == Double.NEGATIVE_INFINITY && negative);
  }

  private static void where(Site site) {
    Operand condition = site.in(0);
    Operand a = site.in(1);
    Operand b = site.in(2);
    if (a.type() != b.type()) {
      throw site.refuse("it chooses from two tensors of one type, but got " + a + " and " + b);
    }
    int[] shape =
        Broadcasting.shape(site, condition.shape(), Broadcasting.shape(site, a.shape(), b.shape()));
    int[] asked = site.broadcast(condition, shape).layout().relativeIndices();
    int[] left = site.broadcast(a, shape).layout().relativeIndices();
    int[] right = site.broadcast(b, shape).layout().relativeIndices();
    Operand y = site.out(0, a.type(), shape);
    long step = a.storage().bytes();
    site.run(
        memory -> {
          long yes = a.at(memory);
          long no = b.at(memory);
          long to = y.at(memory);
          for (int i = 0; i < asked.length; i++, to += step) {
            boolean first =
                Elements.getLong(condition.at(memory) + (long) Long.BYTES * asked[i]) != 0;
            long from = first ? yes + step * left[i] : no + step * right[i];
            if (step == Float.BYTES) {
              Elements.setFloat(to, Elements.getFloat(from));
            } else {
              Elements.setLong(to, Elements.getLong(from));
            }
          }
        },
        List.of(condition, a, b),
        List.of(y));
  }
}
