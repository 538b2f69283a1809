package io.cellbelt.cells;

import io.cellbelt.cells.Schedule.Group;
import io.cellbelt.cells.Schedule.Product;
import io.cellbelt.cells.Schedule.Source;
import io.cellbelt.cells.Schedule.Vectors;
import io.cellbelt.cells.engine.ActivationKernels;
import io.cellbelt.cells.engine.LibraryKernel;
import io.cellbelt.cells.reference.LstmReference;
import io.cellbelt.cells.reference.ReferenceCell;
import io.cellbelt.kernels.pointwise.LstmPointwise;
import java.util.ArrayList;
import java.util.List;

/**
 * Long short-term memory with forget gate (Hochreiter and Schmidhuber 1997; Gers, Schmidhuber and
 * Cummins 2000), by default as PyTorch, Keras and ONNX have it:
 *
 * <pre>
 *   i = σ(Wi x + Ui h' + bi)        c = f c' + i g
 *   f = σ(Wf x + Uf h' + bf)        h = o tanh(c)
 *   g = tanh(Wg x + Ug h' + bg)
 *   o = σ(Wo x + Uo h' + bo)
 * </pre>
 *
 * @param inputSize I, 1 or more
 * @param hiddenSize H, 1 or more
 * @param options what is different
 */
public record Lstm(int inputSize, int hiddenSize, Options options) implements Cell {
  /** Whether i and f are one gate. */
  public enum Coupling {
    /** i and f are two gates with their own weights. */
    NONE,
    /** {@code f = 1 - i} (ONNX's input_forget; CIFG of Greff et al. 2015). */
    FORGET_FROM_INPUT,
    /** {@code i = 1 - f} (TFLite's CIFG). */
    INPUT_FROM_FORGET
  }

  /**
   * What an LSTM can have besides or in place of its equations: ONNX's options, the projection of
   * Sak et al. 2014, and the eight ablations of Greff et al. 2015, "LSTM: A Search Space Odyssey":
   * NIG, NFG and NOG are {@link #without} a gate; NIAF and NOAF an {@link Activation#IDENTITY};
   * CIFG {@link Coupling#FORGET_FROM_INPUT}; NP without peepholes; FGR {@link #gateRecurrence}.
   *
   * @param gate activation of i, f and o, σ by default
   * @param candidate activation of g, tanh by default
   * @param output activation of c on its way to h, tanh by default
   * @param peepholes whether {@code pi c'}, {@code pf c'} and {@code po c} are added to i, f and o:
   *     i and f see the old c, o the new (Gers and Schmidhuber 2000)
   * @param coupling whether i and f are one gate
   * @param without gates that are always 1: some of {@code ifo}, in that order
   * @param gateRecurrence whether i, f and o are also fed i, f and o of the step before, through
   *     nine more matrices
   * @param clip pre-activations, and c on its way to h, are kept within ± this, over 0 (ONNX);
   *     {@link Cell#NO_CLIP} for none
   * @param projection length P of {@code h = Wp (o tanh(c))}, 0 for none
   */
  public record Options(
      Activation gate,
      Activation candidate,
      Activation output,
      boolean peepholes,
      Coupling coupling,
      String without,
      boolean gateRecurrence,
      float clip,
      int projection) {
    /**
     * No peepholes, no coupling, all gates, no projection, σ and tanh: the LSTM of PyTorch and
     * Keras.
     */
    public static final Options DEFAULT =
        new Options(
            Activation.SIGMOID,
            Activation.TANH,
            Activation.TANH,
            false,
            Coupling.NONE,
            "",
            false,
            NO_CLIP,
            0);

    /**
     * Checks that the options go together.
     *
     * @throws IllegalArgumentException if they do not; the message names the two
     */
    public Options {
      Cell.checkActivations(gate, candidate, output);
      Cell.checkClip(clip);
      if (coupling == null || without == null) {
        throw new IllegalArgumentException(
            "An LSTM needs a coupling, NONE too, and a text of gates that it is without, not"
                + " null.");
      }
      if (!without.matches("i?f?o?")) {
        throw new IllegalArgumentException(
            "An LSTM can be without some of the gates 'ifo', in that order, but got '"
                + without
                + "'.");
      }
      if (coupling != Coupling.NONE && (without.contains("i") || without.contains("f"))) {
        throw new IllegalArgumentException(
            "Where i and f are coupled, neither can be left out, but got '" + without + "'.");
      }
      if (gateRecurrence && without.equals("ifo")) {
        throw new IllegalArgumentException(
            "Gate recurrence needs one of the gates i, f and o, but all are left out.");
      }
      if (projection < 0) {
        throw new IllegalArgumentException(
            "A projection has a length of 1 or more, or 0 for none, but got " + projection + ".");
      }
    }

    /** The same options with other activations. */
    public Options withActivations(Activation gates, Activation ofCandidate, Activation ofOutput) {
      return new Options(
          gates,
          ofCandidate,
          ofOutput,
          peepholes,
          coupling,
          without,
          gateRecurrence,
          clip,
          projection);
    }

    /** The same options with peepholes: the gates read c, too. */
    public Options withPeepholes() {
      return new Options(
          gate, candidate, output, true, coupling, without, gateRecurrence, clip, projection);
    }

    /** The same options with i and f coupled, so that one follows from the other. */
    public Options with(Coupling other) {
      return new Options(
          gate, candidate, output, peepholes, other, without, gateRecurrence, clip, projection);
    }

    /**
     * The same options without some gates, which are 1 at all times.
     *
     * @param gates their letters, such as {@code o}
     */
    public Options withoutGates(String gates) {
      return new Options(
          gate, candidate, output, peepholes, coupling, gates, gateRecurrence, clip, projection);
    }

    /** The same options with full gate recurrence: the gates read those of the step before. */
    public Options withGateRecurrence() {
      return new Options(
          gate, candidate, output, peepholes, coupling, without, true, clip, projection);
    }

    /**
     * The same options with pre-activations clipped to ± a limit.
     *
     * @param limit over 0
     */
    public Options withClip(float limit) {
      return new Options(
          gate, candidate, output, peepholes, coupling, without, gateRecurrence, limit, projection);
    }

    /**
     * The same options with a projection of h to another length.
     *
     * @param length P, 0 for none
     */
    public Options withProjection(int length) {
      return new Options(
          gate, candidate, output, peepholes, coupling, without, gateRecurrence, clip, length);
    }

    /** The gates that are computed from x and h, of {@code ifgo}. */
    public String gates() {
      String gates = "ifgo";
      for (int i = 0; i < without.length(); i++) {
        gates = gates.replace(without.substring(i, i + 1), "");
      }
      return switch (coupling) {
        case NONE -> gates;
        case FORGET_FROM_INPUT -> gates.replace("f", "");
        case INPUT_FROM_FORGET -> gates.replace("i", "");
      };
    }
  }

