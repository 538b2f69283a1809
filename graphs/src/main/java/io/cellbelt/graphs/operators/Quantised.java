package io.cellbelt.graphs.operators;

import io.cellbelt.graphs.ElementType;
import io.cellbelt.graphs.ElementType.Storage;
import io.cellbelt.graphs.Tensor;
import io.cellbelt.graphs.plan.Elements;
import io.cellbelt.graphs.plan.Layout;
import io.cellbelt.graphs.plan.Operand;
import io.cellbelt.graphs.plan.Operator;
import io.cellbelt.graphs.plan.Site;
import io.cellbelt.kernels.elementwise.Reduction;
import java.util.Arrays;
import java.util.List;

/**
 * Integers that stand for floats, {@code scale (x - zero point)}: to the bit what ONNX Runtime
 * makes of them.
 */
final class Quantised {
  /** The largest number of a byte, which ranges are divided by. */
  private static final int STEPS = 255;

  /** Numbers up to a quarter of this that are added to it become whole, in its lowest bits. */
  private static final float WHOLE = 3 << 22;

  private Quantised() {}

  /** The operator of a name. */
  static Operator operator(String name) {
    return switch (name) {
      case "QuantizeLinear" ->
          Operator.of(
              name,
              Quantised::quantise,
              "axis",
              "block_size",
              "output_dtype",
              "precision",
              "saturate");
      case "DequantizeLinear" ->
          Operator.of(name, Quantised::dequantise, "axis", "block_size", "output_dtype");
      case "DynamicQuantizeLinear" -> Operator.of(name, Quantised::dynamic);
      default -> throw Operators.unknown(name);
    };
  }

  private static void quantise(Site site) {
    Operand x = site.in(0);
    Operand scale = site.in(1);
    Operand zero = site.optional(2);
    boolean fits = x.storage() == Storage.FLOAT || x.type() == ElementType.I32;
    if (!fits || scale.storage() != Storage.FLOAT) {
      throw site.refuse(
          "it quantises floats by scales that are floats, but got " + x + " and " + scale + ".");
    }
    ElementType type = zero == null ? ElementType.U8 : zero.type();
    if (zero == null && site.whole("output_dtype", 0) != 0) {
      type = Casts.type(site, site.whole("output_dtype", 0));
    }
    if (!isNarrow(type)) {
      throw site.refuse("it makes integers of 8 or 16 bits, but is asked for " + type + ".");
    }
    site.out(0, quantised(site, x, repeated(site, scale), repeated(site, zero), true, type));
  }

  private static boolean isNarrow(ElementType type) {
    return type.isInteger() && type.bits() <= Short.SIZE;
  }

  /** A zero point that is left out is 0. */
  static Operand zero(Site site, Operand zero, ElementType type) {
    return zero == null ? site.constant(Tensor.wrap(type, new long[1])) : zero;
  }

  /** The scale or zero point of each element of the first input. */
  private static Operand repeated(Site site, Operand parameter) {
    Operand x = site.in(0);
    if (parameter == null) {
      return zero(site, null, ElementType.I32);
    }
    int axis = parameter.size() == 1 ? 0 : site.axis(site.whole("axis", 1), x.rank());
    if (site.whole("block_size", 0) != 0) {
      return blocks(site, x, parameter, axis, site.whole("block_size", 0));
    }
    if (parameter.size() != 1 && (parameter.rank() != 1 || parameter.size() != x.size(axis))) {
      throw site.refuse(
          "there is one scale and zero point, or one for each index of axis "
              + axis
              + " of "
              + x
              + ", but got "
              + parameter
              + ".");
    }
    return along(parameter, axis, x.rank());
  }

  /** One number, or one for each index of an axis, so that it repeats to a tensor. */
  static Operand along(Operand parameter, int axis, int rank) {
    if (parameter.size() == 1) {
      return parameter.view(new Layout(new int[0], new int[0], parameter.layout().offset()));
    }
    Layout layout = parameter.layout();
    for (int d = axis + 1; d < rank && parameter.rank() == 1; d++) {
      layout = layout.with(layout.rank());
    }
    return parameter.view(layout);
  }

