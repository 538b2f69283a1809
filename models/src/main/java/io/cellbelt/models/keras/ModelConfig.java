package io.cellbelt.models.keras;

import com.google.gson.JsonElement;
import java.util.List;
import java.util.Map;

/**
 * A model: its layers and what each call of them takes. A sequential model is one, too.
 *
 * @param layers in Keras's order
 * @param inputs the values of its input layers
 * @param outputs what comes out
 */
record ModelConfig(List<Entry> layers, List<Reference> inputs, List<Reference> outputs) {
  /**
   * A layer of a model.
   *
   * @param name unique in the model
   * @param className as Keras calls it
   * @param layer what it is; null where it cannot be read, which has been told
   * @param calls in order
   */
  record Entry(String name, String className, Layer layer, List<Arguments> calls) {
    String describe() {
      return Config.describe(className, name);
    }
  }

  /**
   * What a call takes: {@link Reference}s, {@link JsonElement}s, and lists of these.
   *
   * @param inOrder arguments without a name
   * @param named arguments by name
   */
  record Arguments(List<Object> inOrder, Map<String, Object> named) {}

  /**
   * A value of a model.
   *
   * @param layer the name of the one that gives it
   * @param call the number of its call, from 0 on
   * @param output which of the values that the call gives, from 0 on
   */
  record Reference(String layer, int call, int output) {}

  /** Whether any layer keeps its state from call to call. */
  boolean isStateful() {
    return layers.stream().anyMatch(entry -> entry.layer() != null && entry.layer().isStateful());
  }
}
