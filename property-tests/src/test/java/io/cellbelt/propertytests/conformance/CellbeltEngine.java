package io.cellbelt.propertytests.conformance;

import io.cellbelt.bptt.Bptt;
import io.cellbelt.cells.Architecture;
import io.cellbelt.cells.Input;
import io.cellbelt.cells.Layer;
import io.cellbelt.cells.Masked;
import io.cellbelt.cells.Network;
import io.cellbelt.cells.Readout;
import io.cellbelt.cells.Streams;
import io.cellbelt.cells.Weights;
import io.cellbelt.cells.engine.ParameterSlab;
import io.cellbelt.cells.engine.Track;
import io.cellbelt.cells.engine.Unrolled;
import io.cellbelt.graphs.OnnxRecurrent;
import io.cellbelt.graphs.Tensor;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * The library: operators become networks by {@link OnnxRecurrent}, which run as {@link Streams} and
 * train by {@link Bptt}. What ONNX says of the world around a layer is done here.
 */
final class CellbeltEngine implements Engine {
  @Override
  public Map<String, NamedTensor> run(OnnxCase operator) throws LeftOutException {
    OnnxRecurrent node = node(operator);
    Operands operands = Operands.of(operator, node);
    Result result = new Result(operands, List.of(node), operands.states());
    if (node.isOneLayer()) {
      run(operator, node, operands, result, 0);
    } else {
      for (int d = 0; d < node.directions(); d++) {
        run(operator, node.only(d), operands, result, d);
      }
    }
    Map<String, NamedTensor> outputs = result.outputs(operands.lengths());
    if (node.batchFirst()) {
      outputs.replaceAll(
          (name, tensor) ->
              name.equals("Y") ? tensor.permuted(2, 0, 1, 3) : tensor.firstTwoSwapped());
    }
    return outputs;
  }

  /** Runs some directions of a node, from the given one on. */
  private static void run(
      OnnxCase operator, OnnxRecurrent node, Operands operands, Result result, int first)
      throws LeftOutException {
    Architecture architecture = Architecture.of(node.layer());
    int steps = operands.steps();
    float[] y = new float[steps * operands.batch() * architecture.outputSize()];
    Weights weights = Weights.of(architecture, node.parameters(architecture, 0));
    try (Network network = new Network(weights);
        Streams streams = network.newStreams(operands.batch())) {
      for (int b = 0; b < operands.batch(); b++) {
        float[] state = new float[streams.stateSize()];
        result.state(b, first, node.directions(), state, false);
        streams.restoreState(b, state);
      }
      if (operator.mask() != null) {
        if (operands.lengths() != null) {
          throw new LeftOutException("mask beside sequence_lens");
        }
        Masked masked = operator.zeroOutputForMask() ? Masked.ZERO : Masked.CARRY;
        streams.run(operands.x(), steps, mask(operator), masked, y);
      } else if (operands.lengths() != null) {
        streams.run(operands.x(), steps, operands.lengths(), y);
      } else if (operator.id().endsWith("two_calls")) {
        int half = steps / 2;
        inTwoCalls(streams, operands.x(), half, steps - half, y);
      } else {
        streams.run(operands.x(), steps, y);
      }
      for (int b = 0; b < operands.batch(); b++) {
        float[] state = new float[streams.stateSize()];
        streams.saveState(b, state);
        result.state(b, first, node.directions(), state, true);
      }
    }
    result.output(first, node.directions(), y);
  }

  private static void inTwoCalls(Streams streams, float[] x, int first, int second, float[] y) {
    int steps = first + second;
    int xAt = x.length / steps * first;
    int yAt = y.length / steps * first;
    streams.run(Arrays.copyOf(x, xAt), first, y);
    float[] later = new float[y.length - yAt];
    streams.run(Arrays.copyOfRange(x, xAt, x.length), second, later);
    System.arraycopy(later, 0, y, yAt, later.length);
  }

  private static boolean[] mask(OnnxCase operator) {
    List<boolean[]> bySequence = operator.mask();
    int batch = bySequence.size();
    boolean[] mask = new boolean[bySequence.getFirst().length * batch];
    for (int row = 0; row < mask.length; row++) {
      mask[row] = bySequence.get(row % batch)[row / batch];
    }
    return mask;
  }

