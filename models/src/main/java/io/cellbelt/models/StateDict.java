package io.cellbelt.models;

import static io.cellbelt.models.ModelFileException.quote;

import io.cellbelt.cells.Activation;
import io.cellbelt.cells.Layer;
import io.cellbelt.models.SafetensorsHeader.Entry;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;

/**
 * What the names and shapes of a PyTorch module's tensors tell: its recurrent modules, the matrices
 * of its other layers, and whether only one network can be meant.
 */
final class StateDict {
  private static final int MOST_LISTED = 20;
  private static final String WEIGHT = "weight";
  private static final String BIAS = "bias";

  private final Map<String, Entry> entries;
  private final List<RecurrentModule> modules;
  private final Map<String, Matrix> matrices = new LinkedHashMap<>();

  /** The names of the recurrent modules' tensors. */
  private final Set<String> recurrent = new HashSet<>();

  /**
   * A layer with a matrix: {@code nn.Linear} or {@code nn.Embedding}.
   *
   * @param name of the member, such as {@code decoder.fc}
   * @param rows outputs, or the vocabulary
   * @param columns inputs, or the length of a row
   */
  record Matrix(String name, int rows, int columns, boolean hasBias) {
    /** The name of one of its tensors. */
    String name(String tensor) {
      return name.isEmpty() ? tensor : name + "." + tensor;
    }

    /** Whether it can follow what gives so many outputs. */
    boolean mayBeHead(int outputs) {
      return columns == outputs && !isCalledEmbedding();
    }

    /** Whether its rows can be inputs of what takes so many. */
    boolean mayBeEmbedding(int inputs) {
      return columns == inputs && !hasBias;
    }

    boolean isCalledEmbedding() {
      return !hasBias && name.toLowerCase(Locale.ROOT).contains("emb");
    }
  }

  StateDict(Map<String, Entry> entries) {
    this.entries = entries;
    modules = RecurrentModule.find(entries.values());
    modules.forEach(module -> module.tensors().values().forEach(e -> recurrent.add(e.name())));
    for (Entry entry : entries.values()) {
      if (isWeight(entry) && entry.shape().size() == 2) {
        String name = member(entry);
        Matrix matrix = new Matrix(name, entry.shape().get(0), entry.shape().get(1), false);
        boolean hasBias = entries.containsKey(matrix.name(BIAS));
        matrices.put(name, new Matrix(name, matrix.rows(), matrix.columns(), hasBias));
      }
    }
  }

  private boolean isWeight(Entry entry) {
    boolean named = entry.name().equals(WEIGHT) || entry.name().endsWith("." + WEIGHT);
    return named && !recurrent.contains(entry.name());
  }

  private static String member(Entry weight) {
    return weight.name().equals(WEIGHT)
        ? ""
        : weight.name().substring(0, weight.name().length() - WEIGHT.length() - 1);
  }

  static String parent(String member) {
    return member.substring(0, member.lastIndexOf('.') + 1);
  }

  Map<String, Entry> entries() {
    return entries;
  }

  /** The recurrent modules, in the order of the file. */
  List<RecurrentModule> modules() {
    return modules;
  }

  /** The layers with a matrix, in the order of the file. */
  Collection<Matrix> matrices() {
    return matrices.values();
  }

  /** The recurrent module that a caller names, with or without a dot at the end. */
  RecurrentModule module(String name) {
    for (String one : List.of(name, withoutDot(name))) {
      for (RecurrentModule module : modules) {
        if (module.name().equals(one)) {
          return module;
        }
      }
    }
    throw undecided("there is no recurrent module " + quote(name) + ".");
  }

  /** The linear layer or embedding that a caller names, with or without a dot at the end. */
  Matrix matrix(String name, String what) {
    Matrix matrix = matrices.getOrDefault(name, matrices.get(withoutDot(name)));
    if (matrix == null) {
      throw undecided(
          String.format(
              Locale.ROOT,
              "there is no %s %s, so no member of that name that has a 'weight' of two dimensions.",
              what,
              quote(name)));
    }
    return matrix;
  }

  private static String withoutDot(String name) {
    return name.endsWith(".") ? name.substring(0, name.length() - 1) : name;
  }

