package io.cellbelt.graphs.operators;

import io.cellbelt.graphs.plan.Operand;
import io.cellbelt.graphs.plan.Site;
import java.util.List;

/** Kernels with up to three operands of any storage, each of which may be repeated. */
final class Rows {
  private static final int BLOCK = 1024;

  private Rows() {}

  /** One row; steps are in bytes, and y has no gaps. */
  @FunctionalInterface
  interface Loop {
    void run(long a, long aStep, long b, long bStep, long c, long cStep, long y, int count);
  }

  /** With three operands of the shape of y, which is dense. */
  static void run(Site site, Loop loop, Operand a, Operand b, Operand c, Operand y) {
    Walk walk = Walk.of(a.layout(), b.layout(), c.layout(), y.layout());
    long wideA = a.storage().bytes();
    long wideB = b.storage().bytes();
    long wideC = c.storage().bytes();
    long wideY = y.storage().bytes();
    int[][] starts = walk.starts();
    site.run(
        memory -> {
          long fromA = a.at(memory);
          long fromB = b.at(memory);
          long fromC = c.at(memory);
          long toY = y.at(memory);
          for (int i = 0; i < starts[0].length; i++) {
            for (int row = 0; row < walk.rows(); row++) {
              // A loop that is called often is compiled sooner and better than one that is long.
              for (int j = 0; j < walk.inner(); j += BLOCK) {
                loop.run(
                    fromA + wideA * walk.at(starts, 0, i, row, j),
                    wideA * walk.innerStep(0),
                    fromB + wideB * walk.at(starts, 1, i, row, j),
                    wideB * walk.innerStep(1),
                    fromC + wideC * walk.at(starts, 2, i, row, j),
                    wideC * walk.innerStep(2),
                    toY + wideY * walk.at(starts, 3, i, row, j),
                    Math.min(BLOCK, walk.inner() - j));
              }
            }
          }
        },
        List.of(a, b, c),
        List.of(y));
  }
}
