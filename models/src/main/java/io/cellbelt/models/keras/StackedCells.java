package io.cellbelt.models.keras;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import java.util.ArrayList;
import java.util.List;

/**
 * Cells one above the other in one recurrent layer, which are equal to recurrent layers one after
 * the other.
 *
 * @param layers from the input on
 */
record StackedCells(List<RecurrentLayer> layers) implements Layer {
  /** The layer {@code RNN} of any cell. */
  static Layer of(Config config) {
    JsonObject cell = config.object("cell");
    RecurrentOptions options = RecurrentOptions.of(config);
    if (!KerasObject.text(cell, "class_name", "").equals("StackedRNNCells")) {
      return cell(cell, config, options);
    }
    if (options.states() || options.stateful() || options.timeMajor()) {
      throw new Misfit(
          "stacked cells with 'return_state', 'stateful' or 'time_major' are not supported; use"
              + " layers one after the other.");
    }
    if (!(KerasObject.config(cell).get("cells") instanceof JsonArray cells) || cells.isEmpty()) {
      throw config.wrong("cell", "a cell or several");
    }
    List<RecurrentLayer> layers = new ArrayList<>();
    for (JsonElement one : cells) {
      if (!(one instanceof JsonObject object)) {
        throw config.wrong("cell", "a cell or several");
      }
      boolean isLast = layers.size() == cells.size() - 1;
      // Going backwards reverses the steps once, after the last cell.
      layers.add(cell(object, config, options.inStack(isLast)));
    }
    return new StackedCells(List.copyOf(layers));
  }

  private static RecurrentLayer cell(JsonObject json, Config owner, RecurrentOptions options) {
    String className = KerasObject.text(json, "class_name", "");
    RecurrentKind kind = className.endsWith("Cell") ? RecurrentLayer.kindOf(className) : null;
    if (kind == null) {
      throw Misfit.of(
          "its cell %s is not supported; the cells LSTMCell, GRUCell and SimpleRNNCell are.",
          Texts.quoted(className));
    }
    Config config = new Config(className, owner.name(), KerasObject.config(json), owner.version());
    Types.check(config);
    return RecurrentLayer.of(kind, config, options);
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
  public List<Value> write(Call call) {
    if (!call.statesOf("initial_state").isEmpty()) {
      throw new Misfit("stacked cells with initial states are not supported.");
    }
    LayerWeights cells = call.weights().part("cell").part("cells");
    List<LayerWeights> parts = cells.all(layers.stream().map(StackedCells::className).toList());
    Value x = call.input();
    for (int i = 0; i < layers.size(); i++) {
      RecurrentLayer layer = layers.get(i);
      Scope scope = call.scope().inside("cell" + i);
      Call inner = new Call(scope, List.of(x), call.named(), new Cell(parts.get(i)));
      RecurrentLayer.Direction direction =
          layer.direction(inner, scope, List.of(), layer.options().zeroWhereMasked());
      boolean isLast = i == layers.size() - 1;
      if (!isLast) {
        x = direction.inTime();
      } else {
        x = layer.options().sequences() ? direction.steps(scope) : direction.last();
      }
    }
    return List.of(x);
  }

  private static String className(RecurrentLayer layer) {
    return switch (layer.kind()) {
      case LSTM -> "LSTMCell";
      case GRU -> "GRUCell";
      case RNN -> "SimpleRNNCell";
    };
  }

  /** A cell's arrays where a layer looks for those of its cell. */
  private record Cell(LayerWeights weights) implements LayerWeights {
    @Override
    public Hdf5Array peek() {
      return weights.peek();
    }

    @Override
    public void skip() {
      weights.skip();
    }

    @Override
    public int remaining() {
      return weights.remaining();
    }

    @Override
    public LayerWeights part(String name) {
      return this;
    }

    @Override
    public List<LayerWeights> all(List<String> classNames) {
      return weights.all(classNames);
    }

    @Override
    public ModelWeights model() {
      return weights.model();
    }
  }
}
