package io.cellbelt.app;

import io.cellbelt.graphs.Port;
import io.cellbelt.graphs.Tensor;
import io.cellbelt.models.ModelFileException;
import io.cellbelt.models.data.ValueFiles;
import io.cellbelt.models.data.WavReader;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** What the inputs of a model are fed, from files that stay open meanwhile. */
final class RunSources implements AutoCloseable {
  private final RunFit fit;
  private final SetupOptions setups;
  private final Map<String, RunInput> all = new LinkedHashMap<>();
  private final List<WavReader> open = new ArrayList<>();
  private Integer rate;

  RunSources(RunFit fit, SetupOptions setups) {
    this.fit = fit;
    this.setups = setups;
  }

  Map<String, RunInput> inputs() {
    return all;
  }

  /** Frames a second of the sound, or null where there is none. */
  Integer rate() {
    return rate;
  }

  /** Opens files, of which each may say which input it is for: {@code NAME=FILE}. */
  void add(List<String> arguments, List<Port> ports) throws ModelFileException {
    for (String argument : arguments) {
      int end = argument.indexOf('=');
      boolean named =
          end > 0 && ports.stream().anyMatch(p -> p.name().equals(argument.substring(0, end)));
      Path from = Path.of(named ? argument.substring(end + 1) : argument);
      Port port =
          named
              ? SetupOptions.find(ports, argument.substring(0, end))
              : ports.stream()
                  .filter(p -> !setups.isSet(p.name()) && !all.containsKey(p.name()))
                  .findFirst()
                  .orElseThrow(
                      () -> new Failure("All inputs are given already; leave " + from + " out."));
      if (from.toString().toLowerCase(Locale.ROOT).endsWith(".wav")) {
        WavReader reader = WavReader.open(from);
        open.add(reader);
        rate = reader.sampleRate();
        put(port, fit.sound(port, reader));
      } else {
        addValues(ports, port, named, from);
      }
    }
  }

  private void addValues(List<Port> ports, Port port, boolean named, Path from)
      throws ModelFileException {
    Map<String, Tensor> values = ValueFiles.read(from);
    List<Port> known = ports.stream().filter(p -> values.containsKey(p.name())).toList();
    if (!named && !known.isEmpty()) {
      for (Port one : known) {
        put(one, fit.tensor(one, values.get(one.name())));
      }
    } else {
      put(port, fit.tensor(port, only(from, port, values)));
    }
  }

  /** The only tensor, or the columns of a table side by side. */
  private static Tensor only(Path from, Port port, Map<String, Tensor> values) {
    if (values.size() == 1) {
      return values.values().iterator().next();
    }
    int rows = values.values().iterator().next().size();
    if (values.values().stream().anyMatch(t -> t.rank() != 1 || t.size() != rows)) {
      throw new Failure(
          from
              + " holds "
              + values.keySet()
              + ", of which none is called as the model's input "
              + port
              + "; rename one, or give it a file of its own.");
    }
    double[] all = new double[rows * values.size()];
    int column = 0;
    for (Tensor one : values.values()) {
      for (int row = 0; row < rows; row++) {
        all[row * values.size() + column] = one.doubleAt(row);
      }
      column++;
    }
    return Tensor.wrap(all, rows, values.size());
  }

  private void put(Port port, RunInput input) {
    if (all.put(port.name(), input) != null || setups.isSet(port.name())) {
      throw new Failure("The input '" + port.name() + "' is given twice; leave one out.");
    }
  }

  @Override
  public void close() throws ModelFileException {
    for (WavReader reader : open) {
      reader.close();
    }
  }

  /** How many calls it takes: those that come in steps have the same number of them. */
  long calls() {
    Map<String, Long> counts = new LinkedHashMap<>();
    all.forEach(
        (name, input) -> {
          switch (input) {
            case RunInput.Whole whole -> {}
            case RunInput.Steps steps -> counts.put(name, (long) steps.count());
            case RunInput.Windows windows -> counts.put(name, windows.count());
          }
        });
    if (counts.values().stream().distinct().count() > 1) {
      throw new Failure(
          "The inputs have different numbers of steps: " + counts + "; give them the same.");
    }
    return counts.isEmpty() ? 1 : counts.values().iterator().next();
  }
}
