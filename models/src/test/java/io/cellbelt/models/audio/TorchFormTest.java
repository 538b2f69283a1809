package io.cellbelt.models.audio;

import static io.cellbelt.models.audio.Numbers.at;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.gson.JsonArray;
import com.google.gson.JsonObject;
import io.cellbelt.models.ModelFileException;
import java.nio.file.Path;
import java.util.Locale;
import org.assertj.core.data.Offset;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** State dicts of PyTorch, alone and as GuitarML writes them. */
class TorchFormTest {
  private static final int SAMPLES = 12;
  private static final int HIDDEN = 3;

  @TempDir Path folder;

  private final Numbers numbers = new Numbers(11);

  private JsonObject recurrent(String prefix, int gates, int inputs) {
    JsonObject state = new JsonObject();
    state.add(prefix + "weight_ih_l0", numbers.nested(gates * HIDDEN, inputs));
    state.add(prefix + "weight_hh_l0", numbers.nested(gates * HIDDEN, HIDDEN));
    state.add(prefix + "bias_ih_l0", numbers.nested(gates * HIDDEN));
    state.add(prefix + "bias_hh_l0", numbers.nested(gates * HIDDEN));
    return state;
  }

  private JsonObject withLinear(JsonObject state, int outputs) {
    state.add("lin.weight", numbers.nested(outputs, HIDDEN));
    state.add("lin.bias", numbers.nested(outputs));
    return state;
  }

  private JsonObject guitarMl(JsonObject state, String unit, int skip, int inputs) {
    JsonObject data = new JsonObject();
    data.addProperty("model", "SimpleRNN");
    data.addProperty("input_size", inputs);
    data.addProperty("skip", skip);
    data.addProperty("output_size", 1);
    data.addProperty("unit_type", unit);
    data.addProperty("num_layers", 1);
    data.addProperty("hidden_size", HIDDEN);
    data.addProperty("bias_fl", true);
    JsonObject model = new JsonObject();
    model.add("model_data", data);
    model.add("state_dict", state);
    return model;
  }

  private AudioModel read(JsonObject json) throws ModelFileException {
    return AudioJsonReader.read(Numbers.save(folder, json));
  }

  /** As PyTorch's documentation has it. */
  private static double[] step(JsonObject state, String kind, double[] x, double[] h, double[] c) {
    JsonArray w = state.getAsJsonArray("rec.weight_ih_l0");
    JsonArray u = state.getAsJsonArray("rec.weight_hh_l0");
    double[] next = new double[HIDDEN];
    for (int j = 0; j < HIDDEN; j++) {
      int gates = w.size() / HIDDEN;
      double[] a = new double[gates];
      double[] b = new double[gates];
      for (int gate = 0; gate < gates; gate++) {
        int row = gate * HIDDEN + j;
        a[gate] = at(state.getAsJsonArray("rec.bias_ih_l0"), row);
        b[gate] = at(state.getAsJsonArray("rec.bias_hh_l0"), row);
        for (int i = 0; i < x.length; i++) {
          a[gate] += at(w, row, i) * x[i];
        }
        for (int i = 0; i < HIDDEN; i++) {
          b[gate] += at(u, row, i) * h[i];
        }
      }
      switch (kind) {
        case "LSTM" -> {
          c[j] = sigmoid(a[1] + b[1]) * c[j] + sigmoid(a[0] + b[0]) * Math.tanh(a[2] + b[2]);
          next[j] = sigmoid(a[3] + b[3]) * Math.tanh(c[j]);
        }
        case "GRU" -> {
          double z = sigmoid(a[1] + b[1]);
          double n = Math.tanh(a[2] + sigmoid(a[0] + b[0]) * b[2]);
          next[j] = (1 - z) * n + z * h[j];
        }
        default -> next[j] = Math.tanh(a[0] + b[0]);
      }
    }
    return next;
  }

  private static double sigmoid(double x) {
    return 1 / (1 + Math.exp(-x));
  }

