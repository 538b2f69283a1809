package io.cellbelt.kernels.elementwise;

import io.cellbelt.kernels.Slab;
import io.cellbelt.kernels.simd.Lanes;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorShuffle;

/**
 * Sixteen lanes, whatever the vector width: element i of a row goes to lane i modulo 16, and in the
 * end the lanes meet in a tree, {@code l[i] + l[i + 8]}, then 4, 2 and 1 apart. With narrower
 * vectors a few of them take turns; which one has the first lanes does not matter to the tree.
 */
final class Lines {
  /** Vectors that make up the lanes. */
  static final int VECTORS = Slab.LINE / Lanes.COUNT;

  private static final VectorShuffle<Float> EIGHT = apart(8);
  private static final VectorShuffle<Float> FOUR = apart(4);
  private static final VectorShuffle<Float> TWO = apart(2);
  private static final VectorShuffle<Float> ONE = apart(1);

  private Lines() {}

  private static VectorShuffle<Float> apart(int distance) {
    return VectorShuffle.fromOp(Lanes.SPECIES, i -> (i + distance) % Lanes.COUNT);
  }

  /** As many of the floats of a row as fill whole vectors. */
  static int whole(int floats) {
    return floats - floats % Lanes.COUNT;
  }

  /** The sum of the lanes, of which the first vectors hold the last ones where there are fewer. */
  static float sum(FloatVector s0, FloatVector s1, FloatVector s2, FloatVector s3) {
    FloatVector s = VECTORS == 1 ? s0 : VECTORS == 2 ? s0.add(s1) : s0.add(s2).add(s1.add(s3));
    s = Lanes.COUNT > 8 ? s.add(s.rearrange(EIGHT)) : s;
    s = Lanes.COUNT > 4 ? s.add(s.rearrange(FOUR)) : s;
    s = s.add(s.rearrange(TWO));
    return s.add(s.rearrange(ONE)).lane(0);
  }

  /** The product of the lanes. */
  static float product(FloatVector s0, FloatVector s1, FloatVector s2, FloatVector s3) {
    FloatVector s = VECTORS == 1 ? s0 : VECTORS == 2 ? s0.mul(s1) : s0.mul(s2).mul(s1.mul(s3));
    s = Lanes.COUNT > 8 ? s.mul(s.rearrange(EIGHT)) : s;
    s = Lanes.COUNT > 4 ? s.mul(s.rearrange(FOUR)) : s;
    s = s.mul(s.rearrange(TWO));
    return s.mul(s.rearrange(ONE)).lane(0);
  }

  /** The largest of the lanes. */
  static float maximum(FloatVector s0, FloatVector s1, FloatVector s2, FloatVector s3) {
    return s0.max(s1).max(s2.max(s3)).reduceLanes(VectorOperators.MAX);
  }

  /** The smallest of the lanes. */
  static float minimum(FloatVector s0, FloatVector s1, FloatVector s2, FloatVector s3) {
    return s0.min(s1).min(s2.min(s3)).reduceLanes(VectorOperators.MIN);
  }
}
