package io.cellbelt.propertytests.kernels;

import static io.cellbelt.propertytests.support.Allocations.checkNone;

import io.cellbelt.kernels.PanelShape;
import io.cellbelt.kernels.Slab;
import io.cellbelt.kernels.elementwise.Binary;
import io.cellbelt.kernels.elementwise.Clip;
import io.cellbelt.kernels.elementwise.Moves;
import io.cellbelt.kernels.elementwise.Normalise;
import io.cellbelt.kernels.elementwise.Reduction;
import io.cellbelt.kernels.elementwise.Softmax;
import io.cellbelt.kernels.elementwise.Unary;
import io.cellbelt.kernels.product.Panels;
import io.cellbelt.kernels.product.Products;
import io.cellbelt.propertytests.support.Floats;
import java.util.Arrays;
import java.util.function.IntConsumer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledIfSystemProperty;

/**
 * Once warm, the kernels of graphs allocate nothing: over long rows, after so many short ones that
 * the compiler has taken those for the rule.
 */
@DisabledIfSystemProperty(
    named = "cellbelt.checkedSegments",
    matches = "true",
    disabledReason = "checked segments allocate a slice per access")
class ElementwiseAllocationTest {
  private static final int LONG = 200;
  private static final int SHORT_CALLS = 20_000;
  private static final int AREA = 256 * 64;

  private Slab slab;
  private long x;
  private long b;
  private long y;

  @BeforeEach
  void allocate() {
    slab = Slab.allocate(3 * AREA);
    slab.put(0, Floats.random(2 * AREA, 1), 0, 2 * AREA);
    x = slab.address();
    b = slab.address(AREA);
    y = slab.address(2 * AREA);
  }

  @AfterEach
  void free() {
    slab.close();
  }

  private static void check(String what, IntConsumer kernel) {
    for (int i = 0; i < SHORT_CALLS; i++) {
      kernel.accept(1 + i % 9);
    }
    checkNone(what, () -> kernel.accept(LONG));
  }

  @Test
  void elementwiseLoopsDoNot() {
    for (Binary operator : Binary.values()) {
      check(operator + " of rows", n -> operator.apply(x, 0, false, b, 0, false, y, 1024, n, 2));
      check(
          operator + " of rows and scalars",
          n -> operator.apply(x, 0, false, b, 4, true, y, 1024, n, 2));
      check(
          operator + " of scalars and rows",
          n -> operator.apply(x, 4, true, b, 0, false, y, 1024, n, 2));
    }
    for (Unary function : Unary.values()) {
      check(function.name(), n -> function.apply(x, y, n));
    }
    check("clip", n -> Clip.apply(x, y, n, 2, 3));
  }

  @Test
  void loopsOverRowsDoNot() {
    for (Reduction reduction : Reduction.values()) {
      check(reduction + " of rows", n -> reduction.rows(x, 1024, n, 3, y));
      check(reduction + " of columns", n -> reduction.columns(x, 1024, 3, y, n));
    }
    check("softmax", n -> Softmax.rows(x, 1024, y, 1024, n, 2, false));
    check("its logarithm", n -> Softmax.rows(x, 1024, y, 1024, n, 2, true));
    check("normalisation", n -> Normalise.rows(x, 1024, y, 1024, n, 2, 1e-5f));
  }

  @Test
  void movesDoNot() {
    int[] index = new int[LONG];
    Arrays.setAll(index, i -> (i * 37) % AREA / 2 - 5);
    check("gather", n -> Moves.gather(x, y, index, n));
    int[] targets = new int[LONG];
    Arrays.setAll(targets, i -> i * 37 % LONG);
    check("scatter", n -> Moves.scatter(x, y, targets, n));
    check("wide gather", n -> Moves.gatherWide(x, y, index, n));
    int[] runs = {3, 7, 0, 500, 600, 0};
    check(
        "runs",
        n -> {
          runs[2] = n;
          runs[5] = n;
          Moves.runs(x, y, runs, 2);
        });
    check("copy", n -> Moves.copy(x, y, n));
    check("fill", n -> Moves.fill(y, n, 1));
  }

  @Test
  void productsWithComputedMatricesDoNot() {
    PanelShape shape = new PanelShape(20, 1, LONG);
    check("packed rows", n -> Panels.packRows(x, 1024, 20, n, b));
    check("packed columns", n -> Panels.packColumns(x, 80, 20, n, b));
    checkNone("one row", () -> Products.add(x, 1024, 1, shape, b, y, 0, y, 1024));
    checkNone("some rows", () -> Products.add(x, 1024, 13, shape, b, y, 0, y, 1024));
  }
}
