package io.cellbelt.graphs.operators;

import io.cellbelt.graphs.ElementType.Storage;
import io.cellbelt.graphs.Tensor;
import io.cellbelt.graphs.operators.Flat.Loop;
import io.cellbelt.graphs.plan.Operand;
import io.cellbelt.graphs.plan.Operator;
import io.cellbelt.graphs.plan.Site;
import io.cellbelt.kernels.activation.Activation;
import io.cellbelt.kernels.elementwise.Binary;
import io.cellbelt.kernels.elementwise.Unary;
import java.util.function.DoubleUnaryOperator;

/**
 * Activations with numbers of their own, and those that are put together from several functions.
 */
final class Activations {
  private static final float HALF = 0.5f;

  private Activations() {}

  /** The operator of a name. */
  static Operator operator(String name) {
    return switch (name) {
      case "LeakyRelu" -> Operator.of(name, Activations::leakyRelu, "alpha", "consumed_inputs");
      case "Elu" -> Operator.of(name, Activations::elu, "alpha", "consumed_inputs");
      case "Selu" -> Operator.of(name, Activations::selu, "alpha", "gamma", "consumed_inputs");
      case "Celu" -> Operator.of(name, Activations::celu, "alpha");
      case "ThresholdedRelu" -> Operator.of(name, Activations::thresholdedRelu, "alpha");
      case "HardSigmoid" ->
          Operator.of(name, Activations::hardSigmoid, "alpha", "beta", "consumed_inputs");
      case "HardSwish" -> Operator.of(name, Activations::hardSwish);
      case "Gelu" -> Operator.of(name, Activations::gelu, "approximate");
      case "Mish" -> Operator.of(name, Activations::mish);
      case "Swish" -> Operator.of(name, Activations::swish, "alpha");
      case "Shrink" -> Operator.of(name, Activations::shrink, "lambd", "bias");
      case "ScaledTanh" -> Operator.of(name, Activations::scaledTanh, "alpha", "beta");
      case "Affine" -> Operator.of(name, Activations::affine, "alpha", "beta");
      case "ParametricSoftplus" -> Operator.of(name, Activations::softplus, "alpha", "beta");
      default -> throw Operators.unknown(name);
    };
  }

  /** A null loop stands for none. */
  private static void out(Site site, Loop loop, DoubleUnaryOperator f) {
    Operand x = site.in(0);
    if (!x.type().isFloating()) {
      throw site.refuse("it works on floats, but got " + x + ".");
    }
    site.outRounded(
        0,
        x.storage() == Storage.FLOAT && loop != null
            ? Flat.floats(site, x, loop)
            : Flat.doubles(site, x, f));
  }

  private static void leakyRelu(Site site) {
    float alpha = site.real("alpha", 0.01f);
    Operand x = site.in(0);
    if (x.storage() != Storage.FLOAT) {
      out(site, null, v -> v < 0 ? alpha * v : v);
      return;
    }
    Operand slope = site.constant(Tensor.of(new float[] {alpha}));
    site.outRounded(0, Pairwise.floats(site, Binary.PRELU, x, slope));
  }

  private static double elu(double x, double alpha) {
    return x < 0 ? alpha * Math.expm1(x) : x;
  }

  private static void elu(Site site) {
    float alpha = site.real("alpha", 1);
    out(site, alpha >= 0 ? Loop.of(new Activation.Elu(alpha)) : null, v -> elu(v, alpha));
  }

  private static void selu(Site site) {
    boolean first = site.version() < 6;
    float alpha = site.real("alpha", first ? 1.6732f : 1.6732632f);
    float gamma = site.real("gamma", first ? 1.0507f : 1.050701f);
    Loop loop =
        alpha >= 0
            ? Loop.of(new Activation.Elu(alpha)).then(new Activation.Affine(gamma, 0)).inBlocks()
            : null;
    out(site, loop, v -> gamma * elu(v, alpha));
  }

  private static void celu(Site site) {
    float alpha = site.real("alpha", 1);
    out(
        site,
        alpha == 1 ? Loop.of(new Activation.Elu(1)) : null,
        v -> Math.max(0, v) + Math.min(0, alpha * Math.expm1(v / alpha)));
  }

