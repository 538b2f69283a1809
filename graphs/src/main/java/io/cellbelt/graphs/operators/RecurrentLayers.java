package io.cellbelt.graphs.operators;

import io.cellbelt.cells.Architecture;
import io.cellbelt.cells.Masked;
import io.cellbelt.cells.engine.ParameterSlab;
import io.cellbelt.graphs.OnnxRecurrent;
import io.cellbelt.graphs.Tensor;
import io.cellbelt.graphs.plan.Elements;
import io.cellbelt.graphs.plan.Memory;
import io.cellbelt.graphs.plan.Operand;
import io.cellbelt.graphs.plan.Site;
import io.cellbelt.kernels.WeightFormat;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Stream;

/**
 * A recurrent node as layers of the engine: one, or two where its directions have different
 * activations. Weights that are constant are packed once for all plans; others in every run, which
 * then allocates.
 */
final class RecurrentLayers {
  /** Where a node's inputs and outputs lie; those that it does not have are null. */
  record Ports(
      Operand rows,
      Operand mask,
      Operand lengths,
      Operand h,
      Operand c,
      Operand y,
      Operand lastH,
      Operand lastC) {}

  private final String name;
  private final Map<String, Object> attributes;
  private final Map<String, Operand> weights;
  private final List<OnnxRecurrent> layers;

  private RecurrentLayers(
      String name,
      Map<String, Object> attributes,
      Map<String, Operand> weights,
      List<OnnxRecurrent> layers) {
    this.name = name;
    this.attributes = attributes;
    this.weights = weights;
    this.layers = layers;
  }

  static RecurrentLayers of(
      Site site, String name, Map<String, Object> attributes, Map<String, Operand> weights) {
    boolean constant = weights.values().stream().allMatch(Operand::isConstant);
    Map<String, Tensor> values = new LinkedHashMap<>();
    // The shapes alone decide which layer it is; weights of a run come with the run.
    weights.forEach(
        (key, w) ->
            values.put(key, constant ? w.value() : Tensor.of(new float[w.size()], w.shape())));
    List<OnnxRecurrent> layers = layers(site, name, attributes, values);
    Map<String, Operand> dense = new LinkedHashMap<>(weights);
    if (!constant) {
      dense.replaceAll((key, w) -> site.dense(w));
    }
    return new RecurrentLayers(name, attributes, dense, layers);
  }

  private static List<OnnxRecurrent> layers(
      Site site, String name, Map<String, Object> attributes, Map<String, Tensor> values) {
    try {
      OnnxRecurrent node = OnnxRecurrent.of(name, attributes, values);
      return node.isOneLayer() ? List.of(node) : List.of(node.only(0), node.only(1));
    } catch (IllegalArgumentException e) {
      IllegalArgumentException refused = site.refuse(e.getMessage());
      refused.initCause(e);
      throw refused;
    }
  }

  int inputSize() {
    return layers.getFirst().inputSize();
  }

  int hiddenSize() {
    return layers.getFirst().hiddenSize();
  }

  int directions() {
    return layers.stream().mapToInt(OnnxRecurrent::directions).sum();
  }

  /** Adds the kernels. */
  void run(Site site, Ports ports, int steps, int batch, Masked masked) {
    if (steps == 0 || batch == 0) {
      site.copy(ports.h(), ports.lastH());
      if (ports.c() != null) {
        site.copy(ports.c(), ports.lastC());
      }
      return;
    }
    boolean constant = weights.values().stream().allMatch(Operand::isConstant);
    List<Operand> reads = new ArrayList<>();
    Stream.of(ports.rows(), ports.mask(), ports.lengths(), ports.h(), ports.c())
        .filter(Objects::nonNull)
        .forEach(reads::add);
    List<Operand> writes =
        Stream.of(ports.y(), ports.lastH(), ports.lastC()).filter(Objects::nonNull).toList();
    if (!constant) {
      reads.addAll(weights.values());
    }
    int first = 0;
    for (OnnxRecurrent layer : layers) {
      int index = first;
      Architecture architecture = Architecture.of(layer.layer());
      int tool;
      if (constant) {
        ParameterSlab packed =
            site.made(
                List.copyOf(weights.values()),
                List.of(name, attributes, index, layers.size()),
                ParameterSlab.class,
                () ->
                    ParameterSlab.of(
                        architecture, WeightFormat.F32, layer.parameters(architecture, 0)));
        tool = site.tool(() -> RecurrentRun.sharing(packed, steps, batch));
      } else {
        tool = site.tool(() -> RecurrentRun.owning(architecture, steps, batch));
      }
      site.run(
          memory -> {
            RecurrentRun run = (RecurrentRun) memory.tool(tool);
            if (!constant) {
              run.pack(parameters(memory, index));
            }
            run.run(memory, ports, index, masked);
          },
          reads,
          writes);
      first += layer.directions();
    }
  }

  /** The weights that a run holds. Allocates. */
  private Map<String, float[]> parameters(Memory memory, int index) {
    Map<String, Tensor> values = new LinkedHashMap<>();
    weights.forEach((key, w) -> values.put(key, Elements.read(w, memory)));
    OnnxRecurrent node = OnnxRecurrent.of(name, attributes, values);
    OnnxRecurrent layer = node.isOneLayer() ? node : node.only(index);
    return layer.parameters(Architecture.of(layer.layer()), 0);
  }
}
