package io.cellbelt.app;

import static org.assertj.core.api.Assertions.assertThat;

import io.cellbelt.graphs.Tensor;
import io.cellbelt.models.ModelFileException;
import io.cellbelt.models.data.Audio;
import io.cellbelt.models.data.ValueFiles;
import io.cellbelt.models.data.WavEncoding;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import org.assertj.core.data.Offset;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** {@code cellbelt run} on real models, against what their own engines recorded. */
class RunCommandTest {
  private static final String SILERO = "conformance/real/silero_vad_16k.onnx";
  private static final String SPEECH = "conformance/real/silero_test.wav";

  @TempDir Path folder;

  private Path file(String name) {
    return folder.resolve(name);
  }

  private Tensor read(String name) throws ModelFileException {
    return ValueFiles.read(file(name)).values().iterator().next();
  }

  private static void assertClose(Tensor got, Tensor expected, double tolerance) {
    assertThat(got.size()).isEqualTo(expected.size());
    for (int i = 0; i < got.size(); i++) {
      assertThat(Math.abs(got.doubleAt(i) - expected.doubleAt(i)))
          .as("element %d", i)
          .isLessThanOrEqualTo(tolerance);
    }
  }

  /** The first seconds of the recording that the references were made from. */
  private Path speech(int frames) throws ModelFileException {
    Audio all = Audio.read(Shared.file(SPEECH));
    Audio start =
        new Audio(all.sampleRate(), new float[][] {Arrays.copyOf(all.channels()[0], frames)});
    Path speech = file("speech.wav");
    start.write(speech, WavEncoding.PCM_16);
    return speech;
  }

  @ParameterizedTest
  @CsvSource({
    "conformance/real/silero_vad_16k.onnx, ''",
    "models/silero_vad_v5/model.onnx, --window=576 --set=sr=16000"
  })
  void detectsSpeechInWindowsWithContextAndState(String model, String options) throws Exception {
    Path speech = speech(400 * 512);
    Tensor expected =
        ValueFiles.read(Shared.file("conformance/real/silero_vad_lstm_400.safetensors"))
            .get("probability");
    Object[] arguments = {
      "run", Shared.file(model), "--input", speech, "--context", 64, "--output", file("p.csv")
    };
    Object[] more = options.isEmpty() ? new Object[0] : options.split(" ");
    Object[] all = Arrays.copyOf(arguments, arguments.length + more.length);
    System.arraycopy(more, 0, all, arguments.length, more.length);
    assertThat(Cellbelt.done(all)).contains("12.8 s of sound");
    Map<String, Tensor> table = ValueFiles.read(file("p.csv"));
    assertThat(table.keySet()).containsExactly("seconds", "output");
    assertClose(table.get("output"), expected, 1e-4);
    assertThat(Files.readAllLines(file("p.csv")).get(0)).isEqualTo("seconds,output");
    assertThat(Files.readAllLines(file("p.csv")).get(3)).startsWith("0.064,");
  }

  /** Seven frames at a time, a hundred, or as many as are best, with the state in between. */
  @ParameterizedTest
  @CsvSource({"7", "100", "0"})
  void playsAnAmplifierSampleBySample(int window) throws Exception {
    Path model = Shared.file("models/klon_centaur_0/model.json");
    Map<String, Tensor> io = ValueFiles.read(Shared.file("models/klon_centaur_0/io.safetensors"));
    Path dry = file("di.wav");
    new Audio(44100, new float[][] {io.get("input").floats()}).write(dry, WavEncoding.FLOAT_32);
    if (window == 0) {
      Cellbelt.done("run", model, "--input", dry, "--output", file("amp.wav"));
    } else {
      Cellbelt.done("run", model, "-i", dry, "-o", file("amp.wav"), "--window", window);
    }
    Audio amp = Audio.read(file("amp.wav"));
    assertThat(amp.sampleRate()).isEqualTo(44100);
    assertThat(amp.channels()).hasDimensions(1, 3000);
    assertClose(Tensor.of(amp.channels()[0], 3000), io.get("expected"), 1e-5);
    Cellbelt.done("run", model, "-i", dry, "-o", file("amp.tsv"), "--window", Math.max(1, window));
    Map<String, Tensor> table = ValueFiles.read(file("amp.tsv"));
    assertThat(table.get("seconds").doubleAt(2999)).isCloseTo(2999 / 44100.0, Offset.offset(1e-6));
    assertClose(table.get("output"), io.get("expected"), 1e-5);
  }

