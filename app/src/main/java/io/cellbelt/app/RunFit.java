package io.cellbelt.app;

import io.cellbelt.graphs.ElementType;
import io.cellbelt.graphs.Port;
import io.cellbelt.graphs.Port.Dimension;
import io.cellbelt.graphs.Tensor;
import io.cellbelt.models.data.WavReader;
import java.util.Arrays;
import java.util.Objects;
import java.util.OptionalInt;
import java.util.regex.Pattern;
import java.util.stream.IntStream;

/** How the data of a file fit an input of a model: at once, step by step, or in windows. */
final class RunFit {
  /** What exporters call a dimension that frames lie in. */
  private static final Pattern TIME =
      Pattern.compile("(?i).*(time|seq|len|frame|step|sample|window).*");

  private final RunModel model;
  private final RunOptions options;
  private final SetupOptions setups;
  private final long silence;

  /**
   * How data fit a model.
   *
   * @param silence frames that the model asks for before a sound
   */
  RunFit(RunModel model, RunOptions options, SetupOptions setups, long silence) {
    this.model = model;
    this.options = options;
    this.setups = setups;
    this.silence = options.silence().orElse(silence);
  }

  /** A sound, in windows. */
  RunInput.Windows sound(Port port, WavReader reader) {
    return windows(port, new Frames.Sound(reader), true);
  }

  /** A tensor: what a call takes, or a row of such, or a series of frames. */
  RunInput tensor(Port port, Tensor tensor) {
    int[] sizes = sizes(port);
    int[] given = tensor.shape();
    int extra = given.length - sizes.length;
    boolean fits =
        (extra == 0 || extra == 1)
            && IntStream.range(0, sizes.length)
                .allMatch(d -> sizes[d] < 0 || sizes[d] == given[d + extra]);
    if (fits && extra == 0 && options.window().isEmpty()) {
      return new RunInput.Whole(RunInput.converted(tensor, port.type(), given));
    }
    if (fits && extra == 1) {
      int[] shape = Arrays.copyOfRange(given, 1, given.length);
      return new RunInput.Steps(RunInput.converted(tensor, port.type(), given), shape);
    }
    return windows(port, new Frames.Rows(tensor), false);
  }

  /** The sizes of a call, those that are open as -1. */
  private int[] sizes(Port port) {
    int[] given = setups.shape(port.name());
    if (given != null) {
      return given;
    }
    if (port.shape() == null) {
      throw new Failure(
          "The model does not say the shape of its input "
              + port
              + "; name it with --shape "
              + port.name()
              + "=N,N.");
    }
    return port.shape().stream().mapToInt(Dimension::size).toArray();
  }

  private RunInput.Windows windows(Port port, Frames frames, boolean sound) {
    double[] beside = options.beside();
    int[] sizes = sizes(port);
    int[] shape = Arrays.stream(sizes).map(size -> Math.max(size, size < 0 ? 1 : 0)).toArray();
    int call = Math.toIntExact(Arrays.stream(shape).asLongStream().reduce(1, Math::multiplyExact));
    int width = frames.channels() + beside.length;
    int time = timeAxis(port, sizes, call, width);
    int lanes = 1;
    int length;
    if (frames.count() == 0) {
      throw new Failure("There is nothing to run the model on: the file has no frames.");
    }
    if (time >= 0) {
      lanes = call == width ? 1 : frames.channels();
      length = length(port, frames, sound);
      shape[time] = length;
      requireFit(port, frames, call == width || sound && call == 1 + beside.length);
    } else {
      boolean whole = isFrames(shape, call, width);
      lanes = whole ? 1 : frames.channels();
      requireFit(port, frames, whole || sound && isFrames(shape, call, 1 + beside.length));
      length = call / (whole ? width : 1 + beside.length);
      if (options.window().orElse(length) != length) {
        throw new Failure(
            "The model takes "
                + length
                + " frames in a call, in its input "
                + port
                + ", but got --window "
                + options.window().getAsInt()
                + "; leave it out.");
      }
    }
    SlidingWindow.Span span = options.span(length);
    // A window of a table that is not full would give numbers that nobody measured.
    long count = sound || time >= 0 ? span.covering(frames.count()) : span.full(frames.count());
    if (count == 0) {
      throw new Failure(
          "The model takes "
              + length
              + " frames in a call, in its input "
              + port
              + ", but the file has only "
              + frames.count()
              + ".");
    }
    return new RunInput.Windows(
        new SlidingWindow(frames, span),
        Objects.requireNonNullElse(port.type(), ElementType.F32),
        shape,
        lanes,
        beside,
        sound ? Math.ceilDiv(silence, span.hop()) : 0,
        count);
  }

  private int length(Port port, Frames frames, boolean sound) {
    OptionalInt block = model.block(port, frames.count());
    if (options.window().isEmpty() && block.isEmpty() && sound) {
      throw new Failure(
          "The model does not say how many frames a call takes in its input "
              + port
              + "; name them with --window N, and with --context N those of them that the window"
              + " before ended with.");
    }
    return options.window().orElse(block.orElse(Math.toIntExact(frames.count())));
  }

  /** Whether a call is frames of so many numbers, one after the other. */
  private static boolean isFrames(int[] shape, int call, int width) {
    return width == 1 || shape.length > 0 && shape[shape.length - 1] == width && call > 0;
  }

  /** The open dimension that frames lie in, or -1: an open one that is first is of a batch. */
  private static int timeAxis(Port port, int[] sizes, int call, int width) {
    int[] open = IntStream.range(0, sizes.length).filter(d -> sizes[d] < 0).toArray();
    for (int axis : open) {
      String symbol = port.shape().get(axis).symbol();
      if (symbol != null && TIME.matcher(symbol).matches()) {
        return axis;
      }
    }
    boolean isBatch =
        open.length == 0 || open.length == 1 && open[0] == 0 && (sizes.length > 2 || call != width);
    return isBatch ? -1 : open[open.length - 1];
  }

  private void requireFit(Port port, Frames frames, boolean fits) {
    if (!fits) {
      String beside =
          options.beside().length == 0
              ? ""
              : " and the " + options.beside().length + " of --beside";
      throw new Failure(
          "A frame of the file has "
              + frames.channels()
              + " numbers"
              + beside
              + ", which do not fit the model's input "
              + port
              + "; give it a file with as many columns or channels as it takes, or name what is"
              + " beside them with --beside.");
    }
  }
}
