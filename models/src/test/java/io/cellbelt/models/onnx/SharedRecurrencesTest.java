package io.cellbelt.models.onnx;

import static org.assertj.core.api.Assertions.assertThat;

import io.cellbelt.graphs.Graph;
import io.cellbelt.graphs.GraphNetwork;
import io.cellbelt.graphs.Port;
import io.cellbelt.graphs.Tensor;
import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.assertj.core.data.Offset;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Models of others that have their layers written out run the same as they are written. */
class SharedRecurrencesTest {
  @ParameterizedTest
  @CsvSource({
    "models/manshoor_lstm/model.onnx, 2", // Loop
    "models/quant_sentinel_lstm_v1/model.onnx, 3",
    "models/dtln_model_2/model.onnx, 2", // one step
    "models/tract_qlstm/model.onnx, 0", // of integers
    "models/aircraft_rul/model.onnx, 0", // has nodes for its layers
  })
  void givesTheNumbersOfTheGraphAsItIsWritten(String name, int layers) throws IOException {
    Graph graph = OnnxReader.read(SharedOnnx.file(name)).graph();
    Map<String, Tensor> inputs = inputs(graph, name.contains("manshoor"));
    try (GraphNetwork network = new GraphNetwork(graph);
        GraphNetwork written = GraphNetwork.asWritten(graph)) {
      List<String> recognised = network.recognised();
      assertThat(recognised).hasSize(layers).allMatch(sentence -> sentence.contains("an LSTM"));
      Map<String, Tensor> expected = written.run(inputs);
      network
          .run(inputs)
          .forEach(
              (output, got) ->
                  assertThat(got.floats())
                      .as(output)
                      .containsExactly(expected.get(output).floats(), Offset.offset(1e-5f)));
    }
  }

  private static Map<String, Tensor> inputs(Graph graph, boolean words) {
    Random random = new Random(1);
    Map<String, Tensor> inputs = new LinkedHashMap<>();
    for (Port port : graph.inputs()) {
      int[] shape = port.shape().stream().mapToInt(d -> d.isOpen() ? 1 : d.size()).toArray();
      int size = 1;
      for (int dimension : shape) {
        size *= dimension;
      }
      float[] values = new float[size];
      for (int i = 0; i < size; i++) {
        values[i] = words ? random.nextInt(4620) : (float) random.nextGaussian() / 2;
      }
      inputs.put(port.name(), Tensor.of(values, shape));
    }
    return inputs;
  }
}