  @Test
  void givesEachChannelAStreamOfItsOwn() throws Exception {
    Path model = Shared.file("models/klon_centaur_0/model.json");
    Map<String, Tensor> io = ValueFiles.read(Shared.file("models/klon_centaur_0/io.safetensors"));
    float[] sound = io.get("input").floats();
    Path dry = file("di.wav");
    new Audio(44100, new float[][] {new float[3000], sound}).write(dry, WavEncoding.FLOAT_32);
    Cellbelt.done("run", model, "--input", dry, "--output", file("amp.wav"));
    float[][] amp = Audio.read(file("amp.wav")).channels();
    assertThat(amp).hasDimensions(2, 3000);
    assertClose(Tensor.of(amp[1], 3000), io.get("expected"), 1e-5);
    assertThat(Cellbelt.refused("run", model, "--input", dry, "--output", file("amp.npy")))
        .contains("has 2 channels")
        .endsWith("name a .wav as the output.");
  }

  @Test
  void putsKnobsBesideEverySample() throws Exception {
    Path model = Shared.file("models/klon_centaur_small/model.json");
    Map<String, Tensor> io =
        ValueFiles.read(Shared.file("models/klon_centaur_small/io.safetensors"));
    float[] all = io.get("input").floats();
    int frames = all.length / 3;
    float[] sound = new float[frames];
    float[] table = new float[all.length];
    for (int i = 0; i < frames; i++) {
      sound[i] = all[3 * i];
      table[3 * i] = all[3 * i];
      table[3 * i + 1] = 0.25f;
      table[3 * i + 2] = 0.75f;
    }
    new Audio(44100, new float[][] {sound}).write(file("di.wav"), WavEncoding.FLOAT_32);
    ValueFiles.write(file("di.npy"), Map.of("di", Tensor.of(table, frames, 3)));
    Cellbelt.done(
        "run", model, "-i", file("di.wav"), "-o", file("amp.wav"), "--beside", "0.25,0.75");
    Cellbelt.done("run", model, "-i", file("di.npy"), "-o", file("amp.npy"));
    float[] amp = Audio.read(file("amp.wav")).channels()[0];
    assertClose(Tensor.of(amp, frames, 1), read("amp.npy"), 0);
    assertThat(Cellbelt.refused("run", model, "-i", file("di.wav"), "-o", file("amp.wav")))
        .contains("A frame of the file has 1 numbers")
        .contains("--beside");
  }

  /** What comes out of windows of 512 frames, 128 apart, is added up. */
  @Test
  void addsWindowsThatOverlap() throws Exception {
    Path model = Shared.file("models/dtln_model_2/model.onnx");
    Path speech = speech(2048);
    Cellbelt.done("run", model, "-i", speech, "-o", file("clean.wav"), "--hop", 128);
    Cellbelt.done("run", model, "-i", speech, "-o", file("clean.npy"), "--hop", 128);
    Tensor windows = read("clean.npy");
    assertThat(windows.shape()).containsExactly(13, 512);
    float[] sum = new float[2048];
    for (int i = 0; i < windows.size(); i++) {
      sum[i / 512 * 128 + i % 512] += (float) windows.doubleAt(i);
    }
    assertClose(
        Tensor.of(Audio.read(file("clean.wav")).channels()[0], 2048), Tensor.of(sum, 2048), 0);
  }

