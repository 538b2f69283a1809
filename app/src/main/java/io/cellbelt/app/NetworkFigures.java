package io.cellbelt.app;

import io.cellbelt.cells.Network;
import io.cellbelt.cells.Parameter;
import io.cellbelt.cells.Stream;
import io.cellbelt.cells.Weights;
import java.util.List;
import java.util.Locale;

/**
 * What a network of recurrent layers takes.
 *
 * @param parameters numbers that were trained
 * @param multiplyAdds a step, in products
 * @param weightBytes off the heap, of all streams together
 * @param streamBytes off the heap, of each stream
 */
record NetworkFigures(long parameters, long multiplyAdds, long weightBytes, long streamBytes) {
  static NetworkFigures of(Weights weights) {
    try (Network network = new Network(weights);
        Stream stream = network.newStream()) {
      List<Parameter> all = network.architecture().parameters();
      return new NetworkFigures(
          all.stream().mapToLong(Parameter::size).sum(),
          all.stream()
              .filter(parameter -> parameter.form() == Parameter.Form.MATRIX)
              .mapToLong(Parameter::size)
              .sum(),
          network.byteSize(),
          stream.byteSize());
    }
  }

  List<String> lines(Console console) {
    return List.of(
        "",
        console.bold("Network"),
        String.format(Locale.ROOT, "  %,d parameters", parameters),
        String.format(Locale.ROOT, "  %,d multiply-adds a step", multiplyAdds),
        String.format(Locale.ROOT, "  %,d bytes of weights, which all streams share", weightBytes),
        String.format(Locale.ROOT, "  %,d bytes a stream", streamBytes));
  }
}
