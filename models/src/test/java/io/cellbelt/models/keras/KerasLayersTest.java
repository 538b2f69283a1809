package io.cellbelt.models.keras;

import static io.cellbelt.models.keras.KerasFixture.assertRefused;
import static io.cellbelt.models.keras.KerasFixture.attribute;
import static io.cellbelt.models.keras.KerasFixture.layer;
import static io.cellbelt.models.keras.KerasFixture.legacy;
import static io.cellbelt.models.keras.KerasFixture.matrix;
import static io.cellbelt.models.keras.KerasFixture.node;
import static io.cellbelt.models.keras.KerasFixture.operators;
import static io.cellbelt.models.keras.KerasFixture.ports;
import static io.cellbelt.models.keras.KerasFixture.sequential;
import static io.cellbelt.models.keras.KerasFixture.vector;
import static org.assertj.core.api.Assertions.assertThat;

import io.cellbelt.graphs.Graph;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Layers without time of their own, each as the operators that it becomes. */
final class KerasLayersTest {
  @TempDir Path folder;

  private Path file(String version, String shape, String layer, Object... arrays) {
    return legacy(
        folder.resolve("model.h5"), version, sequential(shape, layer), Map.of("it", arrays));
  }

  private Graph read(String shape, String layer, Object... arrays) throws IOException {
    return KerasReader.read(file("2.15.0", shape, layer, arrays));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = ';',
      value = {
        "null,5,3; Flatten; ; Flatten; [batch, 15]",
        "null,null,3; Flatten; ; Flatten; [batch, ?]",
        "null,6,4; Reshape; \"target_shape\":[3,-1]; Reshape; [batch, 3, 8]",
        "null,6,4; Permute; \"dims\":[2,1]; Transpose; [batch, 4, 6]",
        "null,4; RepeatVector; \"n\":3; Unsqueeze Expand; [batch, 3, 4]",
        "null,6,4; Cropping1D; \"cropping\":[1,2]; Slice; [batch, 3, 4]",
        "null,6,4; ZeroPadding1D; \"padding\":2; Pad; [batch, 10, 4]",
        "null,6,4; UpSampling1D; \"size\":2; Unsqueeze Expand Reshape; [batch, 12, 4]",
        "null,6,4; MaxPooling1D; ; Transpose MaxPool Transpose; [batch, 3, 4]",
        "null,7,4; AveragePooling1D; \"padding\":\"same\"; Transpose AveragePool Transpose; [batch,"
            + " 4, 4]",
        "null,6,4; GlobalMaxPooling1D; ; ReduceMax; [batch, 4]",
        "null,6,4; GlobalAveragePooling1D; \"keepdims\":true; ReduceMean; [batch, 1, 4]",
        "null,4; Rescaling; \"scale\":2.0,\"offset\":1.0; Mul Add; [batch, 4]",
        "null,4; Softmax; ; Softmax; [batch, 4]",
        "null,4; ELU; \"alpha\":0.5; Elu; [batch, 4]",
        "null,4; LeakyReLU; \"alpha\":0.1; LeakyRelu; [batch, 4]",
        "null,4; ReLU; \"max_value\":6.0; LeakyRelu Min; [batch, 4]",
        "null,4; ThresholdedReLU; \"theta\":1.0; ThresholdedRelu; [batch, 4]",
        "null,4; Activation; \"activation\":\"swish\"; Sigmoid Mul; [batch, 4]",
        "null,4; Activation; \"activation\":\"relu6\"; Clip; [batch, 4]",
        "null,4; Activation; \"activation\":\"selu\"; Selu; [batch, 4]",
        "null,4; Activation; \"activation\":\"softmax\"; Softmax; [batch, 4]",
        "null,4; Activation; \"activation\":\"gelu\"; Gelu; [batch, 4]",
      })
  void layersWithoutWeights(
      String shape, String className, String option, String operators, String output)
      throws IOException {
    String layer = option == null ? layer(className, "it") : layer(className, "it", option);
    Graph graph = read(shape, layer);
    assertThat(operators(graph)).isEqualTo(operators);
    assertThat(graph.outputs().getFirst().shape()).hasToString(output);
  }

