package io.cellbelt.kernels.pointwise;

import io.cellbelt.kernels.activation.Sigmoid;
import io.cellbelt.kernels.activation.Tanh;
import io.cellbelt.kernels.simd.Lanes;
import io.cellbelt.kernels.simd.Outlined;
import java.lang.invoke.MethodHandles;
import jdk.incubator.vector.FloatVector;

/**
 * Gradients of what cells with σ for gates and tanh for a candidate do with them, each in one pass.
 * Gradients of pre-activations take the place of the outputs, and dh that of t-1 the place of dh.
 */
final class Gating {
  private static final Outlined KEEP = Outlined.addresses(MethodHandles.lookup(), "keepLoop", 5);
  private static final Outlined RENEW = Outlined.addresses(MethodHandles.lookup(), "renewLoop", 6);
  private static final Outlined RESET = Outlined.addresses(MethodHandles.lookup(), "resetLoop", 5);
  private static final Outlined RESET_PRODUCT =
      Outlined.addresses(MethodHandles.lookup(), "resetProductLoop", 4);

  private Gating() {}

  /**
   * Of {@code h = z h' + (1 - z) n}:
   *
   * <pre>
   *   daz = dh (h' - n) z (1 - z)    dan = dh (1 - z) (1 - n²)    dh' = dh z
   * </pre>
   */
  static void keep(long z, long n, long previous, long dh, long bytes) {
    KEEP.call(z, n, previous, dh, bytes);
  }

  /**
   * Of {@code h = z n + (1 - z) h'}, with daz written to a block of its own or in place of z:
   *
   * <pre>
   *   daz = dh (n - h') z (1 - z)    dan = dh z (1 - n²)    dh' = dh (1 - z)
   * </pre>
   */
  static void renew(long z, long n, long previous, long dh, long daz, long bytes) {
    RENEW.call(z, n, previous, dh, daz, bytes);
  }

  /** Of {@code q = r h'}: {@code dar = dq h' r (1 - r), dh' += dq r}. */
  static void reset(long r, long dq, long previous, long dh, long bytes) {
    RESET.call(r, dq, previous, dh, bytes);
  }

  /** Of {@code an = ... + r m}: {@code dar = dan m r (1 - r), dm = dan r}. */
  static void resetProduct(long r, long m, long dan, long bytes) {
    RESET_PRODUCT.call(r, m, dan, bytes);
  }

  @SuppressWarnings("UnusedMethod") // through a handle
  private static void keepLoop(long z, long n, long previous, long dh, long bytes) {
    long share = Lanes.base(z);
    long candidate = Lanes.base(n);
    long old = Lanes.base(previous);
    long d = Lanes.base(dh);
    for (long at = 0, end = Lanes.stride(bytes); at < end; at += Lanes.BYTES) {
      FloatVector dState = Lanes.flushed(Lanes.load(d + at));
      FloatVector kept = Lanes.load(share + at);
      FloatVector fresh = Lanes.load(candidate + at);
      FloatVector dOld = dState.mul(kept);
      FloatVector dShare = dState.mul(Lanes.load(old + at).sub(fresh));
      Lanes.store(dShare.mul(Sigmoid.derivativeFromOutput(kept)), share + at);
      Lanes.store(dState.sub(dOld).mul(Tanh.derivativeFromOutput(fresh)), candidate + at);
      Lanes.store(dOld, d + at);
    }
  }

  @SuppressWarnings("UnusedMethod") // through a handle
  private static void renewLoop(long z, long n, long previous, long dh, long daz, long bytes) {
    long share = Lanes.base(z);
    long candidate = Lanes.base(n);
    long old = Lanes.base(previous);
    long d = Lanes.base(dh);
    long to = Lanes.base(daz);
    for (long at = 0, end = Lanes.stride(bytes); at < end; at += Lanes.BYTES) {
      FloatVector dState = Lanes.flushed(Lanes.load(d + at));
      FloatVector renewed = Lanes.load(share + at);
      FloatVector fresh = Lanes.load(candidate + at);
      FloatVector dFresh = dState.mul(renewed);
      FloatVector dShare = dState.mul(fresh.sub(Lanes.load(old + at)));
      Lanes.store(dShare.mul(Sigmoid.derivativeFromOutput(renewed)), to + at);
      Lanes.store(dFresh.mul(Tanh.derivativeFromOutput(fresh)), candidate + at);
      Lanes.store(dState.sub(dFresh), d + at);
    }
  }

  @SuppressWarnings("UnusedMethod") // through a handle
  private static void resetLoop(long r, long dq, long previous, long dh, long bytes) {
    long reset = Lanes.base(r);
    long product = Lanes.base(dq);
    long old = Lanes.base(previous);
    long d = Lanes.base(dh);
    for (long at = 0, end = Lanes.stride(bytes); at < end; at += Lanes.BYTES) {
      FloatVector gate = Lanes.load(reset + at);
      FloatVector dProduct = Lanes.load(product + at);
      FloatVector dGate = dProduct.mul(Lanes.load(old + at));
      Lanes.store(dGate.mul(Sigmoid.derivativeFromOutput(gate)), reset + at);
      Lanes.store(dProduct.fma(gate, Lanes.load(d + at)), d + at);
    }
  }

  @SuppressWarnings("UnusedMethod") // through a handle
  private static void resetProductLoop(long r, long m, long dan, long bytes) {
    long reset = Lanes.base(r);
    long product = Lanes.base(m);
    long d = Lanes.base(dan);
    for (long at = 0, end = Lanes.stride(bytes); at < end; at += Lanes.BYTES) {
      FloatVector gate = Lanes.load(reset + at);
      FloatVector dSum = Lanes.load(d + at);
      FloatVector dGate = dSum.mul(Lanes.load(product + at));
      Lanes.store(dGate.mul(Sigmoid.derivativeFromOutput(gate)), reset + at);
      Lanes.store(dSum.mul(gate), product + at);
    }
  }
}