  private static OnnxRecurrent node(OnnxCase operator) {
    Map<String, Tensor> weights = new LinkedHashMap<>();
    for (String name : List.of("W", "R", "B", "P")) {
      operator.input(name).ifPresent(t -> weights.put(name, Tensor.of(t.floats(), t.shape())));
    }
    return OnnxRecurrent.of(operator.op(), operator.attributes().values(), weights);
  }

  @Override
  public Map<String, NamedTensor> forwardTraining(OnnxCase operator) throws LeftOutException {
    OnnxCase forward = Training.forward(operator);
    Map<String, NamedTensor> outputs = run(forward);
    outputs.put("HAll", outputs.get("Y"));
    outputs.put("final_h", outputs.get("Y_h"));
    if (forward.op().equals("LSTM")) {
      outputs.put("final_c", outputs.get("Y_c"));
      outputs.put("CAll", recorded(forward, "c"));
      outputs.put("iofc", recorded(forward, "iofg"));
    } else {
      outputs.put("zrh", recorded(forward, "zrn"));
    }
    return outputs;
  }

  /** Gates, or the state c, as they lie on the tape: [time][direction][batch][gates]. */
  private static NamedTensor recorded(OnnxCase operator, String letters) throws LeftOutException {
    OnnxRecurrent node = node(operator);
    Operands operands = Operands.of(operator, node);
    if (operands.lengths() != null || !operands.states().isEmpty() || node.directions() > 1) {
      throw new LeftOutException("record of such a case");
    }
    Architecture architecture = Architecture.of(node.layer());
    int rows = operands.steps() * operands.batch();
    int hidden = node.hiddenSize();
    float[] recorded = new float[rows * letters.length() * hidden];
    Weights weights = Weights.of(architecture, node.parameters(architecture, 0));
    try (ParameterSlab packed = ParameterSlab.trainable(weights);
        Unrolled tape = new Unrolled(packed, operands.steps(), operands.batch())) {
      tape.inputs().put(operands.x(), 0, rows);
      tape.forward(operands.steps());
      Track track = tape.tracks(0)[0];
      for (int row = 0; row < rows; row++) {
        int t = row / operands.batch();
        int own = track.source(t, row % operands.batch(), tape.lengths());
        for (int g = 0; g < letters.length(); g++) {
          int gate = track.schedule().gates().indexOf(letters.charAt(g));
          long address =
              gate < 0
                  ? track.memory() + own * track.rows().stateRow()
                  : track.gates(0) + own * track.rows().gateRow() + track.rows().block(gate);
          int to = (row * letters.length() + g) * hidden;
          tape.slab().get(tape.index(address), recorded, to, hidden);
        }
      }
    }
    int[] shape = {operands.steps(), 1, operands.batch(), letters.length() * hidden};
    return NamedTensor.of(letters, recorded, shape);
  }

  @Override
  public Map<String, NamedTensor> gradient(OnnxCase operator) throws LeftOutException {
    OnnxCase forward = Training.forward(operator);
    OnnxRecurrent node = node(forward);
    Map<String, NamedTensor> incoming = new LinkedHashMap<>();
    Map<String, String> names =
        Map.of("grad_HAll", "dY", "grad_final_h", "dY_h", "grad_final_c", "dY_c");
    names.forEach((from, to) -> operator.input(from).ifPresent(t -> incoming.put(to, t)));
    return train(List.of(node), Operands.of(forward, node), incoming, layer -> "");
  }

  @Override
  public Map<String, NamedTensor> train(TorchGradCase stack) throws LeftOutException {
    List<OnnxRecurrent> nodes = new ArrayList<>();
    for (int layer = 0; layer < stack.layers().size(); layer++) {
      nodes.add(node(stack.layer(layer, stack.inputs().get("X"))));
    }
    OnnxCase first = stack.layer(0, stack.inputs().get("X"));
    Operands operands = Operands.of(first, nodes.getFirst()).withStates(stack.inputs());
    return train(nodes, operands, stack.incoming(), stack::prefix);
  }

