package io.cellbelt.models;

import static io.cellbelt.models.ModelFileException.quote;

import io.cellbelt.cells.Activation;
import io.cellbelt.cells.Architecture;
import io.cellbelt.cells.Input;
import io.cellbelt.cells.Layer;
import io.cellbelt.cells.Parameter;
import io.cellbelt.cells.Readout;
import io.cellbelt.cells.Rnn;
import io.cellbelt.models.PyTorchNames.Slot;
import io.cellbelt.models.SafetensorsHeader.Entry;
import io.cellbelt.models.StateDict.Matrix;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Where a state dict has the parameters of the network that a caller chose.
 *
 * @param parameters all of which are there, with their shapes
 * @param remarks sentences about what was guessed or skipped
 */
record PyTorchPlan(ParameterPlan parameters, List<String> remarks) {
  /** About files with values of float64 or large integers. */
  static final String ROUNDED =
      "Values that are no 32-bit floats are refused, unless .rounded() says that they may be"
          + " rounded.";

  /** The library's name of a layer's parameter. */
  private static final Pattern OF_LAYER = Pattern.compile("\\w+?\\.(\\w+)_l(\\d+)(_reverse)?");

  /**
   * Finds the parameters.
   *
   * @param caller who made the choices
   * @throws IllegalArgumentException if something is not there or does not fit
   */
  static PyTorchPlan of(PyTorch caller, PyTorch.Choices choices, StateDict content) {
    return new Finder(caller, choices, content).plan();
  }

  /** Whether there are layers of which no tensor tells the nonlinearity. */
  boolean hasRnn() {
    return isRnn(parameters.architecture().layers());
  }

  private static boolean isRnn(List<Layer> layers) {
    return layers.stream().anyMatch(layer -> layer.cell() instanceof Rnn);
  }

  /** Whether some of its tensors may hold values that are no floats. */
  boolean needsRounding(StateDict content) {
    return parameters.tensors().stream()
        .map(name -> content.entries().get(name).dtype())
        .anyMatch(dtype -> Dtype.named(dtype).filter(Dtype::mayNeedRounding).isPresent());
  }

  /** A layer of a module. */
  private record Place(RecurrentModule module, int layer) {
    /** The name in the file of a parameter that the library calls so. */
    String tensor(Matcher name) {
      return module.prefix() + module.tensor(name.group(1), layer, name.group(3) != null);
    }
  }

  private record Finder(PyTorch caller, PyTorch.Choices choices, StateDict content) {
    PyTorchPlan plan() {
      List<RecurrentModule> modules = choices.modules().stream().map(content::module).toList();
      List<Layer> layers = new ArrayList<>();
      List<Place> places = new ArrayList<>();
      Activation ofRnn = choices.activation() == null ? Activation.TANH : choices.activation();
      for (RecurrentModule module : modules) {
        List<Layer> some = module.layers(ofRnn);
        layers.addAll(some);
        for (int layer = 0; layer < some.size(); layer++) {
          places.add(new Place(module, layer));
        }
      }
      if (choices.activation() != null && !isRnn(layers)) {
        throw new IllegalArgumentException(
            String.format(
                Locale.ROOT,
                "the module %s is %s, and only an nn.RNN has a choice of relu or tanh; leave it"
                    + " out.",
                quote(modules.getFirst().name()),
                modules.getFirst().describe()));
      }
      Architecture architecture = new Architecture(input(layers), layers, readout(layers));
      List<Slot> slots = new ArrayList<>();
      for (Slot slot : ParameterPlan.of(architecture).slots()) {
        slots.add(inFile(slot, places));
      }
      ParameterPlan parameters = new ParameterPlan(architecture, slots);
      parameters.check(content.entries());
      Set<String> wanted = parameters.tensors();
      modules.forEach(module -> requireWhole(module, wanted));
      return new PyTorchPlan(parameters, remarks(layers, wanted));
    }

