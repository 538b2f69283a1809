package io.cellbelt.propertytests.app;

import static org.assertj.core.api.Assertions.assertThat;

import ai.onnxruntime.OrtException;
import io.cellbelt.graphs.Graph;
import io.cellbelt.graphs.Port;
import io.cellbelt.graphs.Tensor;
import io.cellbelt.models.Model;
import io.cellbelt.models.ModelFiles;
import io.cellbelt.models.OnnxExport;
import io.cellbelt.propertytests.support.Ort;
import java.io.IOException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** A model that was trained on a text writes the same text in ONNX Runtime. */
@Tag("process")
final class ExportedCharacterModelTest extends CommandLineTestCase {
  private static final int LENGTH = 300;
  private static final long SEED = 4;

  @Test
  void writesTheSameText() throws IOException, OrtException {
    done(with(TRAIN, "--embedding", "5", "--seed", "9"));
    Model model = ModelFiles.read(folder.resolve("m.safetensors"));
    Path file = folder.resolve("m.onnx");
    OnnxExport.write(file, model.weights());
    for (String temperature : List.of("0.0", "0.8")) {
      String[] generate = {
        "generate", "m.safetensors", "--length", "" + LENGTH, "--seed", "" + SEED
      };
      assertThat(text(file, model, Double.parseDouble(temperature)))
          .isEqualTo(done(with(generate, "--temperature", temperature)).out());
    }
  }

  private static String text(Path file, Model model, double temperature) throws OrtException {
    int[] characters = model.metadata().get("cellbelt.vocabulary").codePoints().toArray();
    String start = model.metadata().get("cellbelt.start");
    assertThat(start).hasSize(1);
    SplittableRandom random = new SplittableRandom(SEED);
    StringBuilder text = new StringBuilder();
    try (Ort runtime = new Ort(file)) {
      Map<String, Tensor> states = states(OnnxExport.graph(model.weights()));
      int token = 0;
      while (characters[token] != start.codePointAt(0)) {
        token++;
      }
      for (int i = 0; i < LENGTH; i++) {
        Map<String, Tensor> fed = new LinkedHashMap<>(states);
        fed.put("tokens", Tensor.of(new long[] {token}, 1, 1));
        Map<String, Tensor> outputs = runtime.run(fed);
        states.replaceAll((name, state) -> outputs.get(name + "_next"));
        token = next(outputs.get("output").floats(), temperature, random);
        text.appendCodePoint(characters[token]);
      }
    }
    return text.toString().stripTrailing();
  }

  private static Map<String, Tensor> states(Graph graph) {
    Map<String, Tensor> states = new LinkedHashMap<>();
    for (Port port : graph.inputs().subList(1, graph.inputs().size())) {
      int hidden = port.shape().getLast().size();
      states.put(port.name(), Tensor.of(new float[hidden], 1, 1, hidden));
    }
    return states;
  }

  /** Draws as the command does. */
  private static int next(float[] logits, double temperature, SplittableRandom random) {
    int likeliest = 0;
    for (int token = 1; token < logits.length; token++) {
      likeliest = logits[token] > logits[likeliest] ? token : likeliest;
    }
    if (temperature == 0) {
      return likeliest;
    }
    double[] weights = new double[logits.length];
    double sum = 0;
    for (int token = 0; token < weights.length; token++) {
      weights[token] = Math.exp((logits[token] - (double) logits[likeliest]) / temperature);
      sum += weights[token];
    }
    double left = random.nextDouble() * sum;
    for (int token = 0; token < weights.length; token++) {
      left -= weights[token];
      if (left < 0) {
        return token;
      }
    }
    return likeliest;
  }
}