  /** Recorded streams: steps in the first dimension, constants and states by their names. */
  @ParameterizedTest
  @CsvSource({
    "dtln_model_2, stream, input_4, conv1d_3, ''",
    "gtcrn_dynamic, stream, mix, enh, ''",
    "silero_vad_v5, stream_8k, input, output, sr=8000",
    "dtln_pytorch_p2, stream, y1, y, ''"
  })
  void goesThroughStepsWithTheStateOfTheStream(
      String model, String stream, String input, String output, String constant) throws Exception {
    Map<String, Tensor> recorded =
        ValueFiles.read(Shared.file("models/" + model + "/" + stream + ".safetensors"));
    ValueFiles.write(file("in.safetensors"), Map.of(input, recorded.get("in." + input)));
    Path file = Shared.file("models/" + model + "/model.onnx");
    if (constant.isEmpty()) {
      Cellbelt.done("run", file, "-i", file("in.safetensors"), "-o", file("out.npz"));
    } else {
      Cellbelt.done(
          "run", file, "-i", file("in.safetensors"), "-o", file("out.npz"), "--set", constant);
    }
    Map<String, Tensor> out = ValueFiles.read(file("out.npz"));
    assertThat(out).containsOnlyKeys(output);
    assertClose(out.get(output), recorded.get("out." + output), 1e-4);
  }

  @Test
  void takesNamedStatesAndNone() throws Exception {
    Path model = Shared.file("models/dtln_pytorch_p2/model.onnx");
    Map<String, Tensor> recorded =
        ValueFiles.read(Shared.file("models/dtln_pytorch_p2/stream.safetensors"));
    ValueFiles.write(file("in.npy"), Map.of("y1", recorded.get("in.y1")));
    Cellbelt.done(
        "run",
        model,
        "-i",
        file("in.npy"),
        "-o",
        file("out.npy"),
        "--take",
        "y",
        "--state",
        "h1_in=out_state2:0:0",
        "--state",
        "c1_in=out_state2:0:1",
        "--state",
        "h2_in=out_state2:0:2",
        "--state",
        "c2_in=out_state2:0:3");
    assertClose(read("out.npy"), recorded.get("out.y"), 1e-4);
    assertThat(
            Cellbelt.refused(
                "run", model, "-i", file("in.npy"), "-o", file("out.npy"), "--stateless"))
        .contains("The model also takes 'h1_in' F32 [1, 1, 128]")
        .contains("--input h1_in=FILE");
    Object[] fed = {
      "run",
      model,
      "-i",
      file("in.npy"),
      "--stateless",
      "--take",
      "y",
      "-o",
      file("out.npy"),
      "--set",
      "h1_in=" + zeros(),
      "--set",
      "c1_in=" + zeros(),
      "--set",
      "h2_in=" + zeros(),
      "--set",
      "c2_in=" + zeros()
    };
    Cellbelt.done(fed);
    Tensor forgetful = read("out.npy");
    Tensor remembering = recorded.get("out.y");
    assertThat(forgetful.doubleAt(0)).isCloseTo(remembering.doubleAt(0), within(1e-4));
    double difference = 0;
    for (int i = 0; i < forgetful.size(); i++) {
      difference = Math.max(difference, Math.abs(forgetful.doubleAt(i) - remembering.doubleAt(i)));
    }
    assertThat(difference).isGreaterThan(1e-2);
  }

  private static Offset<Double> within(double tolerance) {
    return Offset.offset(tolerance);
  }

  private static String zeros() {
    return "0" + ",0".repeat(127);
  }

  /** A table of sensors: whole, and in windows that move on by one row. */
  @Test
  void readsATableInWindowsOfRows() throws Exception {
    Path model = Shared.file("models/aircraft_rul/model.keras");
    Tensor input = ValueFiles.read(Shared.file("models/aircraft_rul/io.safetensors")).get("input");
    Tensor expected =
        ValueFiles.read(Shared.file("models/aircraft_rul/io.safetensors")).get("expected");
    Map<String, Tensor> columns = new LinkedHashMap<>();
    for (int column = 0; column < 17; column++) {
      float[] values = new float[31];
      for (int row = 0; row < 31; row++) {
        // The first window of the file, one row later.
        values[row] = row == 0 ? 0 : (float) input.doubleAt((row - 1) * 17 + column);
      }
      columns.put("sensor " + column, Tensor.of(values, 31));
    }
    ValueFiles.write(file("sensors.csv"), columns);
    ValueFiles.write(file("all.npy"), Map.of("all", input));
    double tolerance = 1e-4 * 60;
    Cellbelt.done("run", model, "-i", file("sensors.csv"), "-o", file("y.csv"), "--hop", 1);
    Tensor windows = read("y.csv");
    assertThat(windows.shape()).containsExactly(2);
    assertThat(windows.doubleAt(1)).isCloseTo(expected.doubleAt(0), within(tolerance));
    Cellbelt.done("run", model, "-i", file("all.npy"), "-o", file("y.npy"));
    assertClose(read("y.npy"), expected, tolerance);
    ValueFiles.write(file("few.npy"), Map.of("few", Tensor.of(new float[20 * 17], 20, 17)));
    assertThat(Cellbelt.refused("run", model, "-i", file("few.npy"), "-o", file("y.npy")))
        .contains("takes 30 frames in a call")
        .endsWith("but the file has only 20.");
  }

