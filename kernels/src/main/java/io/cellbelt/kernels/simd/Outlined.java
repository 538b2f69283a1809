package io.cellbelt.kernels.simd;

import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;

/**
 * A static kernel that C2 compiles by itself and never inlines into its caller.
 *
 * <p>C2 stops inlining after it has created 18,000 nodes for a method (NodeCountInliningCutoff), and
 * an operation of the Vector API takes about 400. A caller that inlined two activations would run
 * out in the middle of the second, and from there on vectors are boxed: 30 times slower, 32 bytes
 * allocated per element. A method handle that is not a constant is always a call; it costs about 3
 * ns.
 */
public final class Outlined {
  /** Not final on purpose: C2 would see through a constant and inline it. */
  private MethodHandle target;

  private Outlined(MethodHandle target) {
    this.target = target;
  }

  /**
   * The static method of that name, taking one of the parameter lists of the calls below.
   *
   * @param lookup of the class that has the method
   */
  public static Outlined of(MethodHandles.Lookup lookup, String name, Class<?>... parameters) {
    try {
      return new Outlined(
          lookup.findStatic(
              lookup.lookupClass(), name, MethodType.methodType(void.class, parameters)));
    } catch (ReflectiveOperationException e) {
      throw new LinkageError(e.getMessage(), e);
    }
  }

  /** Calls a kernel over a block of floats. */
  public void call(long address, int floats) {
    try {
      target.invokeExact(address, floats);
    } catch (Throwable e) {
      throw rethrown(e);
    }
  }

  /** Calls a kernel over several blocks. */
  public void call(long a, long b, long c, long d) {
    try {
      target.invokeExact(a, b, c, d);
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
