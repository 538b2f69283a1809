package io.cellbelt.graphs.plan;

import io.cellbelt.graphs.ElementType;
import io.cellbelt.graphs.ElementType.Storage;
import io.cellbelt.graphs.Tensor;
import java.util.Arrays;

/** A tensor of a plan: what it holds, how that lies, and where; or what is known of it already. */
public final class Operand {
  private final ElementType type;
  private final Layout layout;
  private final long offset;

  /** Null where it is a constant that no kernel has asked for yet. */
  private Place place;

  /** The elements that the layout points into; null where only a run gives them. */
  private final Tensor constant;

  private final Constants constants;

  private Operand(
      ElementType type, Layout layout, Place place, Tensor constant, Constants constants) {
    this.type = type;
    this.layout = layout;
    this.place = place;
    this.constant = constant;
    this.constants = constants;
    offset = (long) type.storage().bytes() * layout.offset();
  }

  static Operand of(ElementType type, Layout layout, Place place) {
    return new Operand(type, layout, place, null, null);
  }

  static Operand of(Tensor constant, Constants constants) {
    return new Operand(constant.type(), Layout.dense(constant.shape()), null, constant, constants);
  }

  /** The same elements, or some of them, laid out otherwise. */
  public Operand view(Layout other) {
    return new Operand(type, other, place, constant, constants);
  }

  /** The same constant, written elsewhere when a kernel asks for it. */
  Operand in(Constants others) {
    return new Operand(type, layout, null, constant, others);
  }

  /** The same memory with elements that are taken for another type of the same storage. */
  public Operand as(ElementType other) {
    return new Operand(other, layout, place(), null, null);
  }

  /** What the elements are. */
  public ElementType type() {
    return type;
  }

  /** How the elements are stored. */
  public Storage storage() {
    return type.storage();
  }

  /** How the elements lie. */
  public Layout layout() {
    return layout;
  }

  /** The sizes of the dimensions, which nobody may write to. */
  public int[] shape() {
    return layout.shape();
  }

  /** The size of a dimension. */
  public int size(int dimension) {
    return layout.shape()[dimension];
  }

  /** Number of dimensions. */
  public int rank() {
    return layout.rank();
  }

  /** Number of elements. */
  public int size() {
    return layout.size();
  }

  /** Whether the elements are known before any run. */
  public boolean isConstant() {
    return constant != null;
  }

  /** The elements, row-major, if they are known before any run. */
  public Tensor value() {
    if (layout.isDense() && layout.offset() == 0 && layout.size() == constant.size()) {
      return Arrays.equals(shape(), constant.shape()) ? constant : constant.reshaped(shape());
    }
    int[] indices = layout.indices();
    return switch (constant.shared()) {
      case float[] floats -> {
        float[] all = new float[indices.length];
        for (int i = 0; i < all.length; i++) {
          all[i] = floats[indices[i]];
        }
        yield Tensor.wrap(type, all, shape());
      }
      case double[] doubles -> {
        double[] all = new double[indices.length];
        for (int i = 0; i < all.length; i++) {
          all[i] = doubles[indices[i]];
        }
        yield Tensor.wrap(all, shape());
      }
      default -> {
        long[] longs = (long[]) constant.shared();
        long[] all = new long[indices.length];
        for (int i = 0; i < all.length; i++) {
          all[i] = longs[indices[i]];
        }
        yield Tensor.wrap(type, all, shape());
      }
    };
  }

  Tensor whole() {
    return constant;
  }

  /** The memory; a constant is given some where it has none. */
  Place place() {
    if (place == null) {
      place = constants.place(constant);
    }
    return place;
  }

  /** Raw address of the first element during a run. */
  public long at(Memory memory) {
    return place.at(memory) + offset;
  }

  @Override
  public String toString() {
    return type + " " + Arrays.toString(shape());
  }
}
