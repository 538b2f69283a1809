package io.cellbelt.graphs.operators;

import io.cellbelt.graphs.ElementType.Storage;
import io.cellbelt.graphs.Tensor;
import io.cellbelt.graphs.plan.Elements;
import io.cellbelt.graphs.plan.Layout;
import io.cellbelt.graphs.plan.Operand;
import io.cellbelt.graphs.plan.Operator;
import io.cellbelt.graphs.plan.Site;
import java.util.Arrays;
import java.util.List;

/** Matrix products. */
final class Products {
  private Products() {}

  /** The operator of a name. */
  static Operator operator(String name) {
    return switch (name) {
      case "MatMul" -> Operator.of(name, Products::matMul);
      case "Gemm" ->
          Operator.of(name, Products::gemm, "alpha", "beta", "transA", "transB", "broadcast");
      default -> throw Operators.unknown(name);
    };
  }

  private static void matMul(Site site) {
    site.outRounded(0, product(site, site.in(0), site.in(1)));
  }

  /** {@code [.., M, K]} times {@code [.., K, N]}; a vector is a row on the left, or a column. */
  static Operand product(Site site, Operand left, Operand right) {
    if (left.rank() == 0 || right.rank() == 0 || left.type() != right.type()) {
      throw site.refuse(
          "it multiplies matrices of one type, but got " + left + " and " + right + ".");
    }
    Operand a = left.rank() == 1 ? left.view(left.layout().with(0)) : left;
    Operand b = right.rank() == 1 ? right.view(right.layout().with(1)) : right;
    int m = a.size(a.rank() - 2);
    int k = a.size(a.rank() - 1);
    int n = b.size(b.rank() - 1);
    if (b.size(b.rank() - 2) != k) {
      throw site.refuse(
          "the rows of the first are as long as the columns of the second, but got "
              + left
              + " and "
              + right
              + ".");
    }
    int[] batch =
        Broadcasting.shape(
            site, Arrays.copyOf(a.shape(), a.rank() - 2), Arrays.copyOf(b.shape(), b.rank() - 2));
    Operand y;
    if (k == 0 || Layout.dense(batch).size() == 0 || m == 0 || n == 0) {
      int[] shape = concat(batch, m, n);
      Tensor zero = Casts.converted(Tensor.of(new double[1]), a.type());
      y = site.dense(site.broadcast(site.constant(zero), shape));
    } else if (a.storage() != Storage.FLOAT) {
      y = exact(site, a, b, batch, m, k, n);
    } else if (isMatrix(b)) {
      y = rows(site, a, b.view(matrix(b)), batch, m, k, n);
    } else {
      y = batched(site, a, b, batch, m, k, n);
    }
    Layout layout = y.layout();
    layout = right.rank() == 1 ? layout.without(layout.rank() - 1) : layout;
    layout = left.rank() == 1 ? layout.without(batch.length) : layout;
    return y.view(layout);
  }

  private static int[] concat(int[] batch, int... last) {
    int[] all = Arrays.copyOf(batch, batch.length + last.length);
    System.arraycopy(last, 0, all, batch.length, last.length);
    return all;
  }

  private static boolean isMatrix(Operand operand) {
    return Arrays.stream(operand.shape(), 0, operand.rank() - 2).allMatch(size -> size == 1);
  }

  private static Layout matrix(Operand operand) {
    Layout layout = operand.layout();
    while (layout.rank() > 2) {
      layout = layout.without(0);
    }
    return layout;
  }

  /** One matrix on the right: all rows on the left are one batch of rows. */
  private static Operand rows(Site site, Operand a, Operand b, int[] batch, int m, int k, int n) {
    if (a.isConstant() && !b.isConstant() && isMatrix(a)) {
      // The constant one is packed once: Yᵀ = Bᵀ Aᵀ.
      Operand at = a.view(matrix(a).permuted(1, 0));
      Operand bt = b.view(b.layout().permuted(1, 0));
      Operand yt = Linear.product(site, bt, at, null);
      Layout layout = yt.layout().permuted(1, 0);
      for (int d = 0; d < batch.length; d++) {
        layout = layout.with(0);
      }
      return yt.view(layout);
    }
    int rows = Layout.dense(batch).size() * m;
    Operand x = site.reshaped(a, rows, k);
    Operand y = Linear.product(site, x, b, null);
    return y.view(y.layout().reshaped(concat(batch, m, n)));
  }

