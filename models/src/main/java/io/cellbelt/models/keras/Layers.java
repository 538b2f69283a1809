package io.cellbelt.models.keras;

import com.google.gson.JsonObject;
import java.util.Set;

/** The layers that are read, by class. */
final class Layers {
  /** Layers that do nothing outside of training, and those that only penalise in training. */
  private static final Set<String> SAME =
      Set.of(
          "Dropout",
          "SpatialDropout1D",
          "SpatialDropout2D",
          "SpatialDropout3D",
          "GaussianNoise",
          "GaussianDropout",
          "AlphaDropout",
          "ActivityRegularization",
          "Identity");

  private Layers() {}

  /**
   * The layer of an object of the config.
   *
   * @throws Misfit if it is not supported as it is
   */
  static Layer parse(JsonObject json, Config config, ConfigReader reader) {
    String className = config.className();
    String module = KerasObject.text(json, "module", "");
    if (isModel(className, config)) {
      return new NestedModel(reader.inner().model(json), reader.problems());
    }
    Types.check(config);
    if (OperationLayers.is(className, module, config)) {
      return OperationLayers.of(config.text(className, "function"), config);
    }
    if (SAME.contains(className)) {
      return new CoreLayers.Same();
    }
    RecurrentKind kind = className.endsWith("Cell") ? null : RecurrentLayer.kindOf(className);
    if (kind != null) {
      return RecurrentLayer.of(kind, config);
    }
    Activation activation = ActivationLayers.named(className, config);
    if (activation != null) {
      return new CoreLayers.Activated(activation);
    }
    return switch (className) {
      case "InputLayer" -> InputLayer.of(config);
      case "Dense", "TimeDistributedDense" -> CoreLayers.Dense.of(config);
      case "Embedding" -> CoreLayers.Embedding.of(config);
      case "Masking" -> CoreLayers.Masking.of(config);
      case "PReLU" -> ActivationLayers.PReLU.of(config);
      case "Bidirectional" -> Bidirectional.of(config);
      case "TimeDistributed" ->
          new TimeDistributed(reader.inner().layerOrMisfit(config.object("layer")));
      case "RNN" -> StackedCells.of(config);
      case "Flatten" -> ShapeLayers.flatten(config);
      case "Reshape" -> ShapeLayers.reshape(config);
      case "Permute" -> ShapeLayers.permute(config);
      case "RepeatVector" -> ShapeLayers.repeat(config);
      case "Cropping1D" -> ShapeLayers.ends(config, true);
      case "ZeroPadding1D" -> ShapeLayers.ends(config, false);
      case "UpSampling1D" -> ShapeLayers.upsampling(config);
      case "Rescaling" -> NormalizationLayers.rescaling(config);
      default -> more(className, config);
    };
  }

  private static Layer more(String className, Config config) {
    return switch (className) {
      case "Add", "Subtract", "Multiply", "Average", "Maximum", "Minimum" ->
          MergeLayers.elementwise(config);
      case "Concatenate" -> new MergeLayers.Concatenate(config.whole(-1, "axis"), config.version());
      case "Dot" -> MergeLayers.Dot.of(config, config.flag(false, "normalize"), "axes");
      case "Merge" -> MergeLayers.ofFirst(config);
      case "BatchNormalization", "BatchNormalizationV1", "BatchNormalizationV2" ->
          NormalizationLayers.Batch.of(config);
      case "LayerNormalization" -> NormalizationLayers.OfLayer.of(config);
      case "Normalization" -> NormalizationLayers.OfData.of(config);
      case "Conv1D", "Convolution1D", "AtrousConvolution1D" -> Convolution.of(config, 1);
      case "Conv2D", "Convolution2D", "AtrousConvolution2D" -> Convolution.of(config, 2);
      case "DepthwiseConv1D" -> Convolution.depthwise(config, 1);
      case "DepthwiseConv2D" -> Convolution.depthwise(config, 2);
      case "SeparableConv1D" -> Convolution.separable(config, 1);
      case "SeparableConv2D" -> Convolution.separable(config, 2);
      case "MaxPooling1D" -> Pooling.windows(config, "MaxPool", 1);
      case "MaxPooling2D" -> Pooling.windows(config, "MaxPool", 2);
      case "AveragePooling1D" -> Pooling.windows(config, "AveragePool", 1);
      case "AveragePooling2D" -> Pooling.windows(config, "AveragePool", 2);
      case "GlobalMaxPooling1D" -> Pooling.Whole.of(config, 1, false);
      case "GlobalMaxPooling2D" -> Pooling.Whole.of(config, 2, false);
      case "GlobalAveragePooling1D" -> Pooling.Whole.of(config, 1, true);
      case "GlobalAveragePooling2D" -> Pooling.Whole.of(config, 2, true);
      case "Lambda" ->
          throw new Misfit(
              "a Lambda layer holds Python code, which is not run here. Replace it by layers of"
                  + " Keras, such as Reshape, Add or Rescaling.");
      default ->
          throw new Misfit(
              "layers of this class are not supported. Replace it by layers of Keras that are, and"
                  + " save the model again.");
    };
  }

  /** Whether an object is a whole model. */
  static boolean isModel(String className, Config config) {
    return className.equals("Sequential")
        || className.equals("Functional")
        || className.equals("Model")
        || (config.has("layers") && config.has("input_layers") && config.has("output_layers"));
  }
}
