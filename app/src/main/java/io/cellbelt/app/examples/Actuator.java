package io.cellbelt.app.examples;

import io.cellbelt.cells.Network;
import io.cellbelt.cells.Stream;
import io.cellbelt.graphs.Tensor;
import io.cellbelt.models.PyTorch;
import io.cellbelt.models.data.ValueFiles;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.Consumer;

/**
 * The joint of a walking robot: how its motor answers, learned from the motor itself. Fed how far
 * the joint is from where it should be and how fast it turns, 200 times a second.
 */
final class Actuator implements Example {
  private static final int RATE = 200;
  private static final int STEPS = 2 * RATE;

  /** A leg that the joint turns, in kilogram metres squared, and friction. */
  private static final double INERTIA = 0.3;

  private static final double FRICTION = 1;

  @Override
  public String files() {
    return "MODEL.safetensors";
  }

  @Override
  public void run(List<Path> files, Path out, Consumer<String> print) throws IOException {
    Map<String, Tensor> scales = ValueFiles.read(files.getFirst());
    Tensor in = scales.get("in_scale");
    double outScale = scales.get("out_scale").doubleAt(0);
    double[] time = new double[STEPS];
    double[] wanted = new double[STEPS];
    double[] angle = new double[STEPS];
    double[] torque = new double[STEPS];
    float[] x = new float[2];
    float[] y = new float[1];
    double position = 0;
    double speed = 0;
    try (Network network =
            new Network(PyTorch.module("lstm").head("linear").read(files.getFirst()).weights());
        Stream stream = network.newStream()) {
      for (int i = 0; i < STEPS; i++) {
        time[i] = (double) i / RATE;
        wanted[i] = i / (RATE / 2) % 2 == 1 ? 0.5 : 0;
        x[0] = (float) ((wanted[i] - position) * in.doubleAt(0));
        x[1] = (float) (speed * in.doubleAt(1));
        stream.step(x, y);
        torque[i] = y[0] * outScale;
        speed += (torque[i] - FRICTION * speed) / INERTIA / RATE;
        position += speed / RATE;
        angle[i] = position;
      }
    }
    double most = 0;
    for (double value : torque) {
      most = Math.max(most, Math.abs(value));
    }
    print.accept(String.format(Locale.ROOT, "largest torque %.1f Nm", most));
    byte[] plot =
        Plots.lines(
            "A joint that is told to turn",
            "seconds",
            "radians, torque / 100 Nm",
            new Plots.Line("where it should be", time, wanted),
            new Plots.Line("where it is", time, angle),
            new Plots.Line("torque / 100 Nm", time, scaled(torque)));
    Example.write(out.resolve("actuator.png"), plot, print);
  }

  private static double[] scaled(double[] values) {
    double[] scaled = values.clone();
    for (int i = 0; i < scaled.length; i++) {
      scaled[i] /= 100;
    }
    return scaled;
  }
}
