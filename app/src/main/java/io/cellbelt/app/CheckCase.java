package io.cellbelt.app;

import io.cellbelt.cells.Activation;
import io.cellbelt.cells.Architecture;
import io.cellbelt.cells.Cell;
import io.cellbelt.cells.Gru;
import io.cellbelt.cells.Gru.Reset;
import io.cellbelt.cells.Input;
import io.cellbelt.cells.Layer;
import io.cellbelt.cells.Layer.Direction;
import io.cellbelt.cells.Layer.Merge;
import io.cellbelt.cells.Lstm;
import io.cellbelt.cells.Lstm.Options;
import io.cellbelt.cells.Parameter;
import io.cellbelt.cells.Readout;
import io.cellbelt.cells.Readout.Attention;
import io.cellbelt.cells.Rnn;
import io.cellbelt.cells.Weights;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.stream.Collectors;

/**
 * A network whose gradients are checked.
 *
 * @param name of the cell, or of what is special about the network
 * @param steps T
 * @param batch B
 */
record CheckCase(String name, Architecture architecture, int steps, int batch) {
  /**
   * A size of the input, of each layer, and of the outputs; odd ones, so that panels have rests.
   */
  private record Shape(Input input, List<Integer> hidden, int outputs, int steps, int batch) {}

  private static final List<Shape> SHAPES =
      List.of(
          new Shape(new Input.Dense(3), List.of(5), 2, 7, 1),
          new Shape(new Input.Dense(1), List.of(1), 1, 3, 2),
          new Shape(new Input.OneHot(13), List.of(17), 13, 5, 3),
          new Shape(new Input.Embedding(11, 6), List.of(9, 18), 11, 6, 2));

  /** Random biases and such are within ± this of half of what training starts from. */
  private static final float VECTORS = 0.4f;

  /** How many times as large as for training the matrices of attention are. */
  private static final float ATTENTION = 4;

  /** A clip that clips much of what it gets. */
  private static final float TIGHT = 0.4f;

  /** All there are: every cell in every shape, then what stacks can be made of. */
  static List<CheckCase> all() {
    List<CheckCase> all = new ArrayList<>();
    for (CellKind kind : CellKind.values()) {
      for (Shape shape : SHAPES) {
        all.add(new CheckCase(kind.toString(), of(kind, shape), shape.steps(), shape.batch()));
      }
    }
    all.addAll(activations());
    all.addAll(layers());
    all.addAll(readouts());
    return all;
  }

  private static Architecture of(CellKind kind, Shape shape) {
    List<Integer> hidden = kind.fit(shape.hidden());
    int size = kind.fitInput(shape.input().size(), hidden.getFirst());
    Input input = resized(shape.input(), size);
    return new Architecture(
        input, kind.stack(input.size(), hidden), Readout.linear(shape.outputs()));
  }

  private static Input resized(Input input, int size) {
    return switch (input) {
      case Input.Dense dense -> new Input.Dense(size);
      case Input.OneHot oneHot -> new Input.OneHot(size);
      case Input.Embedding(int vocabulary, int old) -> new Input.Embedding(vocabulary, size);
    };
  }

  /** Every activation in every place that has one, and clips that bite. */
  private static List<CheckCase> activations() {
    List<CheckCase> all = new ArrayList<>();
    for (Activation.Function function : Activation.Function.values()) {
      Activation f = Activation.of(function);
      String name = "activation-" + function.name().toLowerCase(Locale.ROOT).replace('_', '-');
      all.add(dense(name, new Rnn(4, 7, f)));
      all.add(dense(name, new Gru(4, 7, Reset.AFTER, f, f, Cell.NO_CLIP)));
      all.add(dense(name, new Lstm(4, 7, Options.DEFAULT.withActivations(f, f, f))));
    }
    Options clipped = Options.DEFAULT.withClip(TIGHT);
    all.add(dense("clip-tight", new Rnn(4, 7, Activation.TANH, TIGHT)));
    for (Reset reset : Reset.values()) {
      all.add(
          dense("clip-tight", new Gru(4, 7, reset, Activation.SIGMOID, Activation.TANH, TIGHT)));
    }
    all.add(dense("clip-tight", new Lstm(4, 7, clipped)));
    all.add(dense("clip-tight", new Lstm(4, 7, clipped.withPeepholes().withGateRecurrence())));
    return all;
  }

  private static CheckCase dense(String name, Cell cell) {
    Architecture architecture =
        new Architecture(new Input.Dense(cell.inputSize()), List.of(cell), 2);
    return new CheckCase(name, architecture, 4, 2);
  }

