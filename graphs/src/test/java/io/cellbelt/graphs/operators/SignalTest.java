package io.cellbelt.graphs.operators;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.cellbelt.graphs.ElementType;
import io.cellbelt.graphs.Tensor;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class SignalTest {
  private final Random random = new Random(9);

  private static Tensor scalar(long value) {
    return Tensor.of(new long[] {value});
  }

  /** By its definition. */
  private static double[][] dft(double[] re, double[] im, boolean inverse) {
    int n = re.length;
    double[][] y = new double[2][n];
    for (int k = 0; k < n; k++) {
      for (int i = 0; i < n; i++) {
        double angle = (inverse ? 2 : -2) * Math.PI * ((long) k * i % n) / n;
        y[0][k] += re[i] * Math.cos(angle) - im[i] * Math.sin(angle);
        y[1][k] += re[i] * Math.sin(angle) + im[i] * Math.cos(angle);
      }
      y[0][k] /= inverse ? n : 1;
      y[1][k] /= inverse ? n : 1;
    }
    return y;
  }

  @Test
  void anyLengthAlongAnyAxis() {
    for (ElementType type : List.of(ElementType.F32, ElementType.F64)) {
      for (int size : new int[] {1, 2, 3, 4, 5, 8, 12, 16, 30, 37, 49, 64, 100}) {
        for (int parts = 1; parts <= 2; parts++) {
          for (int inverse = 0; inverse < 2; inverse++) {
            Tensor x = Trial.random(random, type, false, 2, size, 3, parts);
            int length = random.nextBoolean() ? size : 1 + random.nextInt(2 * size);
            check(x, length, inverse == 1, false);
            if (parts == 1 && inverse == 0) {
              check(x, length, false, true);
            }
          }
        }
      }
    }
  }

  private static void check(Tensor x, int length, boolean inverse, boolean onesided) {
    Trial old = Trial.of(17, "DFT", x).known(scalar(length)).with("axis", 1);
    Trial now = Trial.of(20, "DFT", x).known(scalar(length)).known(scalar(-3));
    int bins = onesided ? length / 2 + 1 : length;
    for (Trial trial : List.of(old, now)) {
      trial.with("inverse", inverse ? 1 : 0).with("onesided", onesided ? 1 : 0);
      Tensor y = trial.run();
      assertThat(y.shape()).containsExactly(2, bins, 3, 2);
      Trial.assertClose(y, expected(x, length, bins, inverse), 3e-6, trial.toString());
    }
  }

  private static double[] expected(Tensor x, int length, int bins, boolean inverse) {
    int size = x.shape()[1];
    int parts = x.shape()[3];
    double[] all = new double[2 * bins * 3 * 2];
    for (int line = 0; line < 6; line++) {
      double[] re = new double[length];
      double[] im = new double[length];
      for (int i = 0; i < Math.min(size, length); i++) {
        int at = ((line / 3 * size + i) * 3 + line % 3) * parts;
        re[i] = x.doubleAt(at);
        im[i] = parts == 1 ? 0 : x.doubleAt(at + 1);
      }
      double[][] y = dft(re, im, inverse);
      for (int k = 0; k < bins; k++) {
        int at = ((line / 3 * bins + k) * 3 + line % 3) * 2;
        all[at] = y[0][k];
        all[at + 1] = y[1][k];
      }
    }
    return all;
  }

  @Test
  void oneSideOfASpectrumIsARealSignal() {
    for (int size : new int[] {1, 2, 5, 6, 16, 21}) {
      Tensor x = Trial.random(random, ElementType.F64, false, 2, size, 1);
      Tensor spectrum = Trial.of(20, "DFT", x).with("onesided", 1).run();
      Trial back = Trial.of(20, "DFT", spectrum).known(scalar(size));
      back.with("inverse", 1).with("onesided", 1);
      Tensor y = back.run();
      assertThat(y.shape()).containsExactly(2, size, 1);
      Trial.assertClose(y, x.doubles(), 1e-12, back.toString());
    }
    Tensor half = Trial.random(random, ElementType.F32, false, 1, 5, 2);
    assertThat(Trial.of(20, "DFT", half).with("inverse", 1).with("onesided", 1).run().shape())
        .containsExactly(1, 8, 1);
  }

  @Test
  void framesOfASignal() {
    for (int run = 0; run < 12; run++) {
      int samples = 20 + random.nextInt(60);
      int length = 3 + random.nextInt(15);
      int step = 1 + random.nextInt(9);
      boolean onesided = run % 2 == 0;
      Tensor x = Trial.random(random, ElementType.F32, false, 2, samples, 1);
      Tensor window = Trial.random(random, ElementType.F32, false, length);
      Tensor weights = run % 3 == 0 ? null : window;
      Trial trial = Trial.of(17, "STFT", x).known(scalar(step));
      trial.known(weights).known(run % 3 == 1 ? null : scalar(length));
      trial.with("onesided", onesided ? 1 : 0);
      int frames = (samples - length) / step + 1;
      int bins = onesided ? length / 2 + 1 : length;
      double[] expected = new double[2 * frames * bins * 2];
      for (int f = 0; f < 2 * frames; f++) {
        double[] re = new double[length];
        for (int i = 0; i < length; i++) {
          double weight = weights == null ? 1 : weights.doubleAt(i);
          re[i] = weight * x.doubleAt(f / frames * samples + f % frames * step + i);
        }
        double[][] y = dft(re, new double[length], false);
        for (int k = 0; k < bins; k++) {
          expected[2 * (f * bins + k)] = y[0][k];
          expected[2 * (f * bins + k) + 1] = y[1][k];
        }
      }
      Tensor y = trial.run();
      assertThat(y.shape()).containsExactly(2, frames, bins, 2);
      Trial.assertClose(y, expected, 3e-6, trial.toString());
    }
  }

  @Test
  void windows() {
    assertThat(window("HannWindow", 4, 1)).containsExactly(0, 0.5, 1, 0.5);
    assertThat(window("HannWindow", 5, 0)).containsExactly(0, 0.5, 1, 0.5, 0);
    assertThat(window("HannWindow", 1, 0)).containsExactly(1);
    assertThat(window("HammingWindow", 4, 1)).containsExactly(4, 25, 46, 25);
    assertThat(window("BlackmanWindow", 4, 1)).containsExactly(0, 0.34, 1, 0.34);
    assertThat(Trial.of(17, "HannWindow").known(scalar(3)).run().type()).isEqualTo(ElementType.F32);
  }

  /** To some digits; those of Hamming's in 46ths. */
  private static double[] window(String operator, int size, int periodic) {
    Tensor y =
        Trial.of(17, operator)
            .known(scalar(size))
            .with("periodic", periodic)
            .with("output_datatype", 11)
            .run();
    double unit = operator.equals("HammingWindow") ? 46 : 1;
    return Arrays.stream(y.doubles()).map(v -> Math.rint(v * unit * 1e9) / 1e9 + 0.0).toArray();
  }

  /** A few bins, so that each band has one. */
  @Test
  void melWeights() {
    Tensor low = Tensor.of(new float[] {0});
    Tensor high = Tensor.of(new float[] {4096});
    Tensor y =
        Trial.of(17, "MelWeightMatrix")
            .known(scalar(8))
            .known(scalar(16))
            .known(scalar(8192))
            .known(low)
            .known(high)
            .run();
    assertThat(y.shape()).containsExactly(9, 8);
    int[] bands = {0, 0, 1, 1, 2, 3, 4, 5};
    for (int band = 0; band < 8; band++) {
      for (int bin = 0; bin < 9; bin++) {
        assertThat(y.doubleAt(8 * bin + band)).isEqualTo(bin == bands[band] ? 1 : 0);
      }
    }
    assertThatThrownBy(
            () ->
                Trial.of(17, "MelWeightMatrix")
                    .known(scalar(8))
                    .known(scalar(16))
                    .known(scalar(8192))
                    .known(low)
                    .known(Tensor.of(new float[] {9000}))
                    .run())
        .hasMessageContaining("between 0 and half the sample rate");
  }

  @Test
  void signalsThatAreNoneAreRefused() {
    Tensor x = Tensor.of(new float[6], 1, 2, 3);
    assertThatThrownBy(() -> Trial.of(20, "DFT", x).run())
        .hasMessageContaining("1 for real ones and 2 for complex ones");
    Tensor complex = Tensor.of(new float[4], 1, 2, 2);
    assertThatThrownBy(() -> Trial.of(20, "DFT", complex).with("onesided", 1).run())
        .hasMessageContaining("one side of a spectrum belongs to a real signal");
    assertThatThrownBy(() -> Trial.of(17, "DFT", complex).with("axis", 2).run())
        .hasMessageContaining("not an axis");
    assertThatThrownBy(() -> Trial.of(17, "DFT", complex).known(scalar(0)).run())
        .hasMessageContaining("1 or more, but got 0");
    assertThatThrownBy(
            () ->
                Trial.of(17, "STFT", complex)
                    .known(scalar(1))
                    .known(Tensor.of(new float[3], 3))
                    .known(scalar(2))
                    .run())
        .hasMessageContaining("a window is as long as a frame");
  }
}
