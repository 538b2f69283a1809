package io.cellbelt.models.data;

import io.cellbelt.graphs.ElementType;
import io.cellbelt.graphs.Tensor;
import io.cellbelt.models.ModelFileException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** Sound: [frames, channels], and the frames a second. */
final class WavFormat implements ValueFormat {
  private static final String RATE = "sample_rate";

  @Override
  public List<String> endings() {
    return List.of(".wav");
  }

  @Override
  public boolean recognises(Path file, String first) {
    return (first.startsWith("RIFF") || first.startsWith("RF64")) && first.startsWith("WAVE", 8);
  }

  @Override
  public Map<String, Tensor> read(Path file) throws ModelFileException {
    try (WavReader reader = WavReader.open(file)) {
      long samples = reader.frames() * reader.channels();
      long memory = Runtime.getRuntime().maxMemory();
      if (samples > Integer.MAX_VALUE - 8 || samples * Float.BYTES > memory) {
        throw ModelFileException.unreadable(
            file,
            String.format(
                Locale.ROOT,
                "its %d samples do not fit one tensor, or the memory of this JVM, %d MB. Give it"
                    + " more with -Xmx, or split the file.",
                samples,
                memory >> 20));
      }
      float[] values = new float[(int) samples];
      int frames = reader.read(values, 0, (int) reader.frames());
      Map<String, Tensor> read = new LinkedHashMap<>();
      read.put(
          ValueFormat.nameOf(file),
          Tensor.wrap(ElementType.F32, values, frames, reader.channels()));
      read.put(RATE, Tensor.of(new long[] {reader.sampleRate()}));
      return read;
    }
  }

  @Override
  public void write(Path file, Map<String, Tensor> tensors) throws ModelFileException {
    Map<String, Tensor> rest = new LinkedHashMap<>(tensors);
    Tensor rate = rest.remove(RATE);
    if (rate == null || rate.size() != 1 || !(rate.doubleAt(0) >= 1)) {
      throw new IllegalArgumentException(
          "A wav file has a '" + RATE + "', one number from 1 on, but got " + rate + ".");
    }
    Tensor sound = ValueFormat.only(file, rest);
    int[] shape = sound.shape();
    // A graph of audio gives [time, batch, channels].
    if (shape.length != 1 && shape.length != 2 && !(shape.length == 3 && shape[1] == 1)) {
      throw new IllegalArgumentException(
          "Sound is [frames], [frames, channels] or [frames, 1, channels], but got "
              + Arrays.toString(shape)
              + ".");
    }
    int channels = shape.length == 1 ? 1 : shape[shape.length - 1];
    try (WavWriter writer =
        WavWriter.create(file, (int) rate.doubleAt(0), channels, WavEncoding.FLOAT_32)) {
      writer.write(sound.floats(), 0, shape[0]);
      writer.finish();
    }
  }
}
