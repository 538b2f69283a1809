package io.cellbelt.graphs.operators;

import io.cellbelt.graphs.ElementType;
import io.cellbelt.graphs.ElementType.Storage;
import io.cellbelt.graphs.Tensor;
import io.cellbelt.graphs.plan.Elements;
import io.cellbelt.graphs.plan.Layout;
import io.cellbelt.graphs.plan.Operand;
import io.cellbelt.graphs.plan.Operator;
import io.cellbelt.graphs.plan.Site;
import java.util.ArrayList;
import java.util.List;
import java.util.function.DoubleUnaryOperator;

/** Fourier transforms, and the windows and weights that go with them. */
final class Signal {
  private Signal() {}

  /** The operator of a name. */
  static Operator operator(String name) {
    return switch (name) {
      case "DFT" -> Operator.of(name, Signal::dft, "axis", "inverse", "onesided");
      case "STFT" -> Operator.of(name, Signal::stft, "onesided");
      case "HannWindow" -> window(name, turn -> 0.5 - 0.5 * Math.cos(turn));
      case "HammingWindow" -> window(name, turn -> 25 / 46.0 - 21 / 46.0 * Math.cos(turn));
      case "BlackmanWindow" ->
          window(name, turn -> 0.42 - 0.5 * Math.cos(turn) + 0.08 * Math.cos(2 * turn));
      case "MelWeightMatrix" -> Operator.of(name, Signal::melWeights, "output_datatype");
      default -> throw Operators.unknown(name);
    };
  }

  /**
   * What is transformed into what.
   *
   * @param length of the transform
   * @param inverse backwards, and divided by the length
   * @param onesided the spectrum has only the first half, as the other one is its mirror image
   */
  private record Transform(int length, boolean inverse, boolean onesided) {
    int results() {
      return onesided && !inverse ? length / 2 + 1 : length;
    }

    int parts() {
      return onesided && inverse ? 1 : 2;
    }
  }

  private static Operand signal(Site site, boolean onesided) {
    Operand x = site.in(0);
    int parts = x.rank() < 2 ? 0 : x.size(x.rank() - 1);
    boolean inverse = site.whole("inverse", 0) != 0;
    if (!x.type().isFloating() || parts != 1 && parts != 2) {
      throw site.refuse(
          "a signal is floats, the last dimension 1 for real ones and 2 for complex ones, but got "
              + x
              + ".");
    }
    if (onesided && parts != (inverse ? 2 : 1)) {
      throw site.refuse(
          "one side of a spectrum belongs to a real signal, and is complex itself, but got "
              + x
              + ".");
    }
    return x;
  }

  private static void dft(Site site) {
    boolean onesided = site.whole("onesided", 0) != 0;
    boolean inverse = site.whole("inverse", 0) != 0;
    Operand x = signal(site, onesided);
    int given = site.version() < 20 ? site.whole("axis", 1) : wholeInput(site, 2, "the axis", -2);
    int axis = site.axis(given, x.rank());
    if (axis == x.rank() - 1) {
      throw site.refuse("the last dimension is for real and imaginary parts, not an axis.");
    }
    int usual = onesided && inverse ? 2 * (x.size(axis) - 1) : x.size(axis);
    int length = wholeInput(site, 1, "the length", usual);
    if (length < 1) {
      throw site.refuse("the length of a transform is 1 or more, but got " + length + ".");
    }
    transform(site, x, axis, null, new Transform(length, inverse, onesided));
  }

  private static int wholeInput(Site site, int index, String what, int otherwise) {
    if (site.optional(index) == null) {
      return otherwise;
    }
    if (site.in(index).size() != 1) {
      throw site.refuse(what + " is one number, but got " + site.in(index) + ".");
    }
    return site.knownWholes(index, what)[0];
  }