  @Test
  void stepsARecurrentNetwork() throws Exception {
    Path model = Shared.file("models/legged_gym_actuator/model.safetensors");
    Map<String, Tensor> io =
        ValueFiles.read(Shared.file("models/legged_gym_actuator/io.safetensors"));
    // The file's own scales lie around the network.
    Map<String, Tensor> weights = ValueFiles.read(model);
    float[] x = Arrays.copyOf(io.get("input").floats(), 160);
    for (int i = 0; i < x.length; i++) {
      x[i] *= (float) weights.get("in_scale").doubleAt(i % 2);
    }
    ValueFiles.write(file("x.csv"), Map.of("x", Tensor.of(x, 80, 2)));
    Cellbelt.done(
        "run",
        model,
        "--module",
        "lstm",
        "--head",
        "linear",
        "-i",
        file("x.csv"),
        "-o",
        file("y.csv"),
        "--window",
        9);
    Tensor y = read("y.csv");
    double scale = weights.get("out_scale").doubleAt(0);
    for (int i = 0; i < 80; i++) {
      assertThat(y.doubleAt(i) * scale).isCloseTo(io.get("expected").doubleAt(i), within(1e-4));
    }
    assertThat(Cellbelt.refused("run", model, "-i", file("x.csv"), "-o", file("y.csv")))
        .contains("PyTorch.module(\"lstm\")");
    assertThat(
            Cellbelt.refused(
                "run", model, "--head", "linear", "-i", file("x.csv"), "-o", file("y.csv")))
        .contains("name that too");
  }

  @Test
  void refusesWhatDoesNotFitInASentence() throws IOException {
    Path silero = Shared.file(SILERO);
    Path v5 = Shared.file("models/silero_vad_v5/model.onnx");
    Path speech = Shared.file(SPEECH);
    assertThat(Cellbelt.refused("run", silero, "-i", speech, "-o", file("y.wav")))
        .contains("which is no sound; name a .csv, .npy or .safetensors");
    assertThat(Cellbelt.refused("run", silero, "-i", speech, "-o", file("y.xyz")))
        .contains("The ending of a file tells its kind");
    assertThat(Cellbelt.refused("run", silero, "-i", speech, "-o", file("no/y.csv")))
        .contains("There is no folder");
    assertThat(Cellbelt.refused("run", silero, "-i", speech, "-o", file("y.csv"), "--window", 500))
        .contains("takes 576 frames in a call");
    assertThat(Cellbelt.refused("run", silero, "-i", speech, "-o", file("y.csv"), "--hop", 577))
        .contains("goes on by 1 to 576 frames");
    assertThat(Cellbelt.refused("run", v5, "-i", speech, "-o", file("y.csv")))
        .contains("--window N")
        .contains("--context N");
    assertThat(Cellbelt.refused("run", v5, "-i", speech, "-o", file("y.csv"), "--window", 576))
        .contains("The model also takes 'sr' I64 []")
        .contains("--set sr=X");
    assertThat(
            Cellbelt.refused(
                "run", silero, "-i", speech, "-o", file("y.csv"), "--set", "rate=16000"))
        .contains("The model has no input 'rate'");
    assertThat(Cellbelt.refused("run", silero, "-i", speech, "-o", file("y.csv"), "--take", "z"))
        .contains("The model has no output 'z'; it has [output].");
    assertThat(
            Cellbelt.refused(
                "run", silero, "-i", speech, "-i", "input=" + speech, "-o", file("y.csv")))
        .contains("is given twice");
    try (var files = Files.list(folder)) {
      assertThat(files).isEmpty();
    }
  }
}
