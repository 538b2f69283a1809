package io.cellbelt.graphs.operators;

import io.cellbelt.cells.Masked;
import io.cellbelt.graphs.ElementType;
import io.cellbelt.graphs.ElementType.Storage;
import io.cellbelt.graphs.Node;
import io.cellbelt.graphs.OnnxRecurrent;
import io.cellbelt.graphs.Tensor;
import io.cellbelt.graphs.plan.Layout;
import io.cellbelt.graphs.plan.Operand;
import io.cellbelt.graphs.plan.Operator;
import io.cellbelt.graphs.plan.Site;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** LSTM, GRU and RNN: layers of the engine, fed from and read into the graph's memory. */
final class Recurrent {
  private static final Set<String> ATTRIBUTES =
      Set.of(
          "activation_alpha",
          "activation_beta",
          "activations",
          "clip",
          "direction",
          "hidden_size",
          "input_forget",
          "layout",
          "linear_before_reset",
          "output_sequence");

  private Recurrent() {}

  /** The operator of a name: LSTM, GRU or RNN. */
  static Operator operator(String name) {
    return new Operator(name, "", ATTRIBUTES, site -> ready(site, name, false));
  }

  /** MaskedLSTM and the like, with a mask of steps as the last input, as Keras has it. */
  static Operator masked(String name) {
    List<String> attributes = new ArrayList<>(ATTRIBUTES);
    attributes.add("masked");
    return new Operator(
        name,
        Node.OWN,
        Set.copyOf(attributes),
        site -> ready(site, name.substring("Masked".length()), true));
  }

  private static void ready(Site site, String name, boolean masked) {
    boolean lstm = name.equals("LSTM");
    Operand x = site.in(0);
    if (x.rank() != 3 || x.storage() == Storage.LONG) {
      throw site.refuse("x has 3 dimensions of floats, but got " + x + ".");
    }
    Map<String, Object> attributes = attributes(site);
    boolean batchFirst = site.whole("layout", 0) != 0;
    Layout timeFirst = batchFirst ? x.layout().permuted(1, 0, 2) : x.layout();
    int steps = timeFirst.shape()[0];
    int batch = timeFirst.shape()[1];
    Map<String, Operand> weights = new LinkedHashMap<>();
    put(weights, "W", site.in(1));
    put(weights, "R", site.in(2));
    put(weights, "B", site.optional(3));
    put(weights, "P", lstm ? site.optional(7) : null);
    Operand mask = masked ? site.optional(lstm ? 8 : 6) : null;
    RecurrentLayers layers = RecurrentLayers.of(site, name, attributes, weights);
    if (layers.inputSize() != x.size(2)) {
      throw site.refuse(
          "W is for steps of " + layers.inputSize() + " numbers, but x is " + x + ".");
    }
    int hidden = layers.hiddenSize();
    int directions = layers.directions();
    Operand rows = floats(site, x.view(timeFirst));
    rows = site.reshaped(rows, steps * batch, x.size(2));
    if (rows.layout().strides()[1] != 1 && rows.size(1) != 1) {
      rows = site.dense(rows);
    }
    Operand h = initial(site, 5, batchFirst, directions, batch, hidden);
    Operand c = lstm ? initial(site, 6, batchFirst, directions, batch, hidden) : null;
    Operand lengths = lengths(site, batch);
    // In memory as [T, B, D, H], and looked at as the operator says.
    Operand y = site.scratch(ElementType.F32, steps, batch, directions, hidden);
    Operand lastH = site.scratch(ElementType.F32, batch, directions, hidden);
    Operand lastC = lstm ? site.scratch(ElementType.F32, batch, directions, hidden) : null;
    layers.run(
        site,
        new RecurrentLayers.Ports(
            rows,
            mask == null ? null : maskRows(site, mask, steps, batch),
            lengths,
            h,
            c,
            y,
            lastH,
            lastC),
        steps,
        batch,
        site.text("masked", "carry").equals("zero") ? Masked.ZERO : Masked.CARRY);
    int[] order = batchFirst ? new int[] {1, 0, 2, 3} : new int[] {0, 2, 1, 3};
    int[] last = batchFirst ? new int[] {0, 1, 2} : new int[] {1, 0, 2};
    site.outRounded(0, of(site, y.view(y.layout().permuted(order)), x.type()));
    site.outRounded(1, of(site, lastH.view(lastH.layout().permuted(last)), x.type()));
    if (lstm) {
      site.outRounded(2, of(site, lastC.view(lastC.layout().permuted(last)), x.type()));
    }
  }

  private static void put(Map<String, Operand> weights, String name, Operand operand) {
    if (operand != null) {
      weights.put(name, operand);
    }
  }

  /** The steps of each sequence, dense; null where all have as many. */
  private static Operand lengths(Site site, int batch) {
    Operand lengths = site.optional(4);
    if (lengths == null) {
      return null;
    }
    if (lengths.storage() != Storage.LONG || lengths.rank() != 1 || lengths.size() != batch) {
      throw site.refuse(
          "sequence_lens has an integer for each of "
              + batch
              + " sequences, but got "
              + lengths
              + ".");
    }
    return site.dense(lengths);
  }

  /** The mask [B, T] as steps by rows, in memory as longs. */
  private static Operand maskRows(Site site, Operand mask, int steps, int batch) {
    boolean fits = mask.storage() == Storage.LONG && mask.rank() == 2;
    if (!fits || mask.size(0) != batch || mask.size(1) != steps) {
      throw site.refuse(
          "the mask says of "
              + batch
              + " x "
              + steps
              + " steps whether they count, but got "
              + mask
              + ".");
    }
    return site.dense(mask.view(mask.layout().permuted(1, 0)));
  }

  /** The initial state as {@code [B, D, H]}, dense; zeros where there is none. */
  private static Operand initial(
      Site site, int index, boolean batchFirst, int directions, int batch, int hidden) {
    Operand given = site.optional(index);
    if (given == null) {
      Operand zero = site.constant(Tensor.of(new float[1]));
      return site.dense(site.broadcast(zero, batch, directions, hidden));
    }
    int[] shape =
        batchFirst ? new int[] {batch, directions, hidden} : new int[] {directions, batch, hidden};
    if (given.storage() == Storage.LONG || !Arrays.equals(given.shape(), shape)) {
      throw site.refuse(
          "the initial state is one of "
              + directions
              + " directions, a batch of "
              + batch
              + " and "
              + hidden
              + " units, but got "
              + given
              + ".");
    }
    Layout layout = batchFirst ? given.layout() : given.layout().permuted(1, 0, 2);
    return site.dense(floats(site, given.view(layout)));
  }

  /** What the engine takes: doubles are rounded to floats. */
  private static Operand floats(Site site, Operand x) {
    return x.storage() == Storage.FLOAT ? x : Casts.cast(site, x, ElementType.F32);
  }

  /** What the operator gives, of the type of x. */
  private static Operand of(Site site, Operand y, ElementType type) {
    return type.storage() == Storage.FLOAT ? y.as(type) : Casts.cast(site, y, type);
  }

  private static Map<String, Object> attributes(Site site) {
    try {
      Map<String, Object> all = OnnxRecurrent.attributes(site.node());
      all.remove("masked");
      return all;
    } catch (IllegalArgumentException e) {
      IllegalArgumentException refused = site.refuse(e.getMessage());
      refused.initCause(e);
      throw refused;
    }
  }
}