  private interface Prefix {
    String of(int layer);
  }

  private static Map<String, NamedTensor> train(
      List<OnnxRecurrent> nodes,
      Operands operands,
      Map<String, NamedTensor> incoming,
      Prefix prefix)
      throws LeftOutException {
    if (!nodes.stream().allMatch(OnnxRecurrent::isOneLayer) || nodes.getFirst().batchFirst()) {
      throw new LeftOutException("training of such a case");
    }
    List<Layer> layers = nodes.stream().map(OnnxRecurrent::layer).toList();
    Architecture architecture =
        new Architecture(new Input.Dense(nodes.getFirst().inputSize()), layers, Readout.NONE);
    Map<String, float[]> parameters = new LinkedHashMap<>();
    for (int l = 0; l < nodes.size(); l++) {
      parameters.putAll(nodes.get(l).parameters(architecture, l));
    }
    int steps = operands.steps();
    int batch = operands.batch();
    Result forward = new Result(operands, nodes, operands.states());
    Map<String, NamedTensor> dStates = new LinkedHashMap<>();
    Optional.ofNullable(incoming.get("dY_h")).ifPresent(t -> dStates.put("initial_h", t));
    Optional.ofNullable(incoming.get("dY_c")).ifPresent(t -> dStates.put("initial_c", t));
    Result back = new Result(operands, nodes, dStates);
    Map<String, NamedTensor> results = new LinkedHashMap<>();
    Weights weights = Weights.of(architecture, parameters);
    try (Bptt bptt = new Bptt(weights, steps, batch)) {
      for (int b = 0; b < batch; b++) {
        float[] state = new float[forward.stateSize()];
        forward.state(b, 0, forward.rows(), state, false);
        bptt.initialState(b, state);
      }
      float[] y = new float[steps * batch * architecture.outputSize()];
      bptt.forward(operands.x(), steps, operands.lengths(), y);
      forward.output(0, nodes.getFirst().directions(), y);
      float[] dFinal = new float[batch * forward.stateSize()];
      for (int b = 0; b < batch; b++) {
        forward.state(b, 0, forward.rows(), bptt.finalState(b), true);
        float[] dState = new float[back.stateSize()];
        back.state(b, 0, back.rows(), dState, false);
        System.arraycopy(dState, 0, dFinal, b * dState.length, dState.length);
      }
      bptt.backward(asOutput(incoming.get("dY"), y.length), dFinal);
      results.putAll(forward.outputs(operands.lengths()));
      int inputs = nodes.getFirst().inputSize();
      results.put("dX", NamedTensor.of("dX", bptt.inputGradient(), steps, batch, inputs));
      for (int b = 0; b < batch; b++) {
        back.state(b, 0, back.rows(), bptt.initialStateGradient(b), true);
      }
      Map<String, NamedTensor> dInitial = back.outputs(operands.lengths());
      results.put("dinitial_h", dInitial.get("Y_h"));
      results.put("dinitial_c", dInitial.get("Y_c"));
      Map<String, float[]> gradients = bptt.gradients();
      for (int l = 0; l < nodes.size(); l++) {
        String before = prefix.of(l) + "d";
        nodes
            .get(l)
            .gradients(architecture, l, gradients)
            .forEach((name, t) -> results.put(before + name, named(before + name, t)));
      }
    }
    return results;
  }

  private static NamedTensor named(String name, Tensor tensor) {
    return NamedTensor.of(name, tensor.floats(), tensor.shape());
  }

  /** From [time][direction][batch][hidden] to the directions of a step side by side. */
  private static float[] asOutput(NamedTensor dY, int size) {
    return dY == null ? new float[size] : dY.permuted(0, 2, 1, 3).floats();
  }

