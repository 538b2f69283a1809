package io.cellbelt.models;

import io.cellbelt.cells.Activation;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * Opens the state dict of a PyTorch module, saved as safetensors, and says what its tensors do not
 * tell: which recurrent module is wanted, which layer is the head, which nonlinearity an {@code
 * nn.RNN} has. For example
 *
 * <pre>{@code
 * Model model = PyTorch.module("encoder.rnn").head("fc").relu().read(path);
 * }</pre>
 *
 * <p>Members are named as in PyTorch, with or without a dot at the end; the state dict of an {@code
 * nn.LSTM} itself is the module {@code ""}. Kind, sizes, layers, directions, projections and biases
 * come from names and shapes. All tensors that are not named are skipped, whatever they hold. Where
 * nothing has to be said, {@link ModelFiles#read} does; where it cannot decide, its message has the
 * call to write.
 *
 * <p>Immutable, thread-safe.
 */
public final class PyTorch {
  /** What the caller chose; null, or false, where nothing was said. */
  record Choices(
      List<String> modules,
      String head,
      String embedding,
      boolean oneHot,
      Activation activation,
      boolean rounded) {}

  private final Choices choices;

  private PyTorch(Choices choices) {
    this.choices = choices;
  }

  /**
   * One of a file's recurrent modules, an {@code nn.LSTM}, {@code nn.GRU}, {@code nn.RNN} or a cell
   * such as {@code nn.LSTMCell}.
   *
   * @param name such as {@code encoder.rnn}
   */
  public static PyTorch module(String name) {
    return new PyTorch(new Choices(List.of(known(name)), null, null, false, null, false));
  }

  /** Another recurrent module on top, which is fed what the one below gives. */
  public PyTorch then(String name) {
    List<String> modules = new ArrayList<>(choices.modules);
    modules.add(known(name));
    return with(modules, choices.head, choices.embedding, choices.oneHot, choices.activation);
  }

  /** An {@code nn.Linear} on top: {@code NAME.weight} {@code [O, H]}, {@code NAME.bias} or none. */
  public PyTorch head(String name) {
    return with(
        choices.modules, known(name), choices.embedding, choices.oneHot, choices.activation);
  }

  /**
   * An {@code nn.Embedding} below, {@code NAME.weight} {@code [vocabulary, I]}; the input is
   * tokens.
   *
   * @throws IllegalArgumentException if the input is one-hot already
   */
  public PyTorch embedding(String name) {
    return with(choices.modules, choices.head, known(name), choices.oneHot, choices.activation);
  }

  /**
   * The input is tokens, of which each is a vector of zeros with a single one.
   *
   * @throws IllegalArgumentException if the input goes through an embedding already
   */
  public PyTorch oneHot() {
    return with(choices.modules, choices.head, choices.embedding, true, choices.activation);
  }

  /** The nonlinearity of an {@code nn.RNN} is relu. */
  public PyTorch relu() {
    return with(choices.modules, choices.head, choices.embedding, choices.oneHot, Activation.RELU);
  }

  /** The nonlinearity of an {@code nn.RNN} is tanh, which is also PyTorch's default. */
  public PyTorch tanh() {
    return with(choices.modules, choices.head, choices.embedding, choices.oneHot, Activation.TANH);
  }

  /**
   * Values of float64 and of large integers become the nearest float; otherwise all must be one.
   */
  public PyTorch rounded() {
    return new PyTorch(
        new Choices(
            choices.modules,
            choices.head,
            choices.embedding,
            choices.oneHot,
            choices.activation,
            true));
  }

  private PyTorch with(
      List<String> modules, String head, String embedding, boolean oneHot, Activation activation) {
    if (embedding != null && oneHot) {
      throw new IllegalArgumentException(
          "The input is one-hot or goes through an embedding, but not both; leave one out.");
    }
    return new PyTorch(
        new Choices(List.copyOf(modules), head, embedding, oneHot, activation, choices.rounded));
  }

  private static String known(String name) {
    if (name == null) {
      throw new IllegalArgumentException(
          "Name a member of the PyTorch module, or \"\" for the module itself, not null.");
    }
    return name;
  }

  /**
   * Reads the model.
   *
   * @param path a safetensors file, or the index of several, {@code model.safetensors.index.json}
   * @throws ModelFileException if the file cannot be read, has no such members, with what there is,
   *     or a wanted tensor is missing, of another shape, no float, or not finite
   * @throws IllegalStateException if this JVM would run the kernels slowly
   */
  public Model read(Path path) throws ModelFileException {
    try (TensorFiles files = TensorFiles.open(path)) {
      return read(files, new StateDict(files.entries()));
    }
  }

  Model read(TensorFiles files, StateDict content) throws ModelFileException {
    List<String> remarks = new ArrayList<>(ShardIndex.remark(files.path()).stream().toList());
    try {
      PyTorchPlan plan = plan(content);
      remarks.addAll(plan.remarks());
      Map<String, String> metadata = new TreeMap<>(files.metadata());
      metadata.remove(ModelFiles.ARCHITECTURE);
      return new Model(plan.parameters().read(files, choices.rounded), metadata, remarks);
    } catch (IllegalArgumentException e) {
      String shard = ShardIndex.remark(files.path()).map(remark -> " " + remark).orElse("");
      throw ModelFileException.unreadable(files.path(), e.getMessage() + shard, e);
    }
  }

  /** As {@link PyTorchPlan#of}. */
  PyTorchPlan plan(StateDict content) {
    return PyTorchPlan.of(this, choices, content);
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof PyTorch that && choices.equals(that.choices);
  }

  @Override
  public int hashCode() {
    return choices.hashCode();
  }

  /** The Java expression that makes it. */
  @Override
  public String toString() {
    StringBuilder call = new StringBuilder("PyTorch.module(");
    call.append(JavaText.literal(choices.modules.getFirst())).append(')');
    choices.modules.stream().skip(1).forEach(name -> append(call, "then", name));
    append(call, "embedding", choices.embedding);
    append(call, "head", choices.head);
    call.append(choices.oneHot ? ".oneHot()" : "");
    if (choices.activation != null) {
      call.append(choices.activation.equals(Activation.RELU) ? ".relu()" : ".tanh()");
    }
    return call.append(choices.rounded ? ".rounded()" : "").toString();
  }

  private static void append(StringBuilder call, String method, String name) {
    if (name != null) {
      call.append('.').append(method).append('(').append(JavaText.literal(name)).append(')');
    }
  }
}
