package io.cellbelt.graphs.operators;

import io.cellbelt.graphs.Attribute;
import io.cellbelt.graphs.ElementType;
import io.cellbelt.graphs.ElementType.Storage;
import io.cellbelt.graphs.Tensor;
import io.cellbelt.graphs.plan.Elements;
import io.cellbelt.graphs.plan.Operand;
import io.cellbelt.graphs.plan.Operator;
import io.cellbelt.graphs.plan.Site;

/** Conversions between element types. */
final class Casts {
  /** The scalar that is true. */
  static final Tensor TRUE = Tensor.wrap(ElementType.BOOL, new long[] {1});

  private Casts() {}

  /** The operator of a name. */
  static Operator operator(String name) {
    return switch (name) {
      case "Cast" -> Operator.of(name, Casts::cast, "to", "saturate", "round_mode");
      case "CastLike" -> Operator.of(name, Casts::castLike, "saturate", "round_mode");
      default -> throw Operators.unknown(name);
    };
  }

  /**
   * The type with one of ONNX's numbers.
   *
   * @throws IllegalArgumentException if it is not supported
   */
  static ElementType type(Site site, int code) {
    return switch (code) {
      case 1 -> ElementType.F32;
      case 2 -> ElementType.U8;
      case 3 -> ElementType.I8;
      case 4 -> ElementType.U16;
      case 5 -> ElementType.I16;
      case 6 -> ElementType.I32;
      case 7 -> ElementType.I64;
      case 9 -> ElementType.BOOL;
      case 10 -> ElementType.F16;
      case 11 -> ElementType.F64;
      case 12 -> ElementType.U32;
      case 13 -> ElementType.U64;
      case 16 -> ElementType.BF16;
      default ->
          throw site.refuse(
              "elements of ONNX's type "
                  + code
                  + " are not supported; floats of 16 to 64 bits, integers of 8 to 64 and truth"
                  + " values are.");
    };
  }

  private static void cast(Site site) {
    if (site.node().attributes().get("to") instanceof Attribute.Text text) {
      site.out(0, cast(site, site.in(0), old(site, text.value())));
      return;
    }
    site.out(0, cast(site, site.in(0), type(site, site.whole("to", 0))));
  }

  /** Up to opset 5 types had names. */
  private static ElementType old(Site site, String name) {
    return switch (name) {
      case "FLOAT" -> ElementType.F32;
      case "DOUBLE" -> ElementType.F64;
      case "FLOAT16" -> ElementType.F16;
      case "INT8" -> ElementType.I8;
      case "INT16" -> ElementType.I16;
      case "INT32" -> ElementType.I32;
      case "INT64" -> ElementType.I64;
      case "UINT8" -> ElementType.U8;
      case "UINT16" -> ElementType.U16;
      case "UINT32" -> ElementType.U32;
      case "UINT64" -> ElementType.U64;
      case "BOOL" -> ElementType.BOOL;
      default -> throw site.refuse("elements of the type " + name + " are not supported.");
    };
  }

  private static void castLike(Site site) {
    site.out(0, cast(site, site.in(0), site.in(1).type()));
  }

  /** The operand as another type; where that changes no element, nothing is moved. */
  static Operand cast(Site site, Operand operand, ElementType type) {
    if (operand.type() == type) {
      return operand;
    }
    if (holdsAll(operand.type(), type)) {
      return operand.isConstant()
          ? site.constant(converted(operand.value(), type))
          : operand.as(type);
    }
    ElementType from = operand.type();
    if (from.storage() == Storage.LONG && from != ElementType.U64 && type == ElementType.F32) {
      return Flat.scalar(site, operand, type, Casts::longsToFloats);
    }
    long wide = from.storage().bytes();
    long step = type.storage().bytes();
    return Flat.scalar(
        site,
        operand,
        type,
        (x, y, count) -> {
          for (int i = 0; i < count; i++) {
            convert(from, x + wide * i, type, y + step * i);
          }
        });
  }

