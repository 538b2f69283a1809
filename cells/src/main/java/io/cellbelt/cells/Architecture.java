package io.cellbelt.cells;

import io.cellbelt.cells.Layer.Direction;
import io.cellbelt.cells.Parameter.Form;
import io.cellbelt.kernels.checks.Sizes;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;

/**
 * What a network is made of, without its numbers: an input, a stack of layers, a readout.
 *
 * <p>Immutable, thread-safe.
 *
 * @param input what is fed at each step
 * @param layers from the input upwards, 1 or more; each takes the output of the one below
 * @param readout what becomes of the top layer's outputs
 */
public record Architecture(Input input, List<Layer> layers, Readout readout) {
  /** Name of the table of an embedding, {@code [vocabulary, size]}. */
  public static final String EMBEDDING = "embedding.weight";

  /** Name of the matrix of the head, {@code [outputs, H]}. */
  public static final String HEAD = "head.weight";

  /** Name of the bias of the head, {@code [outputs]}. */
  public static final String HEAD_BIAS = "head.bias";

  /** Checks that everything fits together. */
  public Architecture {
    Objects.requireNonNull(layers, "A network needs a list of layers, but got null.");
    if (input == null || readout == null) {
      throw new IllegalArgumentException(
          "A network needs an input and a readout, Readout.NONE too, not null.");
    }
    if (layers.stream().anyMatch(Objects::isNull)) {
      throw new IllegalArgumentException("A network needs layers, but one of them is null.");
    }
    layers = List.copyOf(layers);
    if (layers.isEmpty()) {
      throw new IllegalArgumentException("A network needs 1 layer or more, but got none.");
    }
    int below = input.size();
    for (int l = 0; l < layers.size(); l++) {
      Layer layer = layers.get(l);
      if (layer.checkedCell().inputSize() != below) {
        throw new IllegalArgumentException(
            "Layer "
                + l
                + " takes "
                + layer.checkedCell().inputSize()
                + " inputs, but "
                + (l == 0 ? "the network's input" : "layer " + (l - 1))
                + " gives "
                + below
                + ".");
      }
      checkMemory(layers, l);
      checkTied(layers, l);
      below = layer.outputSize();
    }
    long state = 0;
    for (Layer layer : layers) {
      state += (long) layer.directions() * layer.checkedCell().stateSize();
    }
    if (state > Integer.MAX_VALUE) {
      throw new IllegalArgumentException(
          "The state of a network has fewer than 2^31 floats, but got " + state + ".");
    }
    inputParameters(input).forEach(Parameter::size);
    readout.parameters(below).forEach(Parameter::size);
  }

  private static List<Parameter> inputParameters(Input input) {
    return input instanceof Input.Embedding(int vocabulary, int size)
        ? List.of(new Parameter(EMBEDDING, Form.TABLE, vocabulary, size))
        : List.of();
  }

  private static void checkMemory(List<Layer> layers, int l) {
    Layer layer = layers.get(l);
    if (!layer.checkedCell().readsMemoryBelow()) {
      return;
    }
    if (layer.direction() != Direction.FORWARD) {
      throw new IllegalArgumentException(
          "Layer "
              + l
              + " reads the memory of the layer below step by step, so it runs FORWARD, but got "
              + layer.direction()
              + ".");
    }
    if (l == 0) {
      return;
    }
    Layer lower = layers.get(l - 1);
    Schedule schedule = lower.checkedCell().schedule();
    int memory = schedule.memory() < 0 ? 0 : schedule.states().get(schedule.memory());
    if (lower.direction() != Direction.FORWARD || memory != layer.checkedCell().hiddenSize()) {
      throw new IllegalArgumentException(
          "Layer "
              + l
              + " reads a memory of "
              + layer.checkedCell().hiddenSize()
              + " floats of the layer below, which must run FORWARD and have one, but that is "
              + lower
              + ".");
    }
  }

  private static void checkTied(List<Layer> layers, int l) {
    Layer layer = layers.get(l);
    if (!layer.tied()) {
      return;
    }
    boolean fits =
        l > 0
            && layers.get(l - 1).checkedCell().equals(layer.checkedCell())
            && layers.get(l - 1).direction() == layer.direction();
    if (!fits) {
      throw new IllegalArgumentException(
          "Layer "
              + l
              + " is tied to the layer below, which must have an equal cell and direction, but "
              + (l == 0 ? "there is none." : "that is " + layers.get(l - 1) + "."));
    }
  }

