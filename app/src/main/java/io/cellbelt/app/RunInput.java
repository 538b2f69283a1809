package io.cellbelt.app;

import io.cellbelt.graphs.ElementType;
import io.cellbelt.graphs.ElementType.Storage;
import io.cellbelt.graphs.Tensor;
import io.cellbelt.models.ModelFileException;
import java.util.Arrays;

/** What one input of a model is fed, call after call. */
sealed interface RunInput {
  /** The shape that a call takes. */
  int[] shape();

  /** Goes on to the next call, or to the first. */
  void advance() throws ModelFileException;

  /**
   * What the call takes.
   *
   * @param lane which of the streams that run beside each other, such as those of two channels
   */
  Tensor value(int lane);

  /** One tensor for all calls. */
  record Whole(Tensor tensor) implements RunInput {
    @Override
    public int[] shape() {
      return tensor.shape();
    }

    @Override
    public void advance() {}

    @Override
    public Tensor value(int lane) {
      return tensor;
    }
  }

  /** A tensor for each call, side by side in the first dimension of one. */
  final class Steps implements RunInput {
    private final Tensor all;
    private final int[] shape;
    private int step = -1;

    Steps(Tensor all, int[] shape) {
      this.all = all;
      this.shape = shape;
    }

    int count() {
      return all.shape()[0];
    }

    @Override
    public int[] shape() {
      return shape;
    }

    @Override
    public void advance() {
      step++;
    }

    @Override
    public Tensor value(int lane) {
      int size = all.size() / count();
      double[] values = new double[size];
      for (int i = 0; i < size; i++) {
        values[i] = all.doubleAt(step * size + i);
      }
      return tensor(all.type(), values, shape);
    }
  }

  /**
   * Windows over frames.
   *
   * <p>With several lanes, each takes one number of a frame; with one, it takes all of them, and
   * behind them what is beside every frame.
   */
  final class Windows implements RunInput {
    private final SlidingWindow window;
    private final ElementType type;
    private final int[] shape;
    private final int lanes;
    private final double[] beside;
    private final long silent;
    private final long count;
    private long call = -1;

    /**
     * Windows.
     *
     * @param silent calls of silence before the first
     * @param count windows
     */
    Windows(
        SlidingWindow window,
        ElementType type,
        int[] shape,
        int lanes,
        double[] beside,
        long silent,
        long count) {
      this.window = window;
      this.type = type;
      this.shape = shape;
      this.lanes = lanes;
      this.beside = beside.clone();
      this.silent = silent;
      this.count = count;
    }

    int lanes() {
      return lanes;
    }

    long silent() {
      return silent;
    }

    long count() {
      return count;
    }

    SlidingWindow.Span span() {
      return window.span();
    }

    long frames() {
      return window.frames().count();
    }

    boolean isSound() {
      return window.frames() instanceof Frames.Sound;
    }

    @Override
    public int[] shape() {
      return shape;
    }

    @Override
    public void advance() throws ModelFileException {
      call++;
      if (call >= silent) {
        window.advance();
      }
    }

    @Override
    public Tensor value(int lane) {
      int channels = window.frames().channels();
      int taken = channels / lanes;
      int width = taken + beside.length;
      double[] values = new double[window.span().length() * width];
      for (int frame = 0; frame < window.span().length(); frame++) {
        System.arraycopy(
            window.values(), frame * channels + lane * taken, values, frame * width, taken);
        System.arraycopy(beside, 0, values, frame * width + taken, beside.length);
      }
      return tensor(type, values, shape);
    }
  }

  /** Numbers as a tensor of a type. */
  static Tensor tensor(ElementType type, double[] values, int... shape) {
    if (type.storage() != Storage.LONG) {
      return Tensor.wrap(values, shape).as(type);
    }
    long[] wholes = new long[values.length];
    for (int i = 0; i < values.length; i++) {
      wholes[i] = (long) values[i];
      if (wholes[i] != values[i] || type.wrapped(wholes[i]) != wholes[i]) {
        throw new Failure(
            "The model takes numbers of " + type + ", but one of them is " + values[i] + ".");
      }
    }
    return Tensor.wrap(type, wholes, shape);
  }

  /** A tensor as one of a type and shape. */
  static Tensor converted(Tensor tensor, ElementType type, int... shape) {
    return type == null || type == tensor.type()
        ? Arrays.equals(tensor.shape(), shape) ? tensor : tensor.reshaped(shape)
        : tensor(type, tensor.doubles(), shape);
  }
}