  /**
   * What a node is fed.
   *
   * @param x time first
   * @param lengths null where all sequences are as long as x
   * @param states initial_h and initial_c where they are given, [direction][batch][hidden]
   */
  private record Operands(
      int steps, int batch, float[] x, int[] lengths, Map<String, NamedTensor> states) {
    static Operands of(OnnxCase operator, OnnxRecurrent node) {
      NamedTensor x = operator.required("X");
      if (x.rank() != 3 || x.size(2) != node.inputSize()) {
        throw new IllegalArgumentException(
            "X must end in %d inputs, but has the shape %s."
                .formatted(node.inputSize(), x.dimensions()));
      }
      x = node.batchFirst() ? x.firstTwoSwapped() : x;
      Map<String, NamedTensor> states = new LinkedHashMap<>();
      for (String name : List.of("initial_h", "initial_c")) {
        NamedTensor state = operator.inputs().get(name);
        if (state != null) {
          state = node.batchFirst() ? state.firstTwoSwapped() : state;
          if (!state.hasShape(node.directions(), x.size(1), node.hiddenSize())) {
            throw new IllegalArgumentException(
                "%s must hold a state of each direction and sequence, but has the shape %s."
                    .formatted(name, state.dimensions()));
          }
          states.put(name, state);
        }
      }
      int[] lengths = operator.input("sequence_lens").map(NamedTensor::ints).orElse(null);
      return new Operands(x.size(0), x.size(1), x.floats(), lengths, states);
    }

    Operands withStates(Map<String, NamedTensor> others) {
      Map<String, NamedTensor> given = new LinkedHashMap<>(others);
      given.keySet().retainAll(List.of("initial_h", "initial_c"));
      return new Operands(steps, batch, x, lengths, given);
    }
  }

  /** Outputs and states in ONNX's layout. */
  private static final class Result {
    private final int steps;
    private final int batch;
    private final int hidden;
    private final int directions;

    /** Directions of all layers. */
    private final int rows;

    private final double[] y;

    /** h, and c of an LSTM: [row][batch][hidden]. */
    private final List<double[]> states = new ArrayList<>();

    Result(Operands operands, List<OnnxRecurrent> layers, Map<String, NamedTensor> initial) {
      OnnxRecurrent node = layers.getFirst();
      steps = operands.steps();
      batch = operands.batch();
      hidden = node.hiddenSize();
      directions = node.directions();
      rows = layers.size() * directions;
      y = new double[steps * directions * batch * hidden];
      int kinds = node.only(0).layer().cell().schedule().carried();
      for (String name : List.of("initial_h", "initial_c").subList(0, kinds)) {
        states.add(
            initial.containsKey(name)
                ? initial.get(name).values().clone()
                : new double[rows * batch * hidden]);
      }
    }

    int rows() {
      return rows;
    }

    int stateSize() {
      return rows * states.size() * hidden;
    }

    /** Copies some rows of a sequence's state in or out. */
    void state(int b, int first, int count, float[] state, boolean in) {
      int at = 0;
      for (int row = first; row < first + count; row++) {
        for (double[] kind : states) {
          for (int u = 0; u < hidden; u++, at++) {
            int own = (row * batch + b) * hidden + u;
            if (in) {
              kind[own] = state[at];
            } else {
              state[at] = (float) kind[own];
            }
          }
        }
      }
    }

    /** Takes in the outputs of some directions, side by side. */
    void output(int first, int count, float[] output) {
      for (int i = 0; i < output.length; i++) {
        int unit = i % hidden;
        int d = first + i / hidden % count;
        int row = i / hidden / count;
        y[((row / batch * directions + d) * batch + row % batch) * hidden + unit] = output[i];
      }
    }

    /** The final states of a sequence without steps are zeros, as in ONNX Runtime. */
    Map<String, NamedTensor> outputs(int[] lengths) {
      Map<String, NamedTensor> outputs = new LinkedHashMap<>();
      outputs.put("Y", NamedTensor.of("Y", y, steps, directions, batch, hidden));
      for (int kind = 0; kind < states.size(); kind++) {
        String name = kind == 0 ? "Y_h" : "Y_c";
        double[] values = states.get(kind);
        for (int i = 0; lengths != null && i < values.length; i++) {
          values[i] = lengths[i / hidden % batch] == 0 ? 0 : values[i];
        }
        outputs.put(name, NamedTensor.of(name, values, rows, batch, hidden));
      }
      return outputs;
    }
  }
}
