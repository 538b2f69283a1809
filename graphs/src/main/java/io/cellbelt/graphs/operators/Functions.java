package io.cellbelt.graphs.operators;

import io.cellbelt.graphs.ElementType.Storage;
import io.cellbelt.graphs.plan.Operand;
import io.cellbelt.graphs.plan.Operator;
import io.cellbelt.graphs.plan.Site;
import io.cellbelt.kernels.Slab;
import io.cellbelt.kernels.activation.Activation;
import io.cellbelt.kernels.elementwise.Clip;
import io.cellbelt.kernels.elementwise.Unary;
import java.util.ArrayList;
import java.util.List;
import java.util.function.DoubleUnaryOperator;
import java.util.function.Function;
import java.util.function.LongUnaryOperator;

/** Functions of one tensor, element by element. */
final class Functions {
  static final List<Operator> ALL = new ArrayList<>();

  static {
    whole("Abs", Unary.ABSOLUTE, Math::abs, Math::abs);
    whole("Neg", Unary.NEGATE, x -> -x, x -> -x);
    whole("Sign", Unary.SIGN, Math::signum, Long::signum);
    whole("Relu", Unary.RELU, x -> x < 0 ? 0 : x, x -> Math.max(0, x));
    vector("Exp", Unary.EXP, Math::exp);
    vector("Log", Unary.LOG, Math::log);
    vector("Sqrt", Unary.SQUARE_ROOT, Math::sqrt);
    vector("Reciprocal", Unary.RECIPROCAL, x -> 1 / x);
    vector("Floor", Unary.FLOOR, Math::floor);
    vector("Ceil", Unary.CEIL, Math::ceil);
    vector("Round", Unary.ROUND_EVEN, Math::rint);
    vector("Erf", Unary.ERF, Gaussian::erf);
    vector("Sigmoid", Unary.SIGMOID, x -> 1 / (1 + Math.exp(-x)));
    vector("Tanh", Unary.TANH, Math::tanh);
    vector("Softplus", Unary.SOFTPLUS, x -> Math.max(x, 0) + Math.log1p(Math.exp(-Math.abs(x))));
    vector("Softsign", Unary.SOFTSIGN, x -> x / (1 + Math.abs(x)));
    scalar("Sin", Math::sin);
    scalar("Cos", Math::cos);
    scalar("Tan", Math::tan);
    scalar("Asin", Math::asin);
    scalar("Acos", Math::acos);
    scalar("Atan", Math::atan);
    scalar("Sinh", Math::sinh);
    scalar("Cosh", Math::cosh);
    scalar("Asinh", x -> Math.copySign(Math.log1p(Math.abs(x) + hyp(x)), x));
    scalar("Acosh", x -> Math.log(x + Math.sqrt(x - 1) * Math.sqrt(x + 1)));
    scalar("Atanh", x -> 0.5 * (Math.log1p(x) - Math.log1p(-x)));
    activation(
        "LeakyRelu",
        site -> new Activation.LeakyRelu(site.real("alpha", 0.01f)),
        site -> {
          float alpha = site.real("alpha", 0.01f);
          return x -> x < 0 ? alpha * x : x;
        },
        "alpha");
    activation(
        "Elu",
        site -> new Activation.Elu(site.real("alpha", 1)),
        site -> {
          float alpha = site.real("alpha", 1);
          return x -> x < 0 ? alpha * Math.expm1(x) : x;
        },
        "alpha");
    activation(
        "HardSigmoid",
        site -> new Activation.HardSigmoid(site.real("alpha", 0.2f), site.real("beta", 0.5f)),
        site -> {
          float alpha = site.real("alpha", 0.2f);
          float beta = site.real("beta", 0.5f);
          return x -> Math.clamp(alpha * x + beta, 0.0, 1.0);
        },
        "alpha",
        "beta");
    activation(
        "Affine",
        site -> new Activation.Affine(site.real("alpha", 1), site.real("beta", 0)),
        site -> {
          float alpha = site.real("alpha", 1);
          float beta = site.real("beta", 0);
          return x -> alpha * x + beta;
        },
        "alpha",
        "beta");
    given(
        "Selu",
        site -> {
          float alpha = site.real("alpha", 1.6732632f);
          float gamma = site.real("gamma", 1.050701f);
          return x -> gamma * (x <= 0 ? alpha * Math.expm1(x) : x);
        },
        "alpha",
        "gamma",
        "consumed_inputs");
    given(
        "Celu",
        site -> {
          float alpha = site.real("alpha", 1);
          return x -> Math.max(0, x) + Math.min(0, alpha * Math.expm1(x / alpha));
        },
        "alpha");
    given(
        "ThresholdedRelu",
        site -> {
          float alpha = site.real("alpha", 1);
          return x -> x > alpha ? x : 0;
        },
        "alpha");
    given("HardSwish", site -> x -> x * Math.clamp(x / 6 + 0.5, 0.0, 1.0));
    given("Mish", site -> x -> x * Math.tanh(Math.max(x, 0) + Math.log1p(Math.exp(-Math.abs(x)))));
    given(
        "Swish",
        site -> {
          float alpha = site.real("alpha", 1);
          return x -> x / (1 + Math.exp(-alpha * x));
        },
        "alpha");
    given(
        "Gelu",
        site ->
            switch (site.text("approximate", "none")) {
              case "none" -> x -> 0.5 * x * (1 + Gaussian.erf(x / Math.sqrt(2)));
              case "tanh" ->
                  x ->
                      0.5
                          * x
                          * (1 + Math.tanh(Math.sqrt(2 / Math.PI) * (x + 0.044715 * x * x * x)));
              default -> throw site.refuse("a GELU is approximated by none or tanh.");
            },
        "approximate");
    given(
        "Shrink",
        site -> {
          float lambda = site.real("lambd", 0.5f);
          float bias = site.real("bias", 0);
          return x -> x < -lambda ? x + bias : x > lambda ? x - bias : 0;
        },
        "lambd",
        "bias");
    given(
        "ScaledTanh",
        site -> {
          float alpha = site.real("alpha", 1);
          float beta = site.real("beta", 1);
          return x -> alpha * Math.tanh(beta * x);
        },
        "alpha",
        "beta");
    ALL.add(Operator.of("Clip", Functions::clip, "min", "max", "consumed_inputs"));
  }

