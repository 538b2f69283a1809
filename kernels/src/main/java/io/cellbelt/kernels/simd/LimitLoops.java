package io.cellbelt.kernels.simd;

import static io.cellbelt.kernels.simd.Lanes.BYTES;
import static io.cellbelt.kernels.simd.Lanes.base;
import static io.cellbelt.kernels.simd.Lanes.load;
import static io.cellbelt.kernels.simd.Lanes.loadInts;
import static io.cellbelt.kernels.simd.Lanes.store;
import static io.cellbelt.kernels.simd.Lanes.stride;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;

/**
 * Loops that do one thing as fast as this CPU can at the kernels' width: what kernels are measured
 * against.
 */
public final class LimitLoops {
  /** Bytes of an iteration of {@link #read}. */
  public static final int READ_BYTES = 16 * BYTES;

  /** Floating-point operations of an iteration of {@link #fma}. */
  public static final int FMA_FLOPS = 12 * 2 * Lanes.COUNT;

  private LimitLoops() {}

  /**
   * Reads every byte once and stores the bitwise or of all vectors, so that no load can be dropped.
   *
   * <p>An or takes one cycle, so the loads alone set the pace; sixteen of them, because C2 adds two
   * of its own to every iteration, for the safepoint. Four quarters are read side by side, as
   * kernels read panels, because from an outer cache several streams arrive faster than one.
   *
   * @param bytes a positive multiple of {@link #READ_BYTES}
   * @param result where a vector is written
   */
  public static void read(long address, long bytes, long result) {
    IntVector c0 = IntVector.zero(Lanes.INTS), c1 = c0, c2 = c0, c3 = c0;
    IntVector c4 = c0, c5 = c0, c6 = c0, c7 = c0;
    long q = stride(bytes / 4);
    for (long at = address, end = address + q; at != end; at += READ_BYTES / 4) {
      long p = base(at);
      c0 = c0.or(loadInts(p));
      c1 = c1.or(loadInts(p + q));
      c2 = c2.or(loadInts(p + 2 * q));
      c3 = c3.or(loadInts(p + 3 * q));
      c4 = c4.or(loadInts(p + BYTES));
      c5 = c5.or(loadInts(p + q + BYTES));
      c6 = c6.or(loadInts(p + 2 * q + BYTES));
      c7 = c7.or(loadInts(p + 3 * q + BYTES));
      c0 = c0.or(loadInts(p + 2 * BYTES));
      c1 = c1.or(loadInts(p + q + 2 * BYTES));
      c2 = c2.or(loadInts(p + 2 * q + 2 * BYTES));
      c3 = c3.or(loadInts(p + 3 * q + 2 * BYTES));
      c4 = c4.or(loadInts(p + 3 * BYTES));
      c5 = c5.or(loadInts(p + q + 3 * BYTES));
      c6 = c6.or(loadInts(p + 2 * q + 3 * BYTES));
      c7 = c7.or(loadInts(p + 3 * q + 3 * BYTES));
    }
    IntVector all = c0.or(c1).or(c2).or(c3).or(c4.or(c5).or(c6).or(c7));
    store(all.reinterpretAsFloats(), base(result));
  }

  /**
   * Twelve independent chains of FMAs in registers: more than the eight that two FMAs a cycle with
   * a latency of 4 need, and with both factors within 16 registers.
   *
   * @param end a multiple of step
   * @param step counts the iterations up to end; a variable, so that C2 does not unroll the loop
   * @param result where three vectors are read and one is written
   */
  public static void fma(long end, long step, long result) {
    long r = base(result);
    FloatVector a = load(r), b = load(r + BYTES);
    FloatVector c0 = load(r + 2 * BYTES), c1 = c0, c2 = c0, c3 = c0, c4 = c0, c5 = c0;
    FloatVector c6 = c0, c7 = c0, c8 = c0, c9 = c0, c10 = c0, c11 = c0;
    for (long at = 0; at != end; at += step) {
      c0 = a.fma(b, c0);
      c1 = a.fma(b, c1);
      c2 = a.fma(b, c2);
      c3 = a.fma(b, c3);
      c4 = a.fma(b, c4);
      c5 = a.fma(b, c5);
      c6 = a.fma(b, c6);
      c7 = a.fma(b, c7);
      c8 = a.fma(b, c8);
      c9 = a.fma(b, c9);
      c10 = a.fma(b, c10);
      c11 = a.fma(b, c11);
    }
    FloatVector low = c0.add(c1).add(c2).add(c3).add(c4).add(c5);
    store(low.add(c6.add(c7).add(c8).add(c9).add(c10).add(c11)), r + 2 * BYTES);
  }
}
