package io.cellbelt.app;

import io.cellbelt.graphs.ElementType.Storage;
import io.cellbelt.graphs.Tensor;
import io.cellbelt.models.ModelFileException;
import io.cellbelt.models.data.ValueFiles;
import io.cellbelt.models.data.WavEncoding;
import io.cellbelt.models.data.WavWriter;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.OptionalInt;

/** Where the outputs of a model go, call after call. */
sealed interface RunOutput extends AutoCloseable {
  /**
   * Takes the outputs of a call.
   *
   * @param lanes of each stream that runs beside the others, the outputs by name
   */
  void add(List<Map<String, Tensor>> lanes) throws ModelFileException;

  /** Puts the file in its place. */
  void finish() throws ModelFileException;

  /** Drops what is not finished. */
  @Override
  void close() throws ModelFileException;

  /**
   * Frames among the elements of an output: as many as a window has, or as it goes on by; empty
   * where a call gives something else, such as one number.
   */
  static OptionalInt frames(int[] shape, SlidingWindow.Span span) {
    if (span.length() == 1) {
      return OptionalInt.of(1);
    }
    for (int frames : new int[] {span.length(), span.hop()}) {
      if (frames > 1 && Arrays.stream(shape).anyMatch(size -> size == frames)) {
        return OptionalInt.of(frames);
      }
    }
    return OptionalInt.empty();
  }

  /**
   * Tensors by name, written at the end. A table of a sound begins with the seconds at which the
   * frames of a row begin; of a window, those behind its context.
   */
  final class Values implements RunOutput {
    private static final String SECONDS = "seconds";

    private final Path file;
    private final RunInput.Windows windows;
    private final boolean once;
    private final Integer rate;
    private final Integer heard;
    private final Map<String, List<Tensor>> all = new LinkedHashMap<>();

    /**
     * Values.
     *
     * @param windows what the model is fed, or null where it is no windows
     * @param once whether there is only one call, whose outputs stay as they are
     * @param rate frames a second, for a sound that is written; null otherwise
     * @param heard frames a second of what the model is fed; null where it is no sound
     */
    Values(Path file, RunInput.Windows windows, boolean once, Integer rate, Integer heard) {
      this.file = file;
      this.windows = windows;
      this.once = once;
      this.rate = rate;
      this.heard = windows != null && windows.isSound() ? heard : null;
    }

    @Override
    public void add(List<Map<String, Tensor>> lanes) {
      if (lanes.size() > 1) {
        throw new Failure(
            "The sound has "
                + lanes.size()
                + " channels, but the model takes one, and only a sound is written of several; mix"
                + " them to one channel first, or name a .wav as the output.");
      }
      lanes
          .getFirst()
          .forEach((name, value) -> all.computeIfAbsent(name, key -> new ArrayList<>()).add(value));
    }

    @Override
    public void finish() throws ModelFileException {
      Map<String, Tensor> joined = new LinkedHashMap<>();
      boolean table = file.toString().toLowerCase(Locale.ROOT).matches(".*\\.(csv|tsv)");
      all.forEach(
          (name, values) -> {
            Tensor one = joined(values);
            joined.put(name, table ? rows(one) : one);
          });
      if (rate != null) {
        joined.put("sample_rate", Tensor.of(new long[] {rate}));
      }
      ValueFiles.write(file, table && heard != null ? timed(joined) : joined);
    }

    /** With the seconds in front, where rows are frames or windows. */
    private Map<String, Tensor> timed(Map<String, Tensor> table) {
      int rows = table.values().iterator().next().shape()[0];
      int hop = rows == windows.frames() ? 1 : rows == windows.count() ? windows.span().hop() : 0;
      if (hop == 0 || table.containsKey(SECONDS)) {
        return table;
      }
      double[] seconds = new double[rows];
      for (int row = 0; row < rows; row++) {
        seconds[row] = (double) hop * row / heard;
      }
      Map<String, Tensor> timed = new LinkedHashMap<>();
      timed.put(SECONDS, Tensor.of(seconds, rows));
      timed.putAll(table);
      return timed;
    }

    private Tensor joined(List<Tensor> values) {
      Tensor first = values.getFirst();
      if (once) {
        return first;
      }
      if (windows != null) {
        SlidingWindow.Span span = windows.span();
        boolean goesOn = span.length() > 1 && span.hop() == span.length();
        OptionalInt frames = frames(first.shape(), span);
        if (goesOn && frames.isPresent()) {
          int width = first.size() / frames.getAsInt();
          return stacked(values, Math.toIntExact(windows.frames()), width);
        }
      }
      int[] sizes = Arrays.stream(first.shape()).filter(size -> size != 1).toArray();
      int[] shape = new int[sizes.length == 0 ? 2 : sizes.length + 1];
      shape[0] = values.size();
      shape[1] = 1;
      System.arraycopy(sizes, 0, shape, 1, sizes.length);
      return stacked(values, shape);
    }

