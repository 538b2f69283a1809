package io.cellbelt.models.keras;

import io.cellbelt.graphs.ElementType;
import java.util.List;

/**
 * Where a model is fed.
 *
 * @param type of the elements
 * @param shape with the batch; null where the config does not say
 */
record InputLayer(ElementType type, int[] shape) implements Layer {
  static InputLayer of(Config config) {
    config.refuse("sparse");
    config.refuse("ragged");
    return of(config, config.shape("batch_shape", "batch_input_shape"));
  }

  static InputLayer of(Config config, int[] shape) {
    String name = config.json().has("input_dtype") ? "input_dtype" : "dtype";
    String dtype = config.get(name) == null ? "float32" : Types.nameOf(config, name);
    ElementType type =
        switch (dtype) {
          case "int32" -> ElementType.I32;
          case "int64" -> ElementType.I64;
          case "uint8" -> ElementType.U8;
          case "int8" -> ElementType.I8;
          case "int16" -> ElementType.I16;
          case "bool" -> ElementType.BOOL;
          // Layers turn all floats into their own kind first.
          case "float32", "float64", "float16", "bfloat16" -> ElementType.F32;
          default -> throw config.wrong(name, "a type of numbers");
        };
    return new InputLayer(type, shape);
  }

  @Override
  public List<Value> write(Call call) {
    throw new IllegalStateException("Inputs are not called.");
  }
}
