package io.cellbelt.kernels.simd;

import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

/**
 * A static kernel that C2 compiles by itself and never inlines into its caller.
 *
 * <p>C2 stops inlining after it has created 18,000 nodes for a method (NodeCountInliningCutoff),
 * and an operation of the Vector API takes about 400. A caller that inlined two activations, or
 * many small loops, would run out in the middle of one, and from there on vectors are boxed: 30
 * times slower, 32 bytes allocated per element. So a method with a loop over vectors is called this
 * way, unless it is too large to be inlined (over 325 bytecodes). A method handle that is not a
 * constant is always a call; it costs about 3 ns.
 */
public final class Outlined {
  private final MethodHandles.Lookup lookup;
  private final String name;
  private final MethodType type;

  /** Not final on purpose: C2 would see through a constant and inline it. */
  private MethodHandle target;

  private Outlined(MethodHandles.Lookup lookup, String name, MethodType type) {
    this.lookup = lookup;
    this.name = name;
    this.type = type;
  }

  /**
   * A static method over a block of floats: {@code name(long address, int floats)}.
   *
   * @param lookup of the class that has the method
   */
  public static Outlined block(MethodHandles.Lookup lookup, String name) {
    return new Outlined(lookup, name, MethodType.methodType(void.class, long.class, int.class));
  }

  /**
   * A static method over addresses and strides, three to eight of them: {@code name(long, long,
   * ...)}.
   *
   * @param lookup of the class that has the method
   */
  public static Outlined addresses(MethodHandles.Lookup lookup, String name, int count) {
    return new Outlined(
        lookup, name, MethodType.methodType(void.class, Collections.nCopies(count, long.class)));
  }

  /**
   * A static method over addresses and strides, and then numbers: {@code name(long, ..., float,
   * ...)}.
   *
   * @param lookup of the class that has the method
   */
  public static Outlined numbers(
      MethodHandles.Lookup lookup, String name, int addresses, int numbers) {
    List<Class<?>> parameters = new ArrayList<>(Collections.nCopies(addresses, long.class));
    parameters.addAll(Collections.nCopies(numbers, float.class));
    return new Outlined(lookup, name, MethodType.methodType(void.class, parameters));
  }

  /**
   * A static method that makes one float of an address, a count and perhaps a number: {@code float
   * name(long, long)} or {@code float name(long, long, float)}.
   *
   * @param lookup of the class that has the method
   */
  public static Outlined value(MethodHandles.Lookup lookup, String name, int numbers) {
    List<Class<?>> parameters = new ArrayList<>(Collections.nCopies(2, long.class));
    parameters.addAll(Collections.nCopies(numbers, float.class));
    return new Outlined(lookup, name, MethodType.methodType(float.class, parameters));
  }

  /**
   * A static method over two addresses, and indices of which the first ones count: {@code
   * name(long, long, int[], int)}.
   *
   * @param lookup of the class that has the method
   */
  public static Outlined indexed(MethodHandles.Lookup lookup, String name) {
    return new Outlined(
        lookup,
        name,
        MethodType.methodType(void.class, long.class, long.class, int[].class, int.class));
  }

  /** Found at the first call: most programs use few kernels, and each handle takes 0.3 ms. */
  private MethodHandle target() {
    MethodHandle found = target;
    return found != null ? found : find();
  }

  private MethodHandle find() {
    try {
      target = lookup.findStatic(lookup.lookupClass(), name, type);
      return target;
    } catch (ReflectiveOperationException e) {
      throw new LinkageError(e.getMessage(), e);
    }
  }

  /** Calls a kernel over a block of floats. */
  public void call(long address, int floats) {
    try {
      target().invokeExact(address, floats);
    } catch (Throwable e) {
      throw rethrown(e);
    }
  }

  /** Calls a kernel over three addresses and strides. */
  public void call(long a, long b, long c) {
    try {
      target().invokeExact(a, b, c);
    } catch (Throwable e) {
      throw rethrown(e);
    }
  }

  /** Calls a kernel over four addresses and strides. */
  public void call(long a, long b, long c, long d) {
    try {
      target().invokeExact(a, b, c, d);
    } catch (Throwable e) {
      throw rethrown(e);
    }
  }

  /** Calls a kernel over five addresses and strides. */
  public void call(long a, long b, long c, long d, long e) {
    try {
      target().invokeExact(a, b, c, d, e);
    } catch (Throwable t) {
      throw rethrown(t);
    }
  }