  private static void stft(Site site) {
    boolean onesided = site.whole("onesided", 1) != 0;
    Operand x = signal(site, false);
    Operand window = site.optional(2);
    if (x.rank() != 3) {
      throw site.refuse("a signal has a batch, samples and parts, but got " + x + ".");
    }
    int step = wholeInput(site, 1, "the step", 0);
    int samples = x.size(1);
    int length = wholeInput(site, 3, "the length", window == null ? samples : window.size());
    boolean fits =
        window == null || window.rank() == 1 && window.size() == length && floats(window, x);
    if (step < 1 || length < 1 || !fits) {
      throw site.refuse(
          "the step and length of frames are 1 or more, and a window is as long as a frame, of the"
              + " type of the signal, but got a step of "
              + step
              + ", a length of "
              + length
              + " and "
              + (window == null ? "no window" : "a window of " + window)
              + ".");
    }
    int frames = samples < length ? 0 : (samples - length) / step + 1;
    int[] strides = x.layout().strides();
    Layout framed =
        new Layout(
            new int[] {x.size(0), frames, length, x.size(2)},
            new int[] {strides[0], step * strides[1], strides[1], strides[2]},
            x.layout().offset());
    boolean half = onesided && x.size(2) == 1;
    transform(site, x.view(framed), 2, window, new Transform(length, false, half));
  }

  private static boolean floats(Operand window, Operand x) {
    return window.storage() == x.storage();
  }

  /** Each line along an axis, times a window where there is one. */
  private static void transform(
      Site site, Operand x, int axis, Operand weights, Transform transform) {
    int last = x.rank() - 1;
    int[] shape = x.shape().clone();
    shape[axis] = transform.results();
    shape[last] = transform.parts();
    Operand y = site.out(0, x.type(), shape);
    Operand window = weights == null ? null : site.dense(weights);
    int length = transform.length();
    Operand first = site.scratch(ElementType.F64, 2 * length);
    Operand second = site.scratch(ElementType.F64, 2 * length);
    Line from = Line.of(x, axis);
    Line to = Line.of(y, axis);
    Fourier fourier = new Fourier(length);
    List<Operand> reads = new ArrayList<>(List.of(x));
    reads.addAll(window == null ? List.of() : List.of(window));
    site.run(
        memory -> {
          long a = first.at(memory);
          long b = second.at(memory);
          long factors = window == null ? 0 : window.at(memory);
          for (int i = 0; i < from.starts.length; i++) {
            from.load(x.at(memory) + from.start(i), factors, transform, a);
            to.store(fourier.transform(a, b), transform, y.at(memory) + to.start(i));
          }
        },
        reads,
        List.of(y, first, second));
  }

  /** Lines along an axis of a tensor whose last dimension is the parts of complex numbers. */
  private record Line(Storage storage, int[] starts, int size, int parts, long step, long part) {
    static Line of(Operand operand, int axis) {
      int last = operand.rank() - 1;
      Layout layout = operand.layout();
      int bytes = operand.storage().bytes();
      int[] starts = layout.picked(last, 0).picked(axis, 0).relativeIndices();
      boolean none = operand.size(axis) == 0;
      return new Line(
          operand.storage(),
          none ? layout.without(last).without(axis).relativeIndices() : starts,
          operand.size(axis),
          operand.size(last),
          (long) bytes * layout.strides()[axis],
          (long) bytes * layout.strides()[last]);
    }

    long start(int line) {
      return (long) storage.bytes() * starts[line];
    }

    /** Zeros behind the end; a spectrum of one side gets its mirror image. */
    void load(long x, long window, Transform transform, long to) {
      int length = transform.length();
      boolean mirrored = transform.onesided() && transform.inverse();
      for (int i = 0; i < length; i++) {
        boolean mirror = mirrored && i > length / 2;
        int index = mirror ? length - i : i;
        double re = 0;
        double im = 0;
        if (index < size) {
          long at = x + step * index;
          double weight =
              window == 0 ? 1 : Elements.get(storage, window + (long) storage.bytes() * i);
          re = weight * Elements.get(storage, at);
          im = parts == 1 ? 0 : weight * Elements.get(storage, at + part);
          im = mirror ? -im : im;
          im = mirrored && 2 * index % length == 0 ? 0 : im;
        }
        put(to + 2L * Double.BYTES * i, re, im, transform.inverse());
      }
    }