  /**
   * The only network that the tensors can mean: one recurrent module, with an embedding and a head
   * if its neighbours have these names, and no other layer.
   *
   * @throws IllegalArgumentException if there are several, or none, with what there is
   */
  PyTorch only() {
    if (modules.size() != 1) {
      throw undecided(
          modules.isEmpty()
              ? "there is no recurrent module, so no tensor such as 'lstm.weight_ih_l0' (nn.LSTM,"
                  + " nn.GRU, nn.RNN) or 'cell.weight_ih' (nn.LSTMCell)."
              : "there are "
                  + modules.size()
                  + " recurrent modules, and the file does not say which are wanted.");
    }
    RecurrentModule module = modules.getFirst();
    List<Layer> layers = module.layers(Activation.TANH);
    Set<String> taken = new HashSet<>();
    PyTorch only = PyTorch.module(module.name());
    Matrix embedding = matrices.get(parent(module.name()) + "embedding");
    if (embedding != null && embedding.mayBeEmbedding(inputs(layers))) {
      only = only.embedding(embedding.name());
      taken.add(embedding.name());
    }
    Matrix head = matrices.get(parent(module.name()) + "head");
    if (head != null && head.mayBeHead(outputs(layers))) {
      only = only.head(head.name());
      taken.add(head.name());
    }
    for (Entry entry : entries.values()) {
      if (isWeight(entry) && entry.shape().size() > 1 && !taken.contains(member(entry))) {
        throw undecided(
            "besides the recurrent module there are other layers, such as "
                + quote(member(entry))
                + described(member(entry))
                + ", and the file does not say which are wanted.");
      }
    }
    return only;
  }

  private String described(String member) {
    Matrix matrix = matrices.get(member);
    return matrix == null ? "" : " (" + describe(matrix) + ")";
  }

  static int inputs(List<Layer> layers) {
    return layers.getFirst().cell().inputSize();
  }

  static int outputs(List<Layer> layers) {
    return layers.getLast().outputSize();
  }

  /** That something is not there, or not clear. */
  static final class Undecided extends IllegalArgumentException {
    private static final long serialVersionUID = 1L;

    private final String reason;

    private Undecided(String reason, String listing) {
      super(reason + listing);
      this.reason = reason;
    }

    /** What is not clear, a part of the message, which also says what there is. */
    String reason() {
      return reason;
    }
  }

  private Undecided undecided(String reason) {
    Suggestions suggestions = Suggestions.of(this);
    StringBuilder text = new StringBuilder(" It holds");
    describe().forEach(line -> text.append("\n  ").append(line));
    List<PyTorch> calls = suggestions.calls();
    if (!calls.isEmpty()) {
      text.append(calls.size() == 1 ? "\nOpen it with" : "\nOpen it with one of");
      calls.forEach(call -> text.append("\n  ").append(call).append(".read(path)"));
      suggestions.remarks().forEach(sentence -> text.append('\n').append(sentence));
    }
    text.append("\n'cellbelt inspect FILE' shows each of its tensors.");
    return new Undecided(reason, text.toString());
  }

  /** What there is, a line for each module, layer and other tensor. */
  private List<String> describe() {
    List<String> lines = new ArrayList<>();
    for (RecurrentModule module : modules) {
      lines.add(quote(module.name()) + ", " + module.describe() + ": " + list(module.tensors()));
    }
    Set<String> described = new HashSet<>(recurrent);
    for (Matrix matrix : matrices.values()) {
      Map<String, Entry> tensors = new LinkedHashMap<>();
      for (String tensor : List.of(WEIGHT, BIAS)) {
        String name = matrix.name(tensor);
        if (entries.containsKey(name)) {
          tensors.put(tensor, entries.get(name));
          described.add(name);
        }
      }
      lines.add(quote(matrix.name()) + ", " + describe(matrix) + ": " + list(tensors));
    }
    for (Entry entry : entries.values()) {
      if (!described.contains(entry.name())) {
        lines.add(entry.toString());
      }
    }
    if (lines.isEmpty()) {
      lines.add("no tensors");
    }
    return shortened(lines, "lines");
  }

  private static String describe(Matrix matrix) {
    return matrix.isCalledEmbedding()
        ? String.format(
            Locale.ROOT, "an embedding of %d rows of %d", matrix.rows(), matrix.columns())
        : String.format(
            Locale.ROOT,
            "a linear layer from %d to %d%s",
            matrix.columns(),
            matrix.rows(),
            matrix.hasBias() ? "" : " without bias, or an embedding");
  }

  private static String list(Map<String, Entry> tensors) {
    List<String> all =
        tensors.entrySet().stream()
            .map(e -> e.getKey() + " " + e.getValue().dtype() + " " + e.getValue().shape())
            .toList();
    return String.join(", ", shortened(all, "tensors"));
  }

  /** The first of many. */
  static List<String> shortened(List<String> all, String what) {
    if (all.size() <= MOST_LISTED) {
      return all;
    }
    List<String> some = new ArrayList<>(all.subList(0, MOST_LISTED));
    some.add("and " + (all.size() - MOST_LISTED) + " more " + what);
    return some;
  }

  /** What tensors are taken for, in a few words, by name. */
  Map<String, String> uses() {
    Map<String, String> uses = new HashMap<>();
    for (RecurrentModule module : modules) {
      String text = module.describe();
      module.tensors().values().forEach(entry -> uses.put(entry.name(), text));
    }
    for (Matrix matrix : matrices.values()) {
      uses.put(matrix.name(WEIGHT), describe(matrix));
      uses.put(matrix.name(BIAS), describe(matrix));
    }
    return uses;
  }
}
