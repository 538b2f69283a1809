package io.cellbelt.kernels.elementwise;

import io.cellbelt.kernels.activation.Erf;
import io.cellbelt.kernels.activation.Exp;
import io.cellbelt.kernels.activation.Log;
import io.cellbelt.kernels.activation.Sigmoid;
import io.cellbelt.kernels.activation.Softplus;
import io.cellbelt.kernels.activation.Softsign;
import io.cellbelt.kernels.activation.Tanh;
import io.cellbelt.kernels.simd.Cold;
import io.cellbelt.kernels.simd.Lanes;
import io.cellbelt.kernels.simd.Outlined;

/** Functions of one operand, elementwise over floats. NaN gives NaN. */
@SuppressWarnings("ImmutableEnumChecker") // the handles never change
public enum Unary {
  /** The same bits, whatever they stand for. */
  COPY("copy"),
  /** {@code |x|}. */
  ABSOLUTE("absolute"),
  /** {@code -x}. */
  NEGATE("negate"),
  /** -1, 1, or x where that is 0 or -0. */
  SIGN("sign"),
  /** The square root, correctly rounded. */
  SQUARE_ROOT("squareRoot"),
  /** {@code 1 / x}, correctly rounded. */
  RECIPROCAL("reciprocal"),
  /** {@code x x}. */
  SQUARE("square"),
  /** 0 below 0, x otherwise; -0 stays. */
  RELU("relu"),
  /** {@link Exp}. */
  EXP("exp"),
  /** {@link Log}. */
  LOG("log"),
  /** {@link Sigmoid}. */
  SIGMOID("sigmoid"),
  /** {@link Tanh}. */
  TANH("tanh"),
  /** {@link Softplus}. */
  SOFTPLUS("softplus"),
  /** {@link Softsign}. */
  SOFTSIGN("softsign"),
  /** {@link Erf}. */
  ERF(Erf.LOOP),
  /** The largest whole number up to x, as {@link Math#floor}. */
  FLOOR("floor"),
  /** The smallest whole number from x on, as {@link Math#ceil}. */
  CEIL("ceil"),
  /** The nearest whole number, the even one of two, as {@link Math#rint}. */
  ROUND_EVEN("roundEven");

  private final Outlined loop;

  Unary(String name) {
    this(UnaryLoops.named(name));
  }

  Unary(Outlined loop) {
    this.loop = loop;
  }

  /**
   * {@code y[j] = f(x[j])}. Whole vectors are computed, so up to 15 floats behind the end of y are
   * written, and those of x read.
   *
   * @param y may be x
   * @param floats 0 or more
   */
  public void apply(long x, long y, int floats) {
    if (Cold.takesElements(floats)) {
      for (int j = 0; j < floats; j++) {
        long at = (long) Float.BYTES * j;
        Lanes.set(y + at, scalar(Lanes.get(x + at)));
      }
    } else {
      loop.call(x, y, (long) Float.BYTES * floats);
    }
  }

  /** Returns {@code f(x)}, with the bits of {@link #apply}. */
  public float scalar(float x) {
    return switch (this) {
      case COPY -> x;
      case ABSOLUTE -> Math.abs(x);
      case NEGATE -> -x;
      case SIGN -> Math.signum(x);
      case SQUARE_ROOT -> (float) Math.sqrt(x);
      case RECIPROCAL -> 1 / x;
      case SQUARE -> x * x;
      case RELU -> x < 0 ? 0 : x;
      case EXP -> Exp.scalar(x);
      case LOG -> Log.scalar(x);
      case SIGMOID -> Sigmoid.scalar(x);
      case TANH -> Tanh.scalar(x);
      case SOFTPLUS -> Softplus.scalar(x);
      case SOFTSIGN -> Softsign.scalar(x);
      case ERF -> Erf.scalar(x);
      case FLOOR -> (float) Math.floor(x);
      case CEIL -> (float) Math.ceil(x);
      case ROUND_EVEN -> (float) Math.rint(x);
    };
  }
}