  /**
   * Checks the sizes.
   *
   * @throws IllegalArgumentException if a size is under 1 or an option does not fit it
   */
  public Lstm {
    Cell.checkSizes("LSTM", inputSize, hiddenSize);
    if (options == null) {
      throw new IllegalArgumentException("An LSTM needs options, the default too, not null.");
    }
    if (options.projection() > hiddenSize) {
      throw new IllegalArgumentException(
          "A projection makes h shorter than the hidden size "
              + hiddenSize
              + " or as long, but got "
              + options.projection()
              + ".");
    }
  }

  /**
   * An LSTM with the default options.
   *
   * @param inputSize I, 1 or more
   * @param hiddenSize H, 1 or more
   */
  public Lstm(int inputSize, int hiddenSize) {
    this(inputSize, hiddenSize, Options.DEFAULT);
  }

  @Override
  public String kind() {
    return "lstm";
  }

  /** Name of the matrix that the gate recurrence multiplies a gate of the step before by. */
  public static String gateWeight(char gate) {
    return "weight_gate_" + gate;
  }

  /**
   * States are h and c, then, with gate recurrence, those of i, f and o that there are. With a
   * projection the kernel's first saved block is {@code o tanh(c)} and the second its gradient.
   */
  @Override
  public Schedule schedule() {
    String gates = options.gates();
    List<Product> both = List.of(Schedule.input(), Schedule.recurrent());
    List<Group> groups = new ArrayList<>();
    List<Integer> states = new ArrayList<>();
    states.add(options.projection() > 0 ? options.projection() : hiddenSize);
    states.add(hiddenSize);
    if (options.gateRecurrence()) {
      String recurrent = gates.replace("g", "");
      List<Product> products = new ArrayList<>(both);
      for (int i = 0; i < recurrent.length(); i++) {
        char gate = recurrent.charAt(i);
        products.add(new Product(gateWeight(gate), new Source.State(states.size()), 0));
        states.add(hiddenSize);
      }
      groups.add(new Group(recurrent, hiddenSize, true, products));
      groups.add(new Group("g", hiddenSize, true, both));
    } else {
      groups.add(new Group(gates, hiddenSize, true, both));
    }
    if (options.projection() > 0) {
      Product projection = new Product("weight_hr", new Source.Saved(0, 1), 1);
      groups.add(new Group("p", options.projection(), false, List.of(projection)));
    }
    String peepholes = gates.replace("g", "");
    List<Vectors> vectors =
        options.peepholes() && !peepholes.isEmpty()
            ? List.of(new Vectors("peephole", peepholes, 0))
            : List.of();
    return new Schedule(groups, vectors, states, states.size(), 0, 1);
  }

  /** Forget bias 1, so that memory lasts before training has found out (Jozefowicz et al. 2015). */
  @Override
  public float initialBias(char gate) {
    return switch (options.coupling()) {
      case NONE, INPUT_FROM_FORGET -> gate == 'f' ? 1 : 0;
      case FORGET_FROM_INPUT -> gate == 'i' ? -1 : 0;
    };
  }

  @Override
  public boolean keeps(char gate) {
    return gate == 'f';
  }

  @Override
  public boolean writes(char gate) {
    return gate == 'i';
  }

  @Override
  public CellKernel kernel() {
    return new LibraryKernel(
        LstmPointwise.of(
            ActivationKernels.of(options.gate()),
            ActivationKernels.of(options.candidate()),
            ActivationKernels.of(options.output()),
            schedule().gates(),
            options.peepholes(),
            options.coupling() == Coupling.FORGET_FROM_INPUT,
            options.coupling() == Coupling.INPUT_FROM_FORGET,
            options.gateRecurrence(),
            options.clip(),
            options.projection()));
  }

  @Override
  public ReferenceCell reference() {
    return new LstmReference(this);
  }
}