  /** Calls a kernel over six addresses and strides. */
  public void call(long a, long b, long c, long d, long e, long f) {
    try {
      target().invokeExact(a, b, c, d, e, f);
    } catch (Throwable t) {
      throw rethrown(t);
    }
  }

  /** Calls a kernel over an address, a count and a number. */
  public void call(long a, long b, float x) {
    try {
      target().invokeExact(a, b, x);
    } catch (Throwable e) {
      throw rethrown(e);
    }
  }

  /** Calls a kernel over two addresses, a count and a number. */
  public void call(long a, long b, long c, float x) {
    try {
      target().invokeExact(a, b, c, x);
    } catch (Throwable e) {
      throw rethrown(e);
    }
  }

  /** Calls a kernel over three addresses and counts, and two numbers. */
  public void call(long a, long b, long c, float x, float y) {
    try {
      target().invokeExact(a, b, c, x, y);
    } catch (Throwable e) {
      throw rethrown(e);
    }
  }

  /** Calls a kernel over three addresses and counts, and three numbers. */
  public void call(long a, long b, long c, float x, float y, float z) {
    try {
      target().invokeExact(a, b, c, x, y, z);
    } catch (Throwable e) {
      throw rethrown(e);
    }
  }

  /** Calls a kernel over an address, a count and six numbers. */
  public void call(long a, long b, float x, float y, float z, float u, float v, float w) {
    try {
      target().invokeExact(a, b, x, y, z, u, v, w);
    } catch (Throwable t) {
      throw rethrown(t);
    }
  }

  /** Calls a kernel over five addresses and counts, and seven numbers. */
  public void call(
      long a,
      long b,
      long c,
      long d,
      long e,
      float x,
      float y,
      float z,
      float u,
      float v,
      float w,
      float r) {
    try {
      target().invokeExact(a, b, c, d, e, x, y, z, u, v, w, r);
    } catch (Throwable t) {
      throw rethrown(t);
    }
  }

  /** Calls a kernel over four addresses and counts, and six numbers. */
  public void call(
      long a, long b, long c, long d, float x, float y, float z, float u, float v, float w) {
    try {
      target().invokeExact(a, b, c, d, x, y, z, u, v, w);
    } catch (Throwable t) {
      throw rethrown(t);
    }
  }

  /** Calls a kernel over seven addresses and strides. */
  public void call(long a, long b, long c, long d, long e, long f, long g) {
    try {
      target().invokeExact(a, b, c, d, e, f, g);
    } catch (Throwable t) {
      throw rethrown(t);
    }
  }

  /** Calls a kernel over four addresses and counts, and three numbers. */
  public void call(long a, long b, long c, long d, float x, float y, float z) {
    try {
      target().invokeExact(a, b, c, d, x, y, z);
    } catch (Throwable t) {
      throw rethrown(t);
    }
  }

  /** Calls a kernel over five addresses and counts, and a number. */
  public void call(long a, long b, long c, long d, long e, float x) {
    try {
      target().invokeExact(a, b, c, d, e, x);
    } catch (Throwable t) {
      throw rethrown(t);
    }
  }

  /** Calls a kernel over seven addresses and counts, and two numbers. */
  public void call(long a, long b, long c, long d, long e, long f, long g, float x, float y) {
    try {
      target().invokeExact(a, b, c, d, e, f, g, x, y);
    } catch (Throwable t) {
      throw rethrown(t);
    }
  }

  /** Calls a kernel over eight addresses, strides and counts. */
  public void call(long a, long b, long c, long d, long e, long f, long g, long h) {
    try {
      target().invokeExact(a, b, c, d, e, f, g, h);
    } catch (Throwable t) {
      throw rethrown(t);
    }
  }

  /** Calls a kernel over two addresses and some indices. */
  public void call(long a, long b, int[] indices, int count) {
    try {
      target().invokeExact(a, b, indices, count);
    } catch (Throwable e) {
      throw rethrown(e);
    }
  }

  /** Returns what a kernel makes of an address and a count. */
  public float value(long a, long b) {
    try {
      return (float) target().invokeExact(a, b);
    } catch (Throwable e) {
      throw rethrown(e);
    }
  }

  /** Returns what a kernel makes of an address, a count and a number. */
  public float value(long a, long b, float x) {
    try {
      return (float) target().invokeExact(a, b, x);
    } catch (Throwable e) {
      throw rethrown(e);
    }
  }

  /** Kernels declare no checked exception, so this is what they threw. */
  private static RuntimeException rethrown(Throwable e) {
    if (e instanceof Error error) {
      throw error;
    }
    return (RuntimeException) e;
  }
}