  /** Directions, merges and what training draws at random, of every kind. */
  private static List<CheckCase> layers() {
    List<CheckCase> all = new ArrayList<>();
    for (Merge merge : Merge.values()) {
      String name = "bidirectional-" + merge.name().toLowerCase(Locale.ROOT);
      Direction both = Direction.BIDIRECTIONAL;
      all.add(stack(name, 3, Layer.of(new Gru(3, 6, Reset.AFTER)).with(both, merge)));
      Layer lower = Layer.of(new Lstm(3, 5)).with(both, merge);
      Layer upper = Layer.of(new Gru(lower.outputSize(), 4, Reset.BEFORE)).with(both, merge);
      all.add(stack(name, 3, lower, upper));
    }
    for (CellKind kind : CellKind.values()) {
      int h = kind.fit(List.of(6)).getFirst();
      int i = kind.fitInput(4, h);
      Layer layer = Layer.of(kind.cell(i, h));
      if (!layer.cell().readsMemoryBelow()) {
        all.add(stack("reverse-" + kind, i, layer.with(Direction.REVERSE)));
        Layer both = layer.with(Direction.BIDIRECTIONAL);
        all.add(stack("bidirectional-" + kind, i, masked(both)));
      }
      List<Layer> layers = kind.stack(i, List.of(h, h, h)).stream().map(CheckCase::masked).toList();
      if (!kind.addsInput() && layers.getFirst().outputSize() != h) {
        layers = kind.stack(i, List.of(h, h)).stream().map(CheckCase::masked).toList();
      }
      all.add(stack("masks-" + kind, i, layers.toArray(Layer[]::new)));
    }
    for (String name : List.of("dropout", "recurrent-dropout", "zoneout")) {
      Layer plain = Layer.of(new Lstm(4, 6));
      Layer layer =
          switch (name) {
            case "dropout" -> plain.withDropout(0.3f);
            case "zoneout" -> plain.withZoneout(0.3f);
            default -> plain.withRecurrentDropout(0.3f);
          };
      all.add(stack(name, 4, layer));
    }
    CellKind tied = CellKind.GRID_LSTM_TIED;
    all.add(stack("tied-grid", 5, tied.stack(5, List.of(5, 5, 5)).toArray(Layer[]::new)));
    all.add(stack("tied-grid", 3, tied.stack(3, List.of(5, 5, 5)).toArray(Layer[]::new)));
    Layer lstm = Layer.of(new Lstm(5, 5));
    all.add(stack("tied-lstm", 5, lstm, lstm.withTiedWeights(), lstm.withTiedWeights()));
    return all;
  }

  private static Layer masked(Layer layer) {
    return layer.withDropout(0.2f).withRecurrentDropout(0.25f).withZoneout(0.15f);
  }

  private static CheckCase stack(String name, int inputSize, Layer... layers) {
    Architecture architecture =
        new Architecture(new Input.Dense(inputSize), List.of(layers), Readout.linear(3));
    return new CheckCase(name, architecture, 6, 3);
  }

  /** Attention over every kind of input, with and without a head. */
  private static List<CheckCase> readouts() {
    List<CheckCase> all = new ArrayList<>();
    for (Attention attention : List.of(Attention.ADDITIVE, Attention.DOT)) {
      String name = "attention-" + attention.name().toLowerCase(Locale.ROOT);
      for (Input input :
          List.of(new Input.Dense(3), new Input.OneHot(5), new Input.Embedding(7, 4))) {
        for (int outputs : new int[] {0, 4}) {
          Layer layer = Layer.of(new Gru(input.size(), 6, Reset.AFTER));
          Readout readout = new Readout(attention, outputs);
          all.add(new CheckCase(name, new Architecture(input, List.of(layer), readout), 7, 3));
          Layer both = layer.with(Direction.BIDIRECTIONAL).withDropout(0.2f);
          all.add(new CheckCase(name, new Architecture(input, List.of(both), readout), 7, 3));
        }
      }
    }
    return all;
  }

  /**
   * Random weights, biases and other vectors too, so that every path counts. Gains of norms are not
   * as large as where training starts, because steps would multiply the rounding errors of floats,
   * and attention looks closer, because where all steps count alike its gradients cancel out.
   */
  Weights weights(long seed) {
    Map<String, float[]> values = Weights.random(architecture, seed).values();
    for (String name : List.of(Readout.KEYS, Readout.QUERY)) {
      float[] value = values.getOrDefault(name, new float[0]);
      for (int i = 0; i < value.length; i++) {
        value[i] *= ATTENTION;
      }
    }
    SplittableRandom random = new SplittableRandom(seed);
    for (Parameter parameter : architecture.parameters()) {
      float[] value = values.get(parameter.name());
      for (int i = 0; parameter.form() == Parameter.Form.VECTOR && i < value.length; i++) {
        value[i] = 0.5f * value[i] + (float) random.nextDouble(-VECTORS, VECTORS);
      }
    }
    return Weights.of(architecture, values);
  }

  /** Its sizes in a few words. */
  String shape() {
    String layers =
        architecture.layers().stream()
            .map(
                layer ->
                    layer.cell().kind()
                        + " "
                        + layer.cell().hiddenSize()
                        + (layer.direction() == Direction.FORWARD
                            ? ""
                            : layer.direction() == Direction.REVERSE ? " back" : " both ways"))
            .collect(Collectors.joining(", "));
    String input =
        switch (architecture.input()) {
          case Input.Dense(int size) -> Integer.toString(size);
          case Input.OneHot(int vocabulary) -> "one of " + vocabulary;
          case Input.Embedding(int vocabulary, int size) -> vocabulary + " as " + size;
        };
    return String.format(
        Locale.ROOT,
        "%s > %s > %d; T %d, B %d",
        input,
        layers,
        architecture.outputSize(),
        steps,
        batch);
  }
}