  private static void thresholdedRelu(Site site) {
    float alpha = site.real("alpha", 1);
    // Not the cells' activation, which keeps NaN, and x where it is alpha.
    out(site, null, v -> v > alpha ? v : 0);
  }

  private static void hardSigmoid(Site site) {
    float alpha = site.real("alpha", 0.2f);
    float beta = site.real("beta", HALF);
    out(
        site,
        Loop.of(new Activation.HardSigmoid(alpha, beta)),
        v -> Math.max(0, Math.min(1, alpha * v + beta)));
  }

  private static void hardSwish(Site site) {
    Loop gate = Loop.of(new Activation.HardSigmoid(1 / 6f, HALF));
    out(site, timesX(gate), v -> v * Math.max(0, Math.min(1, v / 6 + 0.5)));
  }

  /** A function of x, times x. */
  private static Loop timesX(Loop gate) {
    Loop product =
        (x, y, floats) -> {
          gate.run(x, y, floats);
          Binary.MULTIPLY.apply(y, 0, false, x, 0, false, y, 0, floats, 1);
        };
    return product.inBlocks();
  }

  private static void gelu(Site site) {
    Activation.Affine half = new Activation.Affine(HALF, HALF);
    String approximate = site.text("approximate", "none");
    if (approximate.equals("tanh")) {
      double factor = Math.sqrt(2 / Math.PI);
      // In x x: x (factor + factor 0.044715 x x) is what tanh takes.
      Loop inner =
          timesX(
              ((Loop) Unary.SQUARE::apply)
                  .then(new Activation.Affine((float) (factor * 0.044715), (float) factor)));
      out(
          site,
          timesX(inner.then(Unary.TANH::apply).then(half)),
          v -> 0.5 * v * (1 + Math.tanh(factor * (v + 0.044715 * v * v * v))));
    } else if (approximate.equals("none")) {
      double factor = Math.sqrt(0.5);
      Loop scaled = Loop.of(new Activation.Affine((float) factor, 0));
      out(
          site,
          timesX(scaled.then(Unary.ERF::apply).then(half)),
          v -> 0.5 * v * (1 + RealFunctions.erf(factor * v)));
    } else {
      throw site.refuse("approximate is \"none\" or \"tanh\", but got \"" + approximate + "\".");
    }
  }

  private static void mish(Site site) {
    Loop softplus = Unary.SOFTPLUS::apply;
    out(
        site,
        timesX(softplus.then(Unary.TANH::apply)),
        v -> v * Math.tanh(RealFunctions.softplus(v)));
  }

  private static void swish(Site site) {
    float alpha = site.real("alpha", 1);
    Loop scaled = Loop.of(new Activation.Affine(alpha, 0));
    out(
        site,
        timesX(alpha == 1 ? Unary.SIGMOID::apply : scaled.then(Unary.SIGMOID::apply)),
        v -> v * RealFunctions.sigmoid(alpha * v));
  }

  private static void shrink(Site site) {
    float limit = site.real("lambd", HALF);
    float bias = site.real("bias", 0);
    Operand x = site.in(0);
    DoubleUnaryOperator f = v -> v < -limit ? v + bias : v > limit ? v - bias : 0;
    if (x.type().isInteger()) {
      site.out(0, Flat.longs(site, x, v -> (long) f.applyAsDouble((double) v)));
    } else {
      out(site, null, f);
    }
  }

  private static void scaledTanh(Site site) {
    float alpha = site.real("alpha", 1);
    float beta = site.real("beta", 1);
    out(
        site,
        alpha == 0 ? null : Loop.of(new Activation.ScaledTanh(alpha, beta)),
        v -> alpha * Math.tanh(beta * v));
  }

  private static void affine(Site site) {
    float alpha = site.real("alpha", 1);
    float beta = site.real("beta", 0);
    out(site, Loop.of(new Activation.Affine(alpha, beta)), v -> alpha * v + beta);
  }

  private static void softplus(Site site) {
    float alpha = site.real("alpha", 1);
    float beta = site.real("beta", 1);
    Loop loop =
        Loop.of(new Activation.Affine(beta, 0))
            .then(Unary.SOFTPLUS::apply)
            .then(new Activation.Affine(alpha, 0))
            .inBlocks();
    out(site, loop, v -> alpha * RealFunctions.softplus(beta * v));
  }
}