    private Input input(List<Layer> layers) {
      int size = layers.getFirst().cell().inputSize();
      if (choices.embedding() == null) {
        return choices.oneHot() ? new Input.OneHot(size) : new Input.Dense(size);
      }
      Matrix table = table();
      if (!table.mayBeEmbedding(size)) {
        throw misfit("embedding", table, "the module above takes " + size + " inputs");
      }
      return new Input.Embedding(table.rows(), size);
    }

    private Readout readout(List<Layer> layers) {
      if (choices.head() == null) {
        return Readout.NONE;
      }
      int size = layers.getLast().outputSize();
      Matrix head = head();
      if (head.columns() != size) {
        throw misfit("head", head, "the module below gives " + size + " outputs");
      }
      return Readout.linear(head.rows());
    }

    private static IllegalArgumentException misfit(String what, Matrix matrix, String other) {
      return new IllegalArgumentException(
          String.format(
              Locale.ROOT,
              "the %s %s has the weight [%d, %d]%s, but %s. Name another layer.",
              what,
              quote(matrix.name()),
              matrix.rows(),
              matrix.columns(),
              what.equals("embedding") && matrix.hasBias() ? " and a bias" : "",
              other));
    }

    /** Where the file keeps a parameter, of which the library's names are known. */
    private Slot inFile(Slot slot, List<Place> places) {
      boolean vector = slot.parameter().form() == Parameter.Form.VECTOR;
      Matcher name = OF_LAYER.matcher(slot.parameter().name());
      if (name.matches()) {
        Place place = places.get(Integer.parseInt(name.group(2)));
        return vector && !place.module.hasBiases()
            ? slot.absent()
            : slot.renamed(tensor -> place.tensor(matched(tensor)));
      }
      Slot renamed = slot.renamed(this::besideLayers);
      boolean there = content.entries().keySet().containsAll(renamed.tensors());
      return vector && !there ? slot.absent() : renamed;
    }

    private static Matcher matched(String parameter) {
      Matcher name = OF_LAYER.matcher(parameter);
      if (!name.matches()) {
        throw new AssertionError(parameter);
      }
      return name;
    }

    private String besideLayers(String parameter) {
      return switch (parameter) {
        case Architecture.EMBEDDING -> table().name("weight");
        case Architecture.HEAD -> head().name("weight");
        case Architecture.HEAD_BIAS -> head().name("bias");
        default -> throw new AssertionError(parameter);
      };
    }

    private Matrix table() {
      return content.matrix(choices.embedding(), "embedding");
    }

    private Matrix head() {
      return content.matrix(choices.head(), "linear layer");
    }

    /** A module of which some tensors fit in nowhere is not what it seems. */
    private static void requireWhole(RecurrentModule module, Set<String> wanted) {
      for (Entry entry : module.tensors().values()) {
        if (entry.isFloat() && !wanted.contains(entry.name())) {
          throw new IllegalArgumentException(
              String.format(
                  Locale.ROOT,
                  "the module %s is %s, but has the tensor %s, which does not belong to that. Save"
                      + " the whole module again.",
                  quote(module.name()),
                  module.describe(),
                  entry));
        }
      }
    }

    private List<String> remarks(List<Layer> layers, Set<String> wanted) {
      List<String> remarks = new ArrayList<>();
      if (choices.activation() == null && isRnn(layers)) {
        remarks.add(
            String.format(
                Locale.ROOT,
                "Whether the nonlinearity of the nn.RNN is tanh or relu is not in the file; it is"
                    + " taken as tanh. Say which with %s or %s.",
                caller.tanh(),
                caller.relu()));
      }
      List<String> skipped =
          content.entries().values().stream()
              .filter(entry -> !wanted.contains(entry.name()))
              .map(Entry::toString)
              .toList();
      if (!skipped.isEmpty()) {
        remarks.add(
            (skipped.size() == 1 ? "Skipped 1 tensor" : "Skipped " + skipped.size() + " tensors")
                + " that the network does not use: "
                + String.join(", ", StateDict.shortened(skipped, "tensors"))
                + ".");
      }
      return remarks;
    }
  }
}