  private static Operand blocks(Site site, Operand x, Operand parameter, int axis, int block) {
    int[] shape = x.shape();
    int[] blocks = shape.clone();
    if (shape.length > 0) {
      blocks[axis] = Math.ceilDiv(shape[axis], Math.max(1, block));
    }
    if (block < 1 || shape.length == 0 || !Arrays.equals(blocks, parameter.shape())) {
      throw site.refuse(
          "with blocks of "
              + block
              + " along axis "
              + axis
              + " of "
              + x
              + " there are other scales and zero points than "
              + parameter
              + ".");
    }
    int inner = 1;
    for (int d = axis + 1; d < shape.length; d++) {
      inner *= shape[d];
    }
    Operand dense = site.dense(parameter);
    int[] sources = new int[x.size()];
    for (int i = 0; i < sources.length; i++) {
      int index = i / inner % shape[axis];
      int outer = i / inner / shape[axis];
      sources[i] = (outer * blocks[axis] + index / block) * inner + i % inner;
    }
    Operand all = site.scratch(parameter.type(), shape);
    site.gather(dense, sources, all);
    return all;
  }

  /**
   * {@code round(x / scale) + zero}, or {@code round(scale x) + zero}, within the range of the
   * type; halves are rounded to even numbers, and NaN becomes the least.
   */
  static Operand quantised(
      Site site, Operand x, Operand scale, Operand zero, boolean divide, ElementType type) {
    Operand y = site.scratch(type, x.shape());
    int least = type.isUnsigned() ? 0 : -(1 << type.bits() - 1);
    float low = least;
    float high = least + (1 << type.bits()) - 1;
    boolean narrow = x.storage() == Storage.FLOAT;
    Rows.run(
        site,
        (a, aStep, b, bStep, c, cStep, to, count) -> {
          for (int i = 0; i < count; i++) {
            long at = a + i * aStep;
            float value = narrow ? Elements.getFloat(at) : (float) Elements.getLong(at);
            float factor = Elements.getFloat(b + i * bStep);
            float quotient = divide ? value / factor : value * factor;
            long offset = Elements.getLong(c + i * cStep);
            Elements.setLong(to + (long) Long.BYTES * i, saturated(quotient, offset, low, high));
          }
        },
        x,
        site.broadcast(scale, x.shape()),
        site.broadcast(zero, x.shape()),
        y);
    return y;
  }

  private static long saturated(float value, long zero, float low, float high) {
    float least = low - zero;
    float most = high - zero;
    // A comparison with NaN is false.
    float raised = value > least ? value : least;
    float within = raised < most ? raised : most;
    return Float.floatToRawIntBits(within + WHOLE) - Float.floatToRawIntBits(WHOLE) + zero;
  }

  private static void dequantise(Site site) {
    Operand x = site.in(0);
    Operand scale = site.in(1);
    if (!x.type().isInteger()
        || x.type().bits() > Integer.SIZE
        || scale.storage() != Storage.FLOAT) {
      throw site.refuse(
          "it takes integers and scales that are floats, but got " + x + " and " + scale + ".");
    }
    int code = site.whole("output_dtype", 0);
    ElementType type = code == 0 ? scale.type() : Casts.type(site, code);
    Operand y = site.scratch(type, x.shape());
    Rows.run(
        site,
        (a, aStep, b, bStep, c, cStep, to, count) -> {
          for (int i = 0; i < count; i++) {
            long difference = Elements.getLong(a + i * aStep) - Elements.getLong(c + i * cStep);
            float value = (float) difference * Elements.getFloat(b + i * bStep);
            Elements.setFloat(to + (long) Float.BYTES * i, value);
          }
        },
        x,
        site.broadcast(repeated(site, scale), x.shape()),
        site.broadcast(repeated(site, site.optional(2)), x.shape()),
        y);
    site.outRounded(0, y);
  }

  /** Scale and zero point are those of the range of x, which 0 is in. */
  private static void dynamic(Site site) {
    Operand x = site.dense(site.in(0));
    if (x.type() != ElementType.F32) {
      throw site.refuse("it quantises floats of 32 bits, but got " + x + ".");
    }
    Operand scale = site.out(1, ElementType.F32);
    Operand zero = site.out(2, ElementType.U8);
    Operand range = site.scratch(ElementType.F32, 2);
    int size = x.size();
    site.run(
        memory -> {
          long at = range.at(memory);
          if (size > 0) {
            Reduction.MINIMUM.rows(x.at(memory), 0, size, 1, at);
            Reduction.MAXIMUM.rows(x.at(memory), 0, size, 1, at + Float.BYTES);
          }
          float low = size == 0 ? 0 : Math.min(0, Elements.getFloat(at));
          float high = size == 0 ? 0 : Math.max(0, Elements.getFloat(at + Float.BYTES));
          float step = high == low ? 1 : (high - low) / STEPS;
          Elements.setFloat(scale.at(memory), step);
          float offset = Math.clamp(-low / step, 0f, (float) STEPS);
          Elements.setLong(zero.at(memory), (long) Math.rint(offset));
        },
        List.of(x),
        List.of(scale, zero, range));
    site.out(0, quantised(site, x, scale, zero, true, ElementType.U8));
  }
}
