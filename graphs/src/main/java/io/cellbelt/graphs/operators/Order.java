package io.cellbelt.graphs.operators;

import io.cellbelt.graphs.ElementType;
import io.cellbelt.graphs.ElementType.Storage;
import io.cellbelt.graphs.plan.Elements;

/** The order of elements: as numbers, both zeros the same, and NaN behind all. */
final class Order {
  private Order() {}

  static int compare(double a, double b) {
    return a < b ? -1 : a > b ? 1 : a == b ? 0 : Boolean.compare(Double.isNaN(a), Double.isNaN(b));
  }

  /** Of integers of a type. */
  static int compare(ElementType type, long a, long b) {
    return type == ElementType.U64 ? Long.compareUnsigned(a, b) : Long.compare(a, b);
  }

  /** Of the elements at two addresses. */
  static int compareAt(ElementType type, long a, long b) {
    Storage storage = type.storage();
    return storage == Storage.LONG
        ? compare(type, Elements.getLong(a), Elements.getLong(b))
        : compare(Elements.get(storage, a), Elements.get(storage, b));
  }
}