  @ParameterizedTest
  @CsvSource({
    "valid, 1, '[0, 0]', 7",
    "causal, 1, '[2, 0]', 9",
    "causal, 2, '[4, 0]', 9",
    "same, 1, '[1, 1]', 9",
    "same, 2, '[2, 2]', 9"
  })
  void convolutionsOverTime(String padding, int dilation, String pads, int steps)
      throws IOException {
    String layer =
        layer(
            "Conv1D",
            "it",
            "\"filters\":2",
            "\"kernel_size\":[3]",
            "\"padding\":\"" + padding + "\"",
            "\"dilation_rate\":" + dilation);
    float[][][] kernel = {matrix(2, 2), matrix(2, 2), matrix(2, 2)};
    kernel[1][0][0] = 8;
    kernel[2][0][0] = 9;
    Graph graph = read("null,9,2", layer, kernel, vector(2));
    assertThat(operators(graph)).isEqualTo("Transpose Conv Add Transpose");
    assertThat(attribute(node(graph, "Conv"), "pads")).hasToString(pads);
    assertThat(ports(graph.outputs())).containsExactly("it [batch, " + steps + ", 2]");
    assertThat(graph.constants().get("it.kernel").shape()).containsExactly(2, 2, 3);
    assertThat(graph.constants().get("it.kernel").floats())
        .containsExactly(0, 8, 9, 0.0625f, 0.0625f, 0.0625f, 1, 1, 1, 1.0625f, 1.0625f, 1.0625f);
  }

  @Test
  void paddingThatDependsOnAnOpenLengthIsLeftToTheOperator() throws IOException {
    String layer =
        layer(
            "Conv1D",
            "it",
            "\"filters\":2",
            "\"kernel_size\":3",
            "\"strides\":2",
            "\"padding\":\"same\"",
            "\"use_bias\":false");
    Object kernel = new float[][][] {matrix(2, 2), matrix(2, 2), matrix(2, 2)};
    assertThat(attribute(node(read("null,null,2", layer, kernel), "Conv"), "auto_pad"))
        .isEqualTo("SAME_UPPER");
    assertThat(attribute(node(read("null,8,2", layer, kernel), "Conv"), "pads"))
        .isEqualTo(List.of(0L, 1L));
  }

  @Test
  void kernelsOfTheanoAreTurnedRound() throws IOException {
    String layer =
        layer("Conv1D", "it", "\"filters\":1", "\"kernel_size\":3", "\"use_bias\":false");
    Object kernel = new float[][][] {{{1}}, {{2}}, {{3}}};
    Graph graph = KerasReader.read(file("2.0.8-theano", "null,9,1", layer, kernel));
    assertThat(graph.constants().get("it.kernel").floats()).containsExactly(3, 2, 1);
  }

  @Test
  void kernelsOfKeras1HaveOneDimensionMore() throws IOException {
    String layer =
        layer(
            "Convolution1D",
            "it",
            "\"nb_filter\":2",
            "\"filter_length\":3",
            "\"subsample_length\":1",
            "\"border_mode\":\"valid\"",
            "\"bias\":true");
    float[][][][] later = {{{{1, 2}}}, {{{3, 4}}}, {{{5, 6}}}};
    float[][][][] earlier = {{{{1}, {3}, {5}}}, {{{2}, {4}, {6}}}};
    for (Object kernel : List.of(later, earlier)) {
      Graph graph = KerasReader.read(file("1.2.2", "null,9,1", layer, kernel, vector(2)));
      assertThat(graph.constants().get("it.kernel").floats()).containsExactly(1, 3, 5, 2, 4, 6);
    }
  }

  @Test
  void aKernelForEachChannelIsAGroupForEach() throws IOException {
    String layer =
        layer(
            "DepthwiseConv2D",
            "it",
            "\"kernel_size\":[1,2]",
            "\"depth_multiplier\":2",
            "\"use_bias\":false");
    // [1, 2, 3 channels, 2 kernels of each]
    float[][][][] kernel = {{matrix(3, 2), matrix(3, 2)}};
    Graph graph = read("null,4,5,3", layer, (Object) kernel);
    assertThat(attribute(node(graph, "Conv"), "group")).isEqualTo(3L);
    assertThat(graph.constants().get("it.depthwise_kernel").shape()).containsExactly(6, 1, 1, 2);
    assertThat(graph.constants().get("it.depthwise_kernel").floats())
        .startsWith(0, 0, 1, 1, 0.0625f, 0.0625f);
    assertThat(ports(graph.outputs())).containsExactly("it [batch, 4, 4, 6]");
  }