  @ParameterizedTest
  @CsvSource({"LSTM, 4, 1", "GRU, 3, 1", "RNN, 1, 0"})
  void guitarMl(String unit, int gates, int skip) throws ModelFileException {
    JsonObject state = withLinear(recurrent("rec.", gates, 2), 1);
    AudioModel model = read(guitarMl(state, unit, skip, 2));
    double[] input = numbers.next(2 * SAMPLES);
    double[] output = GraphInDouble.run(model.graph(), input, 2, 5);
    double[] h = new double[HIDDEN];
    double[] c = new double[HIDDEN];
    for (int t = 0; t < SAMPLES; t++) {
      h = step(state, unit, new double[] {input[2 * t], input[2 * t + 1]}, h, c);
      double sum = at(state.getAsJsonArray("lin.bias"), 0) + skip * input[2 * t];
      for (int j = 0; j < HIDDEN; j++) {
        sum += at(state.getAsJsonArray("lin.weight"), 0, j) * h[j];
      }
      assertThat(output[t]).isCloseTo(sum, Offset.offset(1e-6));
    }
    assertThat(model.metadata()).containsEntry("model_data.unit_type", unit);
    assertThat(model.remarks()).isEmpty();
  }

  @Test
  void withoutLinearMemberAndBiases() throws ModelFileException {
    JsonObject state = recurrent("", 4, 1);
    state.remove("bias_ih_l0");
    state.remove("bias_hh_l0");
    AudioModel model = read(state);
    assertThat(model.remarks()).hasSize(1).first().asString().contains("no linear member");
    assertThat(GraphInDouble.run(model.graph(), new double[2], 1, 1)).hasSize(2 * HIDDEN);
  }

  @Test
  void aStateDictWithoutData() throws ModelFileException {
    JsonObject model = new JsonObject();
    model.add("state_dict", withLinear(recurrent("rec.", 3, 1), 1));
    assertThat(read(model).remarks()).hasSize(1).first().asString().contains("no 'model_data'");
  }

  private void refused(JsonObject model, String... parts) {
    assertThatThrownBy(() -> read(model))
        .isInstanceOf(ModelFileException.class)
        .message()
        .contains(parts)
        .endsWith(".");
  }

  @Test
  void whatCannotBeToldIsRefused() {
    JsonObject state = withLinear(recurrent("rec.", 4, 1), 1);
    state.add("head.weight", numbers.nested(1, 1));
    state.add("scale", numbers.nested(1));
    state.add("rec.weight_hr_l0", numbers.nested(1, HIDDEN));
    refused(
        state,
        "1 recurrent layers",
        "2 others, \"[lin., head.]\"",
        "\"[scale, rec.weight_hr_l0]\"");
    JsonObject both = recurrent("rec.", 4, 1);
    both.add("rec.weight_ih_l0_reverse", numbers.nested(12, 1));
    refused(both, "\"[rec.weight_ih_l0_reverse]\"");
    refused(guitarMl(new JsonObject(), "LSTM", 1, 1), "there are 0 recurrent layers");
  }

  @Test
  void wrongShapesAreNamedAllAtOnce() {
    JsonObject state = recurrent("rec.", 4, 1);
    state.add("rec.bias_hh_l0", numbers.nested(5));
    state.add("more.weight_ih_l1", numbers.nested(5, HIDDEN));
    state.add("more.weight_hh_l1", numbers.nested(5, HIDDEN));
    state.add("lin.bias", numbers.nested(2));
    refused(
        state,
        "Layer 0 of \"rec.\": 'bias_hh' must have the shape [12], but have [5].",
        "Layer 1 of \"more.\": Layers must follow each other from 0, but here 0 was expected.",
        "The linear member: 'weight' is missing; there are [bias].");
    JsonObject odd = recurrent("", 2, 1);
    refused(odd, "must have 4 (LSTM), 3 (GRU) or 1 (RNN) times as many rows", "[6, 3]");
    JsonObject missing = recurrent("", 4, 1);
    missing.remove("bias_hh_l0");
    refused(missing, "'bias_hh' is missing");
    JsonObject second = recurrent("a.", 4, 1);
    recurrent("b.", 4, 2).asMap().forEach(second::add);
    refused(second, "The LSTM takes 2 values a sample, but 3 come in.");
  }

  @Test
  void whatIsToldMustBeThere() {
    JsonObject model = guitarMl(withLinear(recurrent("rec.", 4, 1), 1), "GRU", 1, 2);
    model.getAsJsonObject("model_data").addProperty("num_layers", 2);
    refused(
        model,
        "'unit_type' is \"GRU\", but the weights are those of \"LSTM\".",
        "'num_layers' is \"2\", but the weights are those of \"1\".",
        "'input_size' is \"2\", but the weights are those of \"1\".");
    refused(
        guitarMl(withLinear(recurrent("rec.", 4, 1), 1), "LSTM", 2, 1),
        "'skip' must be 0, 1 or the number of outputs, 1",
        String.format(Locale.ROOT, "but is %d", 2));
  }
}
