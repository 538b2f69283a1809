package io.cellbelt.app.examples;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.cellbelt.app.Shared;
import io.cellbelt.graphs.GraphNetwork;
import io.cellbelt.graphs.GraphStream;
import io.cellbelt.graphs.Setup;
import io.cellbelt.graphs.Tensor;
import io.cellbelt.models.data.Audio;
import io.cellbelt.models.data.ValueFiles;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What the examples give, against recorded numbers and what the sounds and texts hold. */
class ExamplesTest {
  private static final String REAL = "conformance/real/";

  @TempDir Path out;

  @Test
  void sileroHearsSpeechAsItsOwnEngineDoes() throws Exception {
    Audio all = Audio.read(Shared.file(REAL + "silero_test.wav"));
    float[] start = Arrays.copyOf(all.channels()[0], 400 * 512);
    Audio speech = new Audio(16000, new float[][] {start});
    float[] got = SileroVad.probabilities(Shared.file(REAL + "silero_vad_16k.onnx"), speech);
    float[] expected =
        ValueFiles.read(Shared.file(REAL + "silero_vad_lstm_400.safetensors"))
            .get("probability")
            .floats();
    assertThat(got).hasSameSizeAs(expected);
    for (int i = 0; i < got.length; i++) {
      assertThat(got[i]).isCloseTo(expected[i], within(1e-4f));
    }
    // Speech is louder than the pauses between.
    double spoken = 0;
    double silent = 0;
    int spokenSamples = 0;
    List<SileroVad.Segment> segments = SileroVad.segments(got, 0.032);
    for (int i = 0; i < start.length; i++) {
      double second = i / 16000.0;
      boolean inside = segments.stream().anyMatch(s -> s.from() <= second && second < s.to());
      spoken += inside ? start[i] * start[i] : 0;
      silent += inside ? 0 : start[i] * start[i];
      spokenSamples += inside ? 1 : 0;
    }
    assertThat(segments).hasSize(4);
    assertThat(spoken / spokenSamples).isGreaterThan(100 * silent / (start.length - spokenSamples));
  }

  @Test
  void segmentsAreNeitherShortNorCutByShortPauses() {
    float[] probabilities = new float[100];
    Arrays.fill(probabilities, 10, 30, 0.9f);
    probabilities[20] = 0.1f;
    Arrays.fill(probabilities, 50, 53, 0.9f);
    Arrays.fill(probabilities, 80, 100, 0.9f);
    assertThat(SileroVad.segments(probabilities, 0.032))
        .containsExactly(
            new SileroVad.Segment(10 * 0.032, 30 * 0.032),
            new SileroVad.Segment(80 * 0.032, 100 * 0.032));
  }

  @Test
  void spectraMakeTheSoundAgain() {
    float[] sound = new float[2000];
    for (int i = 0; i < sound.length; i++) {
      sound[i] = (float) Math.sin(0.05 * i * i / 100);
    }
    float[] again = new float[sound.length];
    Fourier fourier = new Fourier(512, 256);
    for (int from = -256; from < sound.length; from += 256) {
      Fourier.add(fourier.back(fourier.forward(sound, from)), again, from);
    }
    for (int i = 0; i < sound.length; i++) {
      assertThat(again[i]).isCloseTo(sound[i], within(1e-6f));
    }
    double[] spectrum = Fourier.plain(8, 8).forward(new float[] {1, 0, -1, 0, 1, 0, -1, 0}, 0);
    assertThat(spectrum[4]).isCloseTo(4, within(1e-12));
    assertThat(spectrum[0]).isCloseTo(0, within(1e-12));
  }

  @Test
  void noiseGoesAndSpeechStays() throws Exception {
    float[] noisy = Audio.read(Shared.file(REAL + "gtcrn_mix.wav")).channels()[0];
    float[] gtcrn = Gtcrn.clean(Shared.file(REAL + "gtcrn_simple.onnx"), noisy);
    float[] dtln =
        Dtln.clean(
            Shared.file(REAL + "dtln_model_1.onnx"),
            Shared.file("models/dtln_model_2/model.onnx"),
            noisy);
    for (float[] clean : List.of(gtcrn, dtln)) {
      // Nobody speaks before half a second, and somebody does for the next two and a half.
      assertThat(energy(clean, 1600, 7000)).isLessThan(0.1 * energy(noisy, 1600, 7000));
      assertThat(energy(clean, 9000, 48000))
          .isBetween(0.3 * energy(noisy, 9000, 48000), 1.1 * energy(noisy, 9000, 48000));
    }
  }

  /** Of what changes from sample to sample: the recording hums. */
  private static double energy(float[] sound, int from, int to) {
    double sum = 0;
    for (int i = from; i < to; i++) {
      double change = sound[i + 1] - sound[i];
      sum += change * change;
    }
    return sum;
  }

  @Test
  void textgenrnnKnowsTheNextCharacter() throws Exception {
    Map<String, Tensor> weights = ValueFiles.read(Shared.file(REAL + "textgenrnn.safetensors"));
    List<Integer> ids = new ArrayList<>();
    for (long id : weights.get("example.ids").longs()) {
      if (id != 0 || !ids.isEmpty()) {
        ids.add((int) id);
      }
    }
    float[] expected = weights.get("example.probability").floats();
    try (GraphNetwork network = new GraphNetwork(TextGenRnn.graph(weights));
        GraphStream stream = network.ready(Setup.DEFAULT).newStream()) {
      float[] got = TextGenRnn.probabilities(stream, ids);
      assertThat(got).hasSameSizeAs(expected);
      for (int i = 0; i < got.length; i++) {
        assertThat(got[i]).isCloseTo(expected[i], within(1e-5f));
      }
    }
  }

  @Test
  void nnsplitFindsSentences() throws Exception {
    assertThat(
            NnSplit.sentences(
                Shared.file("models/nnsplit_en/model.onnx"),
                "This is a test This is another test."))
        .containsExactly("This is a test", "This is another test.");
  }

  @Test
  void amplifierPlaysAsItsOwnEngineDoes() throws Exception {
    Map<String, Tensor> io = ValueFiles.read(Shared.file("models/klon_centaur_0/io.safetensors"));
    Path model = Shared.file("models/klon_centaur_0/model.json");
    float[] wet = Amplifier.play(model, io.get("input").floats());
    for (int i = 0; i < wet.length; i++) {
      assertThat(wet[i]).isCloseTo((float) io.get("expected").doubleAt(i), within(1e-5f));
    }
    List<String> lines = new ArrayList<>();
    new Amplifier().run(List.of(model), out, lines::add);
    assertThat(lines).hasSize(3);
    assertThat(out.resolve("amplified.png")).isNotEmptyFile();
  }

  @Test
  void actuatorBringsTheJointToWhereItShouldBe() throws Exception {
    List<String> lines = new ArrayList<>();
    new Actuator()
        .run(List.of(Shared.file("models/legged_gym_actuator/model.safetensors")), out, lines::add);
    assertThat(lines.getFirst()).isEqualTo("largest torque 32.2 Nm");
    assertThat(out.resolve("actuator.png")).isNotEmptyFile();
  }
}