  /**
   * Cells that run forward, and a linear head.
   *
   * @param outputs outputs of the head, or 0 for none
   */
  public Architecture(Input input, List<? extends Cell> cells, int outputs) {
    this(input, layers(cells), Readout.linear(outputs));
  }

  private static List<Layer> layers(List<? extends Cell> cells) {
    Objects.requireNonNull(cells, "A network needs a list of cells, but got null.");
    return cells.stream().map(Layer::of).toList();
  }

  /** One vector in, one layer, its h out. */
  public static Architecture of(Cell cell) {
    return of(Layer.of(cell));
  }

  /** One vector in, one layer, its output out. */
  public static Architecture of(Layer layer) {
    Objects.requireNonNull(layer, "A network needs a layer, but got null.");
    return new Architecture(
        new Input.Dense(layer.checkedCell().inputSize()), List.of(layer), Readout.NONE);
  }

  /**
   * O, the length of an output: of the head, or without one of what the top layer, or attention
   * over it, gives.
   */
  public int outputSize() {
    return readout.outputs() > 0
        ? readout.outputs()
        : readout.headInput(layers.getLast().outputSize());
  }

  /** Numbers in the state of one sequence, {@code [L][directions][states][H]}, and the clocks. */
  public int stateSize() {
    return Sizes.sum(
        "numbers of a state",
        layers.stream()
            .mapToInt(
                layer ->
                    Sizes.product("states", layer.directions(), layer.checkedCell().stateSize()))
            .toArray());
  }

  /** Whether training draws masks: a layer has dropout or zoneout. */
  public boolean hasMasks() {
    return layers.stream()
        .anyMatch(l -> l.dropout() > 0 || l.recurrentDropout() > 0 || l.zoneout() > 0);
  }

  /** Outputs of the linear head, or 0 for none. */
  public int outputs() {
    return readout.outputs();
  }

  /** Whether outputs depend on later steps, so that sequences must be given as a whole. */
  public boolean needsWholeSequences() {
    return readout.perSequence()
        || layers.stream().anyMatch(layer -> layer.direction() != Direction.FORWARD);
  }

  /** All parameters, in the order in which they are stored. */
  public List<Parameter> parameters() {
    List<Parameter> all = new ArrayList<>(inputParameters(input));
    for (int l = 0; l < layers.size(); l++) {
      Layer layer = layers.get(l);
      for (int d = 0; d < layer.directions() && !layer.tied(); d++) {
        for (Parameter parameter : layer.checkedCell().schedule().parameters(layer.checkedCell())) {
          all.add(parameter.named(name(l, d, parameter.name())));
        }
      }
    }
    all.addAll(readout.parameters(layers.getLast().outputSize()));
    return all;
  }

  /**
   * Full name of a layer's parameter, such as {@code lstm.weight_ih_l0_reverse}.
   *
   * @param direction 0, or 1 for the second direction of a bidirectional layer
   * @param parameter such as {@code weight_ih}
   */
  public String name(int layer, int direction, String parameter) {
    if (layer < 0 || layer >= layers.size()) {
      throw new IllegalArgumentException(
          "There are layers 0 to " + (layers.size() - 1) + ", but got " + layer + ".");
    }
    int owner = layer;
    while (layers.get(owner).tied()) {
      owner--;
    }
    boolean reverse = direction == 1 || layers.get(layer).direction() == Direction.REVERSE;
    String kind = layers.get(owner).checkedCell().kind();
    return kind + "." + parameter + "_l" + owner + (reverse ? "_reverse" : "");
  }

  /** Name of a layer's W, {@code [gates * H, I]}. */
  public String inputWeight(int layer) {
    return name(layer, 0, "weight_ih");
  }

  /** Name of a layer's U, {@code [gates * H, H]}. */
  public String recurrentWeight(int layer) {
    return name(layer, 0, "weight_hh");
  }

  /** Name of a layer's b, {@code [gates * H]}; the sum of the two biases that PyTorch stores. */
  public String bias(int layer) {
    return name(layer, 0, Schedule.BIAS);
  }
}