    /** The elements of all values one after the other, as many as the shape has. */
    private static Tensor stacked(List<Tensor> values, int... shape) {
      int size =
          Math.toIntExact(Arrays.stream(shape).asLongStream().reduce(1, Math::multiplyExact));
      boolean wholes = values.getFirst().type().storage() == Storage.LONG;
      double[] reals = new double[wholes ? 0 : size];
      long[] longs = new long[wholes ? size : 0];
      int at = 0;
      for (Tensor value : values) {
        int count = Math.min(value.size(), size - at);
        if (wholes) {
          System.arraycopy(value.longs(), 0, longs, at, count);
        } else {
          System.arraycopy(value.doubles(), 0, reals, at, count);
        }
        at += count;
      }
      return wholes
          ? Tensor.wrap(values.getFirst().type(), longs, shape)
          : Tensor.wrap(reals, shape).as(values.getFirst().type());
    }

    /** As a table holds it: rows, and columns where there are several. */
    private static Tensor rows(Tensor tensor) {
      int[] shape = tensor.shape();
      int rows = shape.length == 0 ? 1 : shape[0];
      if (rows == 1 && shape.length > 2) {
        rows = shape[1];
      }
      int columns = tensor.size() / Math.max(1, rows);
      return columns == 1 ? tensor.reshaped(rows) : tensor.reshaped(rows, columns);
    }

    @Override
    public void close() {}
  }

  /** A sound, written as it comes; windows that overlap are added up. */
  final class Sound implements RunOutput {
    private final Path file;
    private final int rate;
    private final WavEncoding encoding;
    private final RunInput.Windows windows;
    private WavWriter writer;
    private int channels;

    /** Frames of a call, and those of them at the start that are left out. */
    private int frames;

    private int skipped;

    /** Frames that are not written yet: to these more may be added. */
    private float[] open;

    /** Where among all frames they begin; in front of the first there may be context. */
    private long at;

    Sound(Path file, int rate, WavEncoding encoding, RunInput.Windows windows) {
      this.file = file;
      this.rate = rate;
      this.encoding = encoding;
      this.windows = windows;
    }

    @Override
    public void add(List<Map<String, Tensor>> lanes) throws ModelFileException {
      if (writer == null) {
        open(lanes);
      }
      int hop = windows.span().hop();
      for (int lane = 0; lane < lanes.size(); lane++) {
        float[] values = lanes.get(lane).values().iterator().next().floats();
        int width = channels / lanes.size();
        for (int i = 0; i < (frames - skipped) * width; i++) {
          open[i / width * channels + lane * width + i % width] += values[skipped * width + i];
        }
      }
      write(hop);
    }

    private void open(List<Map<String, Tensor>> lanes) throws ModelFileException {
      Map<String, Tensor> outputs = lanes.getFirst();
      SlidingWindow.Span span = windows.span();
      Tensor output = outputs.values().iterator().next();
      OptionalInt found = frames(output.shape(), span);
      if (outputs.size() > 1 || found.isEmpty()) {
        throw new Failure(
            "A call gives "
                + outputs
                + " for a window of "
                + span.length()
                + " frames, which is no sound; "
                + (outputs.size() > 1
                    ? "choose one with --take."
                    : "name a .csv, .npy or .safetensors as the output."));
      }
      frames = found.getAsInt();
      channels = output.size() / frames * lanes.size();
      boolean whole = frames == span.length();
      skipped = whole && span.context() > 0 ? span.length() - span.hop() : 0;
      boolean newest = !whole || skipped > 0;
      at = newest ? (long) span.length() - span.hop() - span.context() : -span.context();
      open = new float[Math.max(frames - skipped, span.hop()) * channels];
      writer = WavWriter.create(file, rate, channels, encoding);
      if (at > 0) {
        float[] silence = new float[(int) Math.min(at, windows.frames()) * channels];
        writer.write(silence, 0, silence.length / channels);
      }
    }

    /** Writes the first frames that are open, those of them that the input had. */
    private void write(int count) throws ModelFileException {
      int from = Math.clamp(-at, 0, count);
      int to = Math.clamp(windows.frames() - at, from, count);
      writer.write(open, from * channels, to - from);
      int kept = open.length - count * channels;
      System.arraycopy(open, count * channels, open, 0, kept);
      Arrays.fill(open, kept, open.length, 0);
      at += count;
    }

    @Override
    public void finish() throws ModelFileException {
      while (at < windows.frames()) {
        write(open.length / channels);
      }
      writer.finish();
    }

    @Override
    public void close() throws ModelFileException {
      if (writer != null) {
        writer.close();
      }
    }
  }
}