  @Test
  void statisticsOfTrainingBecomeFactorAndOffset() throws IOException {
    String layer = layer("BatchNormalization", "it", "\"epsilon\":0.0", "\"axis\":[-1]");
    Graph graph =
        read(
            "null,5,2",
            layer,
            new float[] {2, 3},
            new float[] {1, 0},
            new float[] {4, 5},
            new float[] {4, 0.25f});
    assertThat(graph.constants().get("it.scale").floats()).containsExactly(1, 6);
    assertThat(graph.constants().get("it.offset").floats()).containsExactly(-3, -30);
    assertThat(operators(graph)).isEqualTo("Mul Add");
  }

  @Test
  void normalisationOfALayerIsOnnxs() throws IOException {
    Graph graph =
        read(
            "null,5,2",
            layer("LayerNormalization", "it", "\"epsilon\":0.5", "\"axis\":[2]"),
            new float[] {2, 3},
            new float[] {1, 0});
    assertThat(attribute(node(graph, "LayerNormalization"), "axis")).isEqualTo(2L);
    assertThat(attribute(node(graph, "LayerNormalization"), "epsilon")).isEqualTo(0.5f);
    assertRefused(
        file(
            "2.15.0",
            "null,5,2",
            layer("LayerNormalization", "it", "\"axis\":[1]"),
            vector(5),
            vector(5)),
        "only the last ones are supported");
  }

  @Test
  void aLayerOnEachStepTakesTheStepsForMoreOfTheBatch() throws IOException {
    String inner = layer("Flatten", "inner");
    Graph graph = read("null,null,4,3", layer("TimeDistributed", "it", "\"layer\":" + inner));
    assertThat(operators(graph)).isEqualTo("Reshape Flatten Shape Concat Reshape");
    assertThat(graph.outputs().getFirst().shape()).hasToString("[batch, ?, 12]");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = ';',
      quoteCharacter = '|',
      value = {
        "Lambda; \"function\":\"x\"; Lambda \"it\": a Lambda layer holds Python code",
        "ConvLSTM1D; \"filters\":2; ConvLSTM1D \"it\": layers of this class are not supported",
        "Dense; \"units\":0; 'units' should be a whole number from 1 on, but is \"0\"",
        "Dense; \"units\":\"two\"; 'units' should be a whole number, but is",
        "Dense; \"activation\":\"tanh\"; 'units' is missing",
        "Dense; \"units\":2,\"activation\":\"mine\"; its activation \"mine\" is not supported",
        "Dense; \"units\":2,\"dtype\":\"float64\"; dtype policy \"float64\"",
        "Dense; \"units\":2,\"dtype\":{\"config\":{\"name\":\"mixed_float16\"}}; \"mixed_float16\"",
        "Permute; \"dims\":[0,1]; 'dims' should be the dimensions from 1 on in some order",
        "Reshape; \"target_shape\":[7]; 'target_shape' is [7], which its input",
        "GRU; \"units\":2; should have 3 dimensions with the batch, but has the shape [open, 4]",
        "Flatten; \"data_format\":\"rows\"; 'data_format' should be channels_last or",
        "Concatenate; \"axis\":5; its axis is 5",
      })
  void whatCannotBeReadExactlyIsRefused(String className, String option, String message) {
    assertRefused(
        file("3.0.0", "null,4", layer(className, "it", option), matrix(4, 2), vector(2)), message);
  }

  @Test
  void allProblemsAreToldAtOnce() {
    String config =
        sequential(
            "null,4,3",
            layer("Lambda", "one", "\"function\":\"x\""),
            layer("Attention", "two"),
            layer("LSTM", "three", "\"units\":2", "\"activation\":\"mine\""),
            layer("TimeDistributed", "four", "\"layer\":" + layer("Mine", "inner")));
    assertRefused(
        legacy(folder.resolve("model.h5"), "3.0.0", config, Map.of("it", new Object[0])),
        "4 of its layers",
        "Lambda \"one\": ",
        "Attention \"two\": ",
        "LSTM \"three\": ",
        "TimeDistributed \"four\": its layer Mine \"inner\": ");
  }
}
