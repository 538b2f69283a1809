package io.cellbelt.models;

import io.cellbelt.cells.Activation;
import io.cellbelt.cells.Activation.Function;
import io.cellbelt.cells.Architecture;
import io.cellbelt.cells.Cell;
import io.cellbelt.cells.Clockwork;
import io.cellbelt.cells.DepthGatedLstm;
import io.cellbelt.cells.GridLstm;
import io.cellbelt.cells.Gru;
import io.cellbelt.cells.Gru.Reset;
import io.cellbelt.cells.Input;
import io.cellbelt.cells.Layer;
import io.cellbelt.cells.Layer.Direction;
import io.cellbelt.cells.Layer.Merge;
import io.cellbelt.cells.LayerNormGru;
import io.cellbelt.cells.LayerNormLstm;
import io.cellbelt.cells.Lstm;
import io.cellbelt.cells.Lstm.Coupling;
import io.cellbelt.cells.Lstm.Options;
import io.cellbelt.cells.MinimalGated;
import io.cellbelt.cells.Mut;
import io.cellbelt.cells.Readout;
import io.cellbelt.cells.Rnn;
import java.util.ArrayList;
import java.util.List;

/** One architecture at least for everything that files can hold. */
final class Architectures {
  private static final int I = 3;
  private static final int H = 4;

  /** Numbers that a short text does not hold, and the smallest and largest. */
  private static final float[] ODD = {
    0.1f, 1 / 3f, Float.MIN_NORMAL, Math.nextDown(Float.MAX_VALUE)
  };

  private Architectures() {}

  static List<Architecture> all() {
    List<Architecture> all = new ArrayList<>();
    cells().forEach(cell -> all.add(Architecture.of(cell)));
    layers().forEach(layer -> all.add(Architecture.of(layer)));
    all.addAll(stacks());
    return all;
  }

  private static List<Cell> cells() {
    List<Cell> cells =
        new ArrayList<>(
            List.of(
                new MinimalGated(I, H),
                new Mut(I, I, 1),
                new Mut(I, I, 2),
                new Mut(I, H, 3),
                new LayerNormLstm(I, H),
                new LayerNormGru(I, H),
                new DepthGatedLstm(I, H),
                new GridLstm(I, H),
                new Clockwork(I, H, List.of(1, 2, 4, 16_777_216)),
                new Gru(I, H, Reset.AFTER),
                new Gru(I, H, Reset.BEFORE)));
    Options lstm = Options.DEFAULT;
    for (Options options :
        List.of(
            lstm.withPeepholes(),
            lstm.with(Coupling.FORGET_FROM_INPUT),
            lstm.with(Coupling.INPUT_FROM_FORGET).withPeepholes(),
            lstm.withoutGates("i"),
            lstm.withoutGates("f"),
            lstm.withoutGates("ifo"),
            lstm.withGateRecurrence().withoutGates("o").withPeepholes(),
            lstm.withProjection(2).withClip(7),
            lstm.withActivations(
                Activation.of(Function.HARD_SIGMOID), Activation.IDENTITY, Activation.RELU))) {
      cells.add(new Lstm(I, H, options));
    }
    for (Function function : Function.values()) {
      cells.add(new Rnn(I, H, Activation.of(function)));
      cells.add(new Gru(I, H, Reset.BEFORE, Activation.SIGMOID, Activation.of(function), 5));
    }
    for (float odd : ODD) {
      Activation affine = new Activation(Function.AFFINE, odd, -odd);
      cells.add(new Rnn(I, H, affine, odd));
      cells.add(new Gru(I, H, Reset.AFTER, affine, Activation.TANH, odd));
      cells.add(new Lstm(I, H, lstm.withActivations(affine, affine, affine).withClip(odd)));
    }
    return cells;
  }

  private static List<Layer> layers() {
    List<Layer> layers = new ArrayList<>();
    layers.add(Layer.of(new Lstm(I, H)).with(Direction.REVERSE));
    for (Merge merge : Merge.values()) {
      layers.add(Layer.of(new Lstm(I, H)).with(Direction.BIDIRECTIONAL, merge));
      layers.add(Layer.of(new Gru(I, H, Reset.BEFORE)).with(Direction.BIDIRECTIONAL, merge));
      layers.add(Layer.of(new Gru(I, H, Reset.AFTER)).with(Direction.BIDIRECTIONAL, merge));
    }
    layers.add(
        Layer.of(new Rnn(I, H)).withDropout(0.1f).withRecurrentDropout(0.2f).withZoneout(1 / 3f));
    return layers;
  }

  private static List<Architecture> stacks() {
    Lstm projected = new Lstm(I, H, Options.DEFAULT.withProjection(2));
    return List.of(
        new Architecture(
            new Input.Dense(H),
            List.of(
                Layer.of(new GridLstm(H, H)),
                Layer.of(new GridLstm(H, H)).withTiedWeights(),
                Layer.of(new GridLstm(H, H)).withTiedWeights()),
            Readout.linear(2)),
        new Architecture(
            new Input.OneHot(5),
            List.of(Layer.of(new Lstm(5, H)), Layer.of(new DepthGatedLstm(H, H))),
            new Readout(Readout.Attention.ADDITIVE, 3)),
        new Architecture(
            new Input.Embedding(7, I),
            List.of(
                Layer.of(projected).with(Direction.BIDIRECTIONAL),
                Layer.of(new Gru(H, H, Reset.AFTER)),
                Layer.of(new Gru(H, 2, Reset.BEFORE))),
            new Readout(Readout.Attention.DOT, 0)));
  }
}
