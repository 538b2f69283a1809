package io.cellbelt.models;

import static io.cellbelt.models.ModelFileException.quote;

import io.cellbelt.cells.Activation;
import io.cellbelt.cells.Cell;
import io.cellbelt.cells.Gru;
import io.cellbelt.cells.Layer;
import io.cellbelt.cells.Lstm;
import io.cellbelt.cells.Rnn;
import io.cellbelt.models.SafetensorsHeader.Entry;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Pattern;

/**
 * One of PyTorch's recurrent modules in a file: {@code nn.LSTM}, {@code nn.GRU} or {@code nn.RNN},
 * with tensors such as {@code encoder.rnn.weight_ih_l0}, or one of their cells, such as {@code
 * nn.LSTMCell}, with {@code cell.weight_ih}. Which of them it is, the shapes tell, whatever its
 * member is called: W has 1, 3 or 4 times as many rows as there are hidden units.
 *
 * @param name of the member, such as {@code encoder.rnn}; empty for the state dict of the module
 *     itself
 * @param isCell whether the names have no number of a layer
 * @param tensors by the names that they have in the module, such as {@code weight_ih_l0}
 */
record RecurrentModule(String name, boolean isCell, Map<String, Entry> tensors) {
  static final String REVERSE = "_reverse";

  /** Also what is no tensor of PyTorch's, but tells that the module is not what it seems. */
  private static final Pattern TENSOR = Pattern.compile("(?:weight|bias)(?:_\\w+)?|\\w+_l\\d+\\w*");

  private static final Pattern OF_LAYER = Pattern.compile("\\w+_l\\d+\\w*");

  /** Longer ones are none of PyTorch's, and would take the patterns long. */
  private static final int LONGEST_NAME = 100;

  /** The recurrent modules among tensors, in their order. */
  static List<RecurrentModule> find(Collection<Entry> entries) {
    Map<String, RecurrentModule> modules = new LinkedHashMap<>();
    for (Entry entry : entries) {
      int dot = entry.name().lastIndexOf('.');
      String tensor = entry.name().substring(dot + 1);
      if (tensor.length() <= LONGEST_NAME && TENSOR.matcher(tensor).matches()) {
        String name = entry.name().substring(0, Math.max(0, dot));
        boolean cell = !OF_LAYER.matcher(tensor).matches();
        modules
            .computeIfAbsent(
                cell + name, key -> new RecurrentModule(name, cell, new LinkedHashMap<>()))
            .tensors
            .put(tensor, entry);
      }
    }
    return modules.values().stream().filter(RecurrentModule::isRecurrent).toList();
  }

  private boolean isRecurrent() {
    return tensors.keySet().stream()
        .anyMatch(tensor -> tensor.startsWith("weight_ih") || tensor.startsWith("weight_hh"));
  }

  /** What the names of its tensors begin with. */
  String prefix() {
    return name.isEmpty() ? "" : name + ".";
  }

  /** The name in the module of a layer's tensor, such as {@code weight_ih_l0_reverse}. */
  String tensor(String part, int layer, boolean reverse) {
    return part + (isCell ? "" : "_l" + layer) + (reverse ? REVERSE : "");
  }

  /** Whether the module has biases; PyTorch has them everywhere in a module or nowhere. */
  boolean hasBiases() {
    return tensors.keySet().stream().anyMatch(name -> name.startsWith("bias_"));
  }

  /**
   * The layers, as names and shapes tell them.
   *
   * @param ofRnn the activation if it is a plain RNN, which no tensor tells
   * @throws IllegalArgumentException if a tensor is missing or shapes do not fit together
   */
  List<Layer> layers(Activation ofRnn) {
    boolean both = tensors.keySet().stream().anyMatch(tensor -> tensor.endsWith(REVERSE));
    List<Layer> layers = new ArrayList<>();
    do {
      Layer layer = Layer.of(cell(layers.size(), ofRnn));
      layers.add(both ? layer.with(Layer.Direction.BIDIRECTIONAL) : layer);
    } while (!isCell && hasLayer(layers.size()));
    if (layers.stream().map(layer -> layer.cell().kind()).distinct().count() > 1) {
      throw refused("has layers of several kinds by their shapes. Save the whole module again.");
    }
    return layers;
  }

  private boolean hasLayer(int layer) {
    return tensors.containsKey(tensor("weight_ih", layer, false));
  }

  private Cell cell(int layer, Activation ofRnn) {
    List<Integer> w = matrix(tensor("weight_ih", layer, false));
    List<Integer> u = matrix(tensor("weight_hh", layer, false));
    String projection = tensor("weight_hr", layer, false);
    boolean projected = tensors.containsKey(projection);
    int hidden = projected ? matrix(projection).get(1) : u.get(1);
    int gates = hidden < 1 || w.get(0) % hidden != 0 ? 0 : w.get(0) / hidden;
    boolean fits =
        w.get(0).equals(u.get(0))
            && (gates == 4 || (!projected && (gates == 1 || gates == 3)))
            && (!projected || matrix(projection).get(0).equals(u.get(1)));
    if (!fits) {
      throw refused(
          String.format(
              Locale.ROOT,
              "has W %s and U %s%s in layer %d. Both must have 4 (LSTM), 3 (GRU) or 1 (RNN) times"
                  + " as many rows as there are hidden units, which U has columns for; with a"
                  + " projection, only an LSTM's.",
              w,
              u,
              projected ? " and the projection " + matrix(projection) : "",
              layer));
    }
    return switch (gates) {
      case 1 -> new Rnn(w.get(1), hidden, ofRnn);
      case 3 -> new Gru(w.get(1), hidden, Gru.Reset.AFTER);
      default ->
          new Lstm(
              w.get(1),
              hidden,
              Lstm.Options.DEFAULT.withProjection(projected ? matrix(projection).get(0) : 0));
    };
  }

  private List<Integer> matrix(String tensor) {
    Entry entry = tensors.get(tensor);
    if (entry == null || entry.shape().size() != 2 || entry.shape().contains(0)) {
      throw refused(
          entry == null
              ? "has no tensor "
                  + quote(tensor)
                  + ". Save the whole module again, without a weight norm or other"
                  + " parametrisation."
              : "has the tensor " + entry + ", which must be a matrix.");
    }
    return entry.shape();
  }

  private IllegalArgumentException refused(String what) {
    return new IllegalArgumentException("the recurrent module " + quote(name) + " " + what);
  }

  /** What the module is, such as {@code an LSTM from 3 inputs to 5, 2 layers, bidirectional}. */
  String describe() {
    List<Layer> layers;
    try {
      layers = layers(Activation.TANH);
    } catch (IllegalArgumentException e) {
      return "a recurrent module that cannot be used";
    }
    Cell cell = layers.getFirst().cell();
    return String.format(
        Locale.ROOT,
        "%s %s%s from %d inputs to %d outputs%s%s%s",
        cell instanceof Gru ? "a" : "an",
        cell.kind().toUpperCase(Locale.ROOT),
        isCell ? " cell" : "",
        cell.inputSize(),
        layers.getLast().outputSize(),
        layers.size() > 1 ? ", " + layers.size() + " layers" : "",
        layers.getFirst().directions() > 1 ? ", both directions" : "",
        hasBiases() ? "" : ", without biases");
  }
}