  /** A product of its own for each matrix of the batch. */
  private static Operand batched(
      Site site, Operand a, Operand b, int[] batch, int m, int k, int n) {
    Layout as = a.layout().broadcast(concat(batch, m, k));
    Layout bs = b.layout().broadcast(concat(batch, k, n));
    Operand y = site.scratch(a.type(), concat(batch, m, n));
    Layout ys = y.layout();
    int[] sizes = batch;
    for (int index = 0; index < Layout.dense(sizes).size(); index++) {
      Operand part =
          Linear.product(
              site, a.view(pick(as, sizes, index)), b.view(pick(bs, sizes, index)), null);
      site.copy(part, y.view(pick(ys, sizes, index)));
    }
    return y;
  }

  /** The matrix at an index of the batch, counted through. */
  private static Layout pick(Layout all, int[] batch, int index) {
    int rest = index;
    Layout one = all;
    for (int d = batch.length - 1; d >= 0; d--) {
      one = one.picked(d, rest % batch[d]);
      rest /= batch[d];
    }
    return one;
  }

  /** Integers and doubles, term by term. */
  private static Operand exact(Site site, Operand a, Operand b, int[] batch, int m, int k, int n) {
    Operand y = site.scratch(a.type(), concat(batch, m, n));
    Operand left = site.dense(site.broadcast(a, concat(batch, m, k)));
    Operand right = site.dense(site.broadcast(b, concat(batch, k, n)));
    boolean whole = a.storage() == Storage.LONG;
    int count = Layout.dense(batch).size();
    site.run(
        memory -> {
          for (int i = 0; i < count * m * n; i++) {
            long x = left.at(memory) + 8L * (i / n) * k;
            long w = right.at(memory) + 8L * ((long) (i / (m * n)) * k * n + i % n);
            long sum = 0;
            double real = 0;
            for (int j = 0; j < k; j++, x += 8, w += 8L * n) {
              if (whole) {
                sum += Elements.getLong(x) * Elements.getLong(w);
              } else {
                real += Elements.getDouble(x) * Elements.getDouble(w);
              }
            }
            long to = y.at(memory) + 8L * i;
            if (whole) {
              Elements.setLong(to, y.type().wrapped(sum));
            } else {
              Elements.setDouble(to, real);
            }
          }
        },
        List.of(left, right),
        List.of(y));
    return y;
  }

  private static void gemm(Site site) {
    Operand a = transposed(site, 0, "transA");
    Operand b = transposed(site, 1, "transB");
    Operand c = site.optional(2);
    checkAddend(site, a.size(0), b.size(1), c);
    float alpha = site.real("alpha", 1);
    float beta = site.real("beta", 1);
    boolean bias =
        c != null
            && alpha == 1
            && beta == 1
            && a.storage() == Storage.FLOAT
            && c.size() == b.size(1)
            && (c.rank() == 1 || c.rank() == 2 && c.size(1) == b.size(1))
            && b.size() > 0;
    if (bias) {
      Operand row = c.view(c.rank() == 1 ? c.layout() : c.layout().without(0));
      site.outRounded(0, Linear.product(site, a, b, row));
      return;
    }
    Operand y = scaled(site, product(site, a, b), alpha);
    site.outRounded(0, c == null || beta == 0 ? y : Arithmetic.add(site, y, scaled(site, c, beta)));
  }

  /** What is added is repeated to the product, and not the product to it. */
  private static void checkAddend(Site site, int rows, int columns, Operand c) {
    if (c == null) {
      return;
    }
    int[] shape = {rows, columns};
    boolean fits = c.rank() <= 2 && c.type() == site.in(0).type();
    if (!fits || !Arrays.equals(Broadcasting.shape(site, shape, c.shape()), shape)) {
      throw site.refuse(
          "what is added must fit the product of "
              + rows
              + " x "
              + columns
              + " and be of one type with it, but got "
              + c
              + ".");
    }
  }

  private static Operand transposed(Site site, int index, String attribute) {
    Operand matrix = site.in(index);
    if (matrix.rank() != 2) {
      throw site.refuse("it multiplies matrices, but got " + matrix + ".");
    }
    return site.whole(attribute, 0) == 0 ? matrix : matrix.view(matrix.layout().permuted(1, 0));
  }

  private static Operand scaled(Site site, Operand x, float factor) {
    if (factor == 1) {
      return x;
    }
    Tensor one = Casts.converted(Tensor.of(new double[] {factor}), x.type());
    return Arithmetic.multiply(site, x, site.constant(one.reshaped()));
  }
}
