package io.cellbelt.app;

import io.cellbelt.cells.Cell;
import io.cellbelt.cells.Schedule.Source;
import io.cellbelt.cells.Weights;
import io.cellbelt.cells.engine.Op;
import io.cellbelt.cells.engine.ParameterSlab;
import io.cellbelt.cells.engine.Track;
import io.cellbelt.cells.engine.Unrolled;
import io.cellbelt.kernels.PanelMatrix;
import io.cellbelt.kernels.Slab;
import io.cellbelt.kernels.product.Products;
import java.util.ArrayList;
import java.util.List;

/**
 * The matrix products of a step of a network of one layer, and nothing else: the same calls as a
 * stream makes, on a copy of the same weights. One user at a time; closed by whoever made it.
 */
final class ProductsAlone implements Runnable, AutoCloseable {
  /** Products with f32 weights need no scratch. */
  private static final long NO_SCRATCH = 0;

  /** One product of one row: {@code y = s + x W}. */
  private record Call(long x, PanelMatrix w, long s, long y) {
    void run() {
      Products.add(x, 0, 1, w, s, 0, y, 0, NO_SCRATCH);
    }
  }

  private final ParameterSlab parameters;
  private final Unrolled room;
  private final Slab zeros;
  private final Call[] calls;

  /**
   * Those of as many steps as {@link #steps} says.
   *
   * @param weights f32 ones, with x random and states random
   */
  ProductsAlone(Weights weights, float[] x, float[] state) {
    parameters = ParameterSlab.trainable(weights);
    room = new Unrolled(parameters, 1, 1);
    room.inputs().put(x, 0, 1);
    room.states().restore(0, state);
    room.forward(1);
    Track track = room.tracks(0)[0];
    Cell cell = track.cell();
    int widest = track.ops().stream().mapToInt(op -> op.matrix().shape().columns()).max().orElse(0);
    zeros = Slab.allocate(widest);
    List<Call> all = new ArrayList<>();
    for (int t = 0; t < steps(cell); t++) {
      for (Op op : track.ops()) {
        PanelMatrix w = cell.clock() == 0 ? op.matrix() : op.matrix().prefix(cell.active(t));
        boolean ofX = op.source() instanceof Source.X;
        long y = track.gates(0) + op.block();
        long start = op.bias() == -1 ? zeros.address() : op.bias();
        all.add(new Call(ofX ? room.input(0) : track.source(op, 0), w, start == 0 ? y : start, y));
      }
    }
    calls = all.toArray(Call[]::new);
  }

  /** Steps after which a cell does the same again. */
  static int steps(Cell cell) {
    return Math.max(1, cell.clock());
  }

  @Override
  public void run() {
    for (Call call : calls) {
      call.run();
    }
  }

  @Override
  public void close() {
    zeros.close();
    room.close();
    parameters.close();
  }
}
