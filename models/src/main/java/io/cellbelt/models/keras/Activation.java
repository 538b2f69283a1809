package io.cellbelt.models.keras;

import static io.cellbelt.models.keras.Scope.real;
import static io.cellbelt.models.keras.Scope.whole;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonPrimitive;
import io.cellbelt.graphs.Attribute;
import java.util.Map;

/**
 * An activation function.
 *
 * @param name as Keras calls it
 * @param function as nodes; null for the linear one, which needs none
 * @param recurrent as a function of ONNX's recurrent operators; null if they have none like it
 */
record Activation(String name, Layer.Function function, Recurrent recurrent) {
  /** No activation. */
  static final Activation LINEAR = new Activation("linear", null, new Recurrent("Affine", 1f, 0f));

  private static final float SIXTH = 1f / 6f;
  private static final float SLOPE = 0.2f;

  /**
   * A function of ONNX's recurrent operators.
   *
   * @param alpha its first number; null if it has none
   * @param beta its second number; null if it has none
   */
  record Recurrent(String operator, Float alpha, Float beta) {}

  Value apply(Scope scope, Value value) {
    return function == null ? value : function.apply(scope, value);
  }

  /** The activation of an option, which is linear where the config says nothing. */
  static Activation of(Config config, String otherwise, String... names) {
    JsonElement value = config.get(names);
    if (value == null) {
      // Null is linear, and what is not there is as the layer has it.
      boolean isNull = config.json().has(names[0]);
      return named(isNull ? "linear" : otherwise, config);
    }
    if (value instanceof JsonPrimitive one && one.isString()) {
      return named(one.getAsString(), config);
    }
    if (value instanceof JsonObject object) {
      return of(object, config);
    }
    throw config.wrong(names[0], "an activation");
  }

  /** A function or a layer as Keras writes objects. */
  private static Activation of(JsonObject object, Config owner) {
    JsonElement inner = object.get("config");
    if (inner instanceof JsonPrimitive one && one.isString()) {
      return named(one.getAsString(), owner);
    }
    String className = KerasObject.text(object, "class_name", "");
    JsonObject options = inner instanceof JsonObject one ? one : new JsonObject();
    Config config = new Config(className, owner.name(), options, owner.version());
    Activation found = ActivationLayers.named(className, config);
    if (found == null) {
      throw unknown(className);
    }
    return found;
  }

  private static Misfit unknown(String name) {
    return Misfit.of(
        "its activation %s is not supported; train the model with one of Keras's own, such as tanh"
            + " or relu.",
        Texts.quoted(name));
  }

  private static Activation named(String name, Config owner) {
    boolean isThird = owner.version().major() == 3;
    return switch (name) {
      case "linear" -> LINEAR;
      case "tanh" -> both(name, "Tanh");
      case "sigmoid" -> both(name, "Sigmoid");
      case "relu" -> both(name, "Relu");
      case "softsign" -> both(name, "Softsign");
      case "softplus" -> both(name, "Softplus");
      case "hard_sigmoid" -> hardSigmoid(name, isThird ? SIXTH : SLOPE);
      case "elu" -> elu(name, 1f);
      case "leaky_relu" -> leakyRelu(name, SLOPE);
      case "selu", "mish", "exp", "exponential", "hard_silu", "hard_swish" -> single(name);
      case "gelu" -> nodes(name, (scope, x) -> scope.map("Gelu", x));
      case "celu" -> nodes(name, (scope, x) -> mapped(scope, x, "Celu", real("alpha", 1f)));
      case "softmax", "softmax_v2" -> softmax(name, "Softmax");
      case "log_softmax", "log_softmax_v2" -> softmax(name, "LogSoftmax");
      case "swish", "silu", "swish_v2" -> nodes(name, Activation::swish);
      case "relu6" -> nodes(name, (scope, x) -> clip(scope, x, 0f, 6f));
      case "hard_tanh" -> nodes(name, (scope, x) -> clip(scope, x, -1f, 1f));
      case "log_sigmoid" -> nodes(name, Activation::logSigmoid);
      case "tanh_shrink" ->
          nodes(
              name,
              (scope, x) -> x.renamed(scope.node("Sub", x.name(), scope.node("Tanh", x.name()))));
      case "hard_shrink" -> nodes(name, (scope, x) -> shrink(scope, x, 0f));
      case "soft_shrink" -> nodes(name, (scope, x) -> shrink(scope, x, 0.5f));
      default -> throw unknown(name);
    };
  }

  static Activation nodes(String name, Layer.Function function) {
    return new Activation(name, function, null);
  }

  private static Activation both(String name, String operator) {
    return new Activation(
        name, (scope, x) -> scope.map(operator, x), new Recurrent(operator, null, null));
  }

  private static Activation single(String name) {
    String operator =
        switch (name) {
          case "selu" -> "Selu";
          case "mish" -> "Mish";
          case "exp", "exponential" -> "Exp";
          default -> "HardSwish";
        };
    return nodes(name, (scope, x) -> scope.map(operator, x));
  }

  static Activation hardSigmoid(String name, float alpha) {
    Map<String, Attribute> attributes =
        Map.of("alpha", new Attribute.Real(alpha), "beta", new Attribute.Real(0.5f));
    return new Activation(
        name,
        (scope, x) -> mapped(scope, x, "HardSigmoid", attributes),
        new Recurrent("HardSigmoid", alpha, 0.5f));
  }

  static Activation elu(String name, float alpha) {
    return new Activation(
        name,
        (scope, x) -> mapped(scope, x, "Elu", real("alpha", alpha)),
        new Recurrent("Elu", alpha, null));
  }

  static Activation leakyRelu(String name, float alpha) {
    return new Activation(
        name,
        (scope, x) -> mapped(scope, x, "LeakyRelu", real("alpha", alpha)),
        new Recurrent("LeakyRelu", alpha, null));
  }

  private static Activation softmax(String name, String operator) {
    return nodes(name, (scope, x) -> mapped(scope, x, operator, whole("axis", -1)));
  }

  static Value mapped(Scope scope, Value x, String operator, Map<String, Attribute> attributes) {
    return x.renamed(scope.node(operator, attributes, x.name()));
  }

  static Value clip(Scope scope, Value x, float least, float most) {
    return x.renamed(scope.node("Clip", x.name(), scope.scalar(least), scope.scalar(most)));
  }

  private static Value swish(Scope scope, Value x) {
    return x.renamed(scope.node("Mul", x.name(), scope.node("Sigmoid", x.name())));
  }

  private static Value logSigmoid(Scope scope, Value x) {
    String negated = scope.node("Neg", x.name());
    return x.renamed(scope.node("Neg", scope.node("Softplus", negated)));
  }

  private static Value shrink(Scope scope, Value x, float bias) {
    Map<String, Attribute> attributes =
        Map.of("lambd", new Attribute.Real(0.5f), "bias", new Attribute.Real(bias));
    return mapped(scope, x, "Shrink", attributes);
  }
}