  private Functions() {}

  private static double hyp(double x) {
    return x * x / (1 + Math.sqrt(1 + x * x));
  }

  /** Floats by a vector kernel, doubles, and integers. */
  private static void whole(
      String name, Unary floats, DoubleUnaryOperator doubles, LongUnaryOperator longs) {
    ALL.add(
        Operator.of(
            name,
            site -> {
              Operand x = site.in(0);
              site.outRounded(
                  0,
                  x.storage() == Storage.LONG
                      ? Flat.longs(site, x, longs)
                      : apply(site, floats, doubles));
            },
            "consumed_inputs"));
  }

  /** Floats by a vector kernel, and doubles. */
  private static void vector(String name, Unary floats, DoubleUnaryOperator doubles) {
    ALL.add(
        Operator.of(
            name, site -> site.outRounded(0, apply(site, floats, doubles)), "consumed_inputs"));
  }

  private static Operand apply(Site site, Unary floats, DoubleUnaryOperator doubles) {
    Operand x = floating(site);
    return x.storage() == Storage.FLOAT
        ? Flat.floats(site, x, floats::apply)
        : Flat.doubles(site, x, doubles);
  }

  /** The operand as a tensor of floats, which most functions are of. */
  private static Operand floating(Site site) {
    Operand x = site.in(0);
    if (!x.type().isFloating()) {
      throw site.refuse("it is a function of floats, but got " + x + ".");
    }
    return x;
  }

  private static void scalar(String name, DoubleUnaryOperator function) {
    given(name, site -> function);
  }

  /** A function that attributes decide, calculated in double. */
  private static void given(
      String name, Function<Site, DoubleUnaryOperator> function, String... attributes) {
    ALL.add(
        Operator.of(
            name,
            site -> site.outRounded(0, Flat.doubles(site, floating(site), function.apply(site))),
            attributes));
  }

  /** A function that recurrent cells have, too. */
  private static void activation(
      String name,
      Function<Site, Activation> floats,
      Function<Site, DoubleUnaryOperator> doubles,
      String... attributes) {
    List<String> all = new ArrayList<>(List.of(attributes));
    all.add("consumed_inputs");
    ALL.add(
        Operator.of(
            name,
            site -> {
              Operand x = floating(site);
              boolean kernel = x.storage() == Storage.FLOAT && site.real("alpha", 1) >= 0;
              if (!kernel) {
                site.outRounded(0, Flat.doubles(site, x, doubles.apply(site)));
                return;
              }
              Activation activation = floats.apply(site);
              site.outRounded(
                  0,
                  Flat.floats(
                      site,
                      x,
                      (from, to, count) -> {
                        Unary.COPY.apply(from, to, count);
                        activation.apply(to, Slab.pad(count));
                      }));
            },
            all.toArray(String[]::new)));
  }

  private static void clip(Site site) {
    Operand x = site.in(0);
    boolean attributes = site.version() < 11;
    Operand low = attributes ? null : site.optional(1);
    Operand high = attributes ? null : site.optional(2);
    if (x.storage() == Storage.FLOAT && isKnown(low) && isKnown(high)) {
      float from = bound(site, low, "min", Float.NEGATIVE_INFINITY);
      float to = bound(site, high, "max", Float.POSITIVE_INFINITY);
      site.outRounded(
          0, Flat.floats(site, x, (source, target, n) -> Clip.apply(source, target, n, from, to)));
      return;
    }
    Operand y = x;
    if (low != null) {
      y = Arithmetic.maximum(site, y, low);
    }
    if (high != null) {
      y = Arithmetic.minimum(site, y, high);
    }
    if (attributes) {
      double from = site.real("min", Float.NEGATIVE_INFINITY);
      double to = site.real("max", Float.POSITIVE_INFINITY);
      y = Flat.doubles(site, x, value -> Math.min(to, Math.max(from, value)));
    }
    if (y == x) {
      site.out(0, x);
    } else {
      site.outRounded(0, y);
    }
  }

  private static boolean isKnown(Operand bound) {
    return bound == null || bound.isConstant();
  }

  private static float bound(Site site, Operand input, String attribute, float otherwise) {
    return input != null
        ? (float) input.value().doubleAt(0)
        : site.version() < 11 ? site.real(attribute, otherwise) : otherwise;
  }
}