    /** Backwards is forwards with the parts changed over. */
    private static void put(long at, double re, double im, boolean changed) {
      Elements.setDouble(at, changed ? im : re);
      Elements.setDouble(at + Double.BYTES, changed ? re : im);
    }

    void store(long from, Transform transform, long y) {
      boolean inverse = transform.inverse();
      double factor = inverse ? 1.0 / transform.length() : 1;
      for (int i = 0; i < size; i++) {
        long at = from + 2L * Double.BYTES * i;
        double re = Elements.getDouble(inverse ? at + Double.BYTES : at);
        double im = Elements.getDouble(inverse ? at : at + Double.BYTES);
        Elements.set(storage, y + step * i, factor * re);
        if (parts > 1) {
          Elements.set(storage, y + step * i + part, factor * im);
        }
      }
    }
  }

  private static Operator window(String name, DoubleUnaryOperator shape) {
    return Operator.of(name, site -> window(site, shape), "periodic", "output_datatype");
  }

  private static void window(Site site, DoubleUnaryOperator shape) {
    int size = wholeInput(site, 0, "the size of a window", 0);
    if (size < 0) {
      throw site.refuse("the size of a window is 0 or more, but got " + size + ".");
    }
    int period = site.whole("periodic", 1) != 0 ? size : size - 1;
    double[] values = new double[size];
    for (int i = 0; i < size; i++) {
      // A symmetric window of one sample is its middle.
      values[i] = shape.applyAsDouble(period == 0 ? Math.PI : 2 * Math.PI * i / period);
    }
    ElementType type = Casts.type(site, site.whole("output_datatype", 1));
    site.out(0, Casts.converted(Tensor.wrap(values, size), type));
  }

  /** Triangles over the bins of a spectrum, evenly wide on the mel scale. */
  private static void melWeights(Site site) {
    int bands = wholeInput(site, 0, "the number of bands", 0);
    int length = wholeInput(site, 1, "the length of the transform", 0);
    int rate = wholeInput(site, 2, "the sample rate", 0);
    double low = mel(edge(site, 3, "the lower edge"));
    double high = mel(edge(site, 4, "the upper edge"));
    int bins = Math.max(0, length) / 2 + 1;
    if (bands < 0 || length < 1 || rate < 1 || (long) bands * bins > Integer.MAX_VALUE) {
      throw site.refuse(
          "bands, length and sample rate are positive, but got "
              + List.of(bands, length, rate)
              + ".");
    }
    int[] edges = new int[bands + 2];
    for (int i = 0; i < edges.length; i++) {
      double frequency =
          700 * Math.expm1(Math.log(10) / 2595 * (low + i * (high - low) / (bands + 2)));
      double edge = Math.floor((length + 1) * frequency / rate);
      if (!(edge >= 0 && edge < bins)) {
        throw site.refuse(
            "its edges lie between 0 and half the sample rate, and the upper one is higher.");
      }
      edges[i] = (int) edge;
    }
    double[] weights = new double[bins * bands];
    for (int band = 0; band < bands; band++) {
      triangle(weights, bands, band, edges[band], edges[band + 1], edges[band + 2]);
    }
    ElementType type = Casts.type(site, site.whole("output_datatype", 1));
    site.out(0, Casts.converted(Tensor.wrap(weights, bins, bands), type));
  }

  private static double edge(Site site, int index, String what) {
    Tensor edge = site.known(index, what);
    if (edge.size() != 1) {
      throw site.refuse(what + " is one number, but got " + edge + ".");
    }
    return edge.doubleAt(0);
  }

  private static double mel(double hertz) {
    return 2595 * Math.log10(1 + hertz / 700);
  }

  private static void triangle(
      double[] weights, int bands, int band, int left, int centre, int right) {
    if (left == centre) {
      weights[centre * bands + band] = 1;
    }
    for (int bin = left; left < centre && bin <= centre; bin++) {
      weights[bin * bands + band] = (double) (bin - left) / (centre - left);
    }
    for (int bin = centre; bin < right; bin++) {
      weights[bin * bands + band] = (double) (right - bin) / (right - centre);
    }
  }
}
