package io.cellbelt.app;

import io.cellbelt.graphs.Carry;
import io.cellbelt.graphs.ElementType;
import io.cellbelt.graphs.Port;
import io.cellbelt.graphs.Setup;
import io.cellbelt.graphs.Tensor;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import picocli.CommandLine.Option;

/** What a model is made ready for: constants, sizes and states. */
final class SetupOptions {
  private static final Pattern PART = Pattern.compile("(.+):(\\d{1,9}):(\\d{1,9})");

  @Option(
      names = "--set",
      paramLabel = "INPUT=X[,X]",
      description = "An input that is always the same, such as --set sr=16000.")
  private Map<String, String> constants = new LinkedHashMap<>();

  @Option(
      names = "--shape",
      paramLabel = "INPUT=N,N",
      description = "Sizes of an input in a call, where the model leaves them open.")
  private Map<String, String> shapes = new LinkedHashMap<>();

  @Option(
      names = "--state",
      paramLabel = "INPUT=OUTPUT",
      description =
          "An output that is an input of the next call, or OUTPUT:AXIS:FROM for a part of it"
              + " (default: those that names and shapes tell).")
  private Map<String, String> states = new LinkedHashMap<>();

  @Option(names = "--stateless", description = "No output is an input of the next call.")
  private boolean stateless;

  boolean isSet(String input) {
    return constants.containsKey(input);
  }

  /** The sizes of an input that were given, or null. */
  int[] shape(String input) {
    String sizes = shapes.get(input);
    return sizes == null
        ? null
        : Arrays.stream(numbers("--shape", sizes)).mapToInt(size -> (int) size).toArray();
  }

  /** Constants and states; the shapes of inputs that are fed come with the data. */
  Setup setup(List<Port> inputs) {
    Setup setup = stateless ? Setup.DEFAULT.stateless() : Setup.DEFAULT;
    for (Map.Entry<String, String> constant : constants.entrySet()) {
      Port port = find(inputs, constant.getKey());
      setup = setup.constant(port.name(), constant(port, numbers("--set", constant.getValue())));
    }
    for (String name : shapes.keySet()) {
      find(inputs, name);
      setup = setup.shape(name, Arrays.stream(shape(name)).boxed().toArray(Integer[]::new));
    }
    if (stateless && !states.isEmpty()) {
      throw new Failure("A model with --state has states; leave --stateless out.");
    }
    for (Map.Entry<String, String> state : states.entrySet()) {
      Matcher part = PART.matcher(state.getValue());
      setup =
          setup.state(
              part.matches()
                  ? new Carry(
                      state.getKey(),
                      part.group(1),
                      Integer.parseInt(part.group(2)),
                      Integer.parseInt(part.group(3)))
                  : new Carry(state.getKey(), state.getValue()));
    }
    return setup;
  }

  static Port find(List<Port> inputs, String name) {
    return inputs.stream()
        .filter(port -> port.name().equals(name))
        .findFirst()
        .orElseThrow(
            () ->
                new Failure(
                    "The model has no input '"
                        + name
                        + "'; it has "
                        + inputs.stream().map(Port::name).toList()
                        + "."));
  }

  private Tensor constant(Port port, double[] values) {
    int[] shape = shape(port.name());
    if (shape == null) {
      shape =
          port.shape() == null
              ? new int[] {values.length}
              : port.shape().stream()
                  .mapToInt(d -> d.isOpen() ? values.length : d.size())
                  .toArray();
    }
    if (Arrays.stream(shape).asLongStream().reduce(1, Math::multiplyExact) != values.length) {
      throw new Failure(
          "The input "
              + port
              + " takes other numbers than the "
              + values.length
              + " of --set; give as many as it has.");
    }
    return RunInput.tensor(Objects.requireNonNullElse(port.type(), ElementType.F32), values, shape);
  }

  private static double[] numbers(String option, String list) {
    try {
      return Arrays.stream(list.split(",")).mapToDouble(Double::parseDouble).toArray();
    } catch (NumberFormatException e) {
      throw new Failure(
          option + " takes numbers with commas between them, but got '" + list + "'.", e);
    }
  }
}