  private static void longsToFloats(long from, long to, int count) {
    for (int i = 0; i < count; i++) {
      float value = (float) Elements.getLong(from + (long) Long.BYTES * i);
      Elements.setFloat(to + (long) Float.BYTES * i, value);
    }
  }

  /** Whether every element of a type is stored in the same way as one of another. */
  private static boolean holdsAll(ElementType from, ElementType to) {
    if (from.storage() != to.storage()) {
      return false;
    }
    if (from.isFloating()) {
      return to == ElementType.F32;
    }
    if (to == ElementType.BOOL || from.bits() == Long.SIZE) {
      return to.bits() == Long.SIZE;
    }
    boolean signed = !from.isUnsigned() && from != ElementType.BOOL;
    return signed ? !to.isUnsigned() && from.bits() <= to.bits() : from.bits() < to.bits();
  }

  private static void convert(ElementType from, long source, ElementType type, long target) {
    if (from.storage() == Storage.LONG) {
      long value = Elements.getLong(source);
      switch (type.storage()) {
        case LONG -> Elements.setLong(target, type.wrapped(value));
        case FLOAT -> Elements.setFloat(target, type.rounded(toFloat(from, value)));
        case DOUBLE -> Elements.setDouble(target, toDouble(from, value));
      }
      return;
    }
    double value = Elements.get(from.storage(), source);
    switch (type.storage()) {
      case LONG -> Elements.setLong(target, whole(type, value));
      case FLOAT -> Elements.setFloat(target, type.rounded((float) value));
      case DOUBLE -> Elements.setDouble(target, value);
    }
  }

  private static float toFloat(ElementType type, long value) {
    return type == ElementType.U64 && value < 0 ? (float) toDouble(type, value) : value;
  }

  private static double toDouble(ElementType type, long value) {
    return type == ElementType.U64 && value < 0 ? (value >>> 1) * 2.0 + (value & 1) : value;
  }

  /**
   * The fraction is cut off, and NaN is 0. What is out of range becomes the nearest of 32 or 64
   * bits with a sign, and wraps round in other types.
   */
  private static long whole(ElementType type, double value) {
    return switch (type) {
      case BOOL -> value == 0 ? 0 : 1;
      case I32 -> (int) value;
      case U64 -> value >= 0x1p63 ? (long) (value - 0x1p63) ^ Long.MIN_VALUE : (long) value;
      default -> type.wrapped((long) value);
    };
  }

  /** A tensor as another type. */
  static Tensor converted(Tensor tensor, ElementType type) {
    if (tensor.type() == type) {
      return tensor;
    }
    int size = tensor.size();
    int[] shape = tensor.shape();
    return switch (type.storage()) {
      case DOUBLE -> {
        double[] doubles = new double[size];
        for (int i = 0; i < size; i++) {
          doubles[i] = real(tensor, i);
        }
        yield Tensor.wrap(doubles, shape);
      }
      case FLOAT -> {
        float[] floats = new float[size];
        for (int i = 0; i < size; i++) {
          boolean isWhole = tensor.type().storage() == Storage.LONG;
          floats[i] =
              type.rounded(
                  isWhole ? toFloat(tensor.type(), whole(tensor, i)) : (float) real(tensor, i));
        }
        yield Tensor.wrap(type, floats, shape);
      }
      case LONG -> {
        long[] longs = new long[size];
        for (int i = 0; i < size; i++) {
          boolean isWhole = tensor.type().storage() == Storage.LONG;
          longs[i] = isWhole ? type.wrapped(whole(tensor, i)) : whole(type, tensor.doubleAt(i));
        }
        yield Tensor.wrap(type, longs, shape);
      }
    };
  }

  private static long whole(Tensor tensor, int index) {
    return ((long[]) tensor.shared())[index];
  }

  private static double real(Tensor tensor, int index) {
    return tensor.type() == ElementType.U64
        ? toDouble(ElementType.U64, whole(tensor, index))
        : tensor.doubleAt(index);
  }
}
