package io.cellbelt.models.keras;

import com.google.gson.JsonObject;
import io.cellbelt.graphs.Attribute;
import io.cellbelt.models.keras.Activation.Recurrent;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/**
 * One recurrent layer over time.
 *
 * @param recurrentActivation of the gates; not used by a plain recurrent layer
 * @param resetAfter whether a GRU applies its reset gate after the product
 * @param isOfCudnn whether it is one of the layers of Keras 2 that only cuDNN ran
 * @param options how it goes over time
 */
record RecurrentLayer(
    RecurrentKind kind,
    int units,
    Activation activation,
    Activation recurrentActivation,
    boolean bias,
    boolean resetAfter,
    boolean isOfCudnn,
    RecurrentOptions options)
    implements Layer {

  static RecurrentLayer of(RecurrentKind kind, Config config) {
    return of(kind, config, RecurrentOptions.of(config));
  }

  /** The layer that a cell, with options of a layer around it, is equal to. */
  static RecurrentLayer of(RecurrentKind kind, Config config, RecurrentOptions options) {
    boolean isOfCudnn = config.className().startsWith("CuDNN");
    String usual = config.version().major() < 3 && !isOfCudnn ? "hard_sigmoid" : "sigmoid";
    Activation gates =
        kind == RecurrentKind.RNN
            ? Activation.LINEAR
            : Activation.of(config, usual, "recurrent_activation", "inner_activation");
    Activation activation = Activation.of(config, "tanh", "activation");
    for (Activation one : List.of(gates, activation)) {
      if (one.recurrent() == null) {
        throw Misfit.of(
            "its activation %s is not supported within a recurrent layer; train the model with"
                + " tanh, sigmoid, relu, linear, hard_sigmoid, elu, leaky_relu, softplus or"
                + " softsign.",
            Texts.quoted(one.name()));
      }
    }
    return new RecurrentLayer(
        kind,
        config.size("units", "output_dim"),
        activation,
        gates,
        config.flag(true, "use_bias"),
        config.flag(isOfCudnn, "reset_after"),
        isOfCudnn,
        options);
  }

  /** The kind of a layer or cell by its class; null if it is none. */
  static RecurrentKind kindOf(String className) {
    return switch (className) {
      case "LSTM", "LSTMCell", "CuDNNLSTM" -> RecurrentKind.LSTM;
      case "GRU", "GRUCell", "CuDNNGRU" -> RecurrentKind.GRU;
      case "SimpleRNN", "SimpleRNNCell" -> RecurrentKind.RNN;
      default -> null;
    };
  }

  /** The recurrent layer that another one wraps. */
  static RecurrentLayer wrapped(JsonObject json, KerasVersion version) {
    String className = KerasObject.text(json, "class_name", "");
    JsonObject options = KerasObject.config(json);
    RecurrentKind kind = className.endsWith("Cell") ? null : kindOf(className);
    if (kind == null) {
      throw Misfit.of(
          "it goes over a layer of the class %s, but only LSTM, GRU and SimpleRNN are supported.",
          Texts.quoted(className));
    }
    String name = KerasObject.text(options, "name", className);
    Config config = new Config(className, name, options, version);
    Types.check(config);
    return of(kind, config);
  }

  /** The same layer from the other end. */
  RecurrentLayer turned() {
    return with(options.turned());
  }

  RecurrentLayer with(RecurrentOptions other) {
    return new RecurrentLayer(
        kind, units, activation, recurrentActivation, bias, resetAfter, isOfCudnn, other);
  }

  @Override
  public int arguments() {
    return 2;
  }

  @Override
  public boolean holdsWeights() {
    return true;
  }

  @Override
  public boolean isStateful() {
    return options.stateful();
  }

  @Override
  public int[] inputShape(LayerWeights weights) {
    int features = weights.part("cell").take("kernel").shape()[0];
    return new int[] {Config.OPEN, Config.OPEN, features};
  }

  @Override
  public List<Value> write(Call call) {
    Direction direction =
        direction(call, call.scope(), call.statesOf("initial_state"), options.zeroWhereMasked());
    List<Value> all = new ArrayList<>();
    all.add(options.sequences() ? direction.steps(call.scope()) : direction.last());
    if (options.states()) {
      all.addAll(direction.states());
    }
    return all;
  }

  /**
   * What one layer gives.
   *
   * @param inTime all steps, in the order of time; null if they are not asked for
   * @param last the output of the step that comes last in the order of the layer; null if all are
   *     asked for
   * @param states after that step
   */
  record Direction(Value inTime, Value last, List<Value> states, RecurrentOptions options) {
    /** All steps in the order in which the layer goes over them, as Keras gives them. */
    Value steps(Scope scope) {
      String name = options.backwards() ? scope.reversed(inTime.name()) : inTime.name();
      if (options.timeMajor()) {
        name = scope.transpose(name, 1, 0, 2);
        int[] shape = inTime.shape();
        return new Value(
            name, inTime.type(), new int[] {shape[1], shape[0], shape[2]}, inTime.mask());
      }
      return inTime.renamed(name);
    }

    /** All steps in the opposite order. */
    Value turned(Scope scope) {
      return options.backwards() ? inTime : inTime.renamed(scope.reversed(inTime.name()));
    }
  }

  /**
   * Writes the node for one direction.
   *
   * @param scope of the layer, and its name in those of states
   * @param initial states from which the layer starts; none for zeros or its own
   * @param zeroes whether a masked step gives zeros, and not what the step before gave
   */
  Direction direction(Call call, Scope scope, List<Value> initial, boolean zeroes) {
    Value x = call.raw().isEmpty() ? call.input() : call.floats(call.raw().getFirst());
    x.ofRank(3);
    String handedOn = call.mask();
    boolean forgets = options.forgetsMask() && !initial.isEmpty() && !call.namesMask();
    String mask = forgets ? null : handedOn;
    if (options.timeMajor()) {
      if (mask != null) {
        throw new Misfit("a mask with the option 'time_major' is not supported.");
      }
      int[] shape = x.shape();
      x = Value.of(scope.transpose(x.name(), 1, 0, 2), shape[1], shape[0], shape[2]);
    }
    if (call.named().get("constants") instanceof List<?> constants && !constants.isEmpty()) {
      throw new Misfit("it is called with constants, which is not supported.");
    }
    List<String> states = states(scope, x.shape()[0], initial);
    List<String> inputs = inputs(call, scope, x, states, mask);
    List<String> outputs = outputs(scope, inputs, mask != null, zeroes);
    int batch = x.shape()[0];
    List<Value> after = new ArrayList<>();
    for (int i = 0; i < kind.states(); i++) {
      after.add(Value.of(scope.squeeze(outputs.get(i + 1), 1), batch, units));
    }
    if (options.stateful()) {
      for (int i = 0; i < after.size(); i++) {
        scope.graph().keep(after.get(i), scope.path() + "." + "hc".charAt(i) + ".next");
      }
    }
    // Zeros, or what comes before the first step that counts, are in the steps and not the states.
    boolean lastOfSteps = mask != null && (zeroes || !states.isEmpty());
    if (!options.sequences() && !lastOfSteps) {
      return new Direction(null, after.getFirst(), after, options);
    }
    String steps = scope.squeeze(outputs.getFirst(), 2);
    if (options.sequences()) {
      int[] shape = {batch, x.shape()[1], units};
      return new Direction(Value.of(steps, shape).masked(handedOn), null, after, options);
    }
    String index = scope.graph().index(options.backwards() ? 0 : -1);
    String last = scope.node("Gather", Scope.whole("axis", 1), steps, index);
    return new Direction(null, Value.of(last, batch, units), after, options);
  }

  /** The states before the first step, as ONNX has them; empty for zeros. */
  private List<String> states(Scope scope, int batch, List<Value> initial) {
    List<Value> given = initial;
    if (options.stateful() && given.isEmpty()) {
      given = new ArrayList<>();
      for (int i = 0; i < kind.states(); i++) {
        if (batch < 1) {
          throw new Misfit(
              "it is stateful, but the model leaves the size of the batch open. Give the model's"
                  + " Input a batch_size.");
        }
        given.add(scope.graph().optionalInput(scope.path() + "." + "hc".charAt(i), batch, units));
      }
    }
    if (!given.isEmpty() && given.size() != kind.states()) {
      throw Misfit.of(
          "it has %d states, but is called with %d initial ones.", kind.states(), given.size());
    }
    for (Value state : given) {
      if (state.rank() != 2 || (state.shape()[1] >= 0 && state.shape()[1] != units)) {
        throw Misfit.of(
            "its initial states should have the shape [open, %d], but one has %s.",
            units, state.describe());
      }
    }
    return given.stream().map(state -> scope.unsqueeze(state.name(), 1)).toList();
  }

  private List<String> inputs(Call call, Scope scope, Value x, List<String> states, String mask) {
    LayerWeights own = call.weights();
    LayerWeights cell = own.part("cell");
    RecurrentWeights weights =
        RecurrentWeights.read(this, x.features(), cell, kind == RecurrentKind.GRU && resetAfter);
    if (own instanceof LayerWeights.Grouped) {
      cell.checkEnd();
      // What a stateful layer itself has are its states.
      while (own.peek() != null) {
        own.skip();
      }
    }
    List<String> inputs = new ArrayList<>();
    inputs.add(x.name());
    inputs.add(scope.weights("W", weights::w));
    inputs.add(scope.weights("R", weights::r));
    inputs.add(weights.hasBias() ? scope.weights("B", weights::b) : "");
    inputs.add("");
    inputs.addAll(states.isEmpty() ? Collections.nCopies(kind.states(), "") : states);
    if (mask != null) {
      if (kind == RecurrentKind.LSTM) {
        inputs.add("");
      }
      inputs.add(mask);
    }
    while (inputs.getLast().isEmpty()) {
      inputs.removeLast();
    }
    return inputs;
  }

  private List<String> outputs(Scope scope, List<String> inputs, boolean isMasked, boolean zeroes) {
    Map<String, Attribute> attributes = new HashMap<>(functions());
    attributes.put("hidden_size", new Attribute.Whole(units));
    attributes.put("layout", new Attribute.Whole(1));
    attributes.put("direction", new Attribute.Text(options.backwards() ? "reverse" : "forward"));
    if (kind == RecurrentKind.GRU) {
      attributes.put("linear_before_reset", new Attribute.Whole(resetAfter ? 1 : 0));
    }
    int outputs = 1 + kind.states();
    if (!isMasked) {
      return scope.graph().nodes(scope, kind.operator(), attributes, inputs, outputs);
    }
    attributes.put("masked", new Attribute.Text(zeroes ? "zero" : "carry"));
    return scope.graph().ownNodes(scope, "Masked" + kind.operator(), attributes, inputs, outputs);
  }

  private Map<String, Attribute> functions() {
    Recurrent gates = recurrentActivation.recurrent();
    Recurrent rest = activation.recurrent();
    List<Recurrent> all =
        switch (kind) {
          case LSTM -> List.of(gates, rest, rest);
          case GRU -> List.of(gates, rest);
          case RNN -> List.of(rest);
        };
    Map<String, Attribute> attributes = new HashMap<>();
    attributes.put(
        "activations", new Attribute.Texts(all.stream().map(Recurrent::operator).toList()));
    List<Float> alphas = all.stream().map(Recurrent::alpha).filter(Objects::nonNull).toList();
    List<Float> betas = all.stream().map(Recurrent::beta).filter(Objects::nonNull).toList();
    if (!alphas.isEmpty()) {
      attributes.put("activation_alpha", new Attribute.Reals(alphas));
    }
    if (!betas.isEmpty()) {
      attributes.put("activation_beta", new Attribute.Reals(betas));
    }
    return attributes;
  }
}
