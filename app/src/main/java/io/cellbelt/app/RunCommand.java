package io.cellbelt.app;

import io.cellbelt.cells.Network;
import io.cellbelt.graphs.Port;
import io.cellbelt.graphs.Setup;
import io.cellbelt.graphs.Tensor;
import io.cellbelt.models.Model;
import io.cellbelt.models.ModelFileException;
import io.cellbelt.models.OpenModel;
import io.cellbelt.models.PyTorch;
import io.cellbelt.models.data.ValueFiles;
import io.cellbelt.models.data.WavEncoding;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.ExitCode;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code cellbelt run}: a model of any format over a file. */
@Command(
    name = "run",
    description = {
      "Runs a model over a file, and writes what comes out.",
      "A sound goes through in windows, or sample by sample, with the state of the stream; so do the"
          + " rows of a table and the first dimension of an array, unless the model takes them at"
          + " once. Files are .wav, .csv, .npy, .npz, .safetensors, and .pb to read."
    },
    sortOptions = false,
    sortSynopsis = false,
    footerHeading = "%nExamples:%n",
    footer = {
      "  cellbelt run amp.json --input di.wav --output amp.wav",
      "  cellbelt run silero_vad.onnx --input talk.wav --context 64 --output speech.csv",
      "  cellbelt run silero_vad_v5.onnx --input talk.wav --window 576 --context 64 --set sr=16000"
          + " --output speech.npy",
      "  cellbelt run wear.keras --input sensors.csv --hop 1 --output wear.csv"
    })
final class RunCommand implements Callable<Integer> {
  @Spec private CommandSpec spec;

  @Parameters(index = "0", paramLabel = "MODEL", description = "A model of any format.")
  private Path file;

  @Option(
      names = {"--input", "-i"},
      paramLabel = "[INPUT=]FILE",
      required = true,
      description =
          "What the model is fed: its only or first input, the one named, or those that the file"
              + " names. May be given several times.")
  private List<String> inputs;

  @Option(
      names = {"--output", "-o"},
      paramLabel = "FILE",
      required = true,
      description =
          "Where the outputs go; the ending tells the kind of file. A table of a sound begins with"
              + " the seconds at which each row begins.")
  private Path output;

  @Mixin private RunOptions options;

  @Mixin private SetupOptions setups;

  @Option(
      names = "--module",
      paramLabel = "NAME",
      description = "Of a PyTorch file: the recurrent module, where the file holds more than one.")
  private String module;

  @Option(
      names = "--head",
      paramLabel = "NAME",
      description = "Of a PyTorch file: the linear layer behind the module.")
  private String head;

  @Option(
      names = "--take",
      paramLabel = "OUTPUT",
      split = ",",
      description = "The outputs that are written (default: all that are no states).")
  private List<String> taken;

  @Option(
      names = "--rate",
      paramLabel = "HZ",
      description = "Frames a second of a .wav that is written (default: those of the input).")
  private Integer rate;

  @Option(
      names = "--encoding",
      paramLabel = "E",
      description =
          "Samples of a .wav that is written: ${COMPLETION-CANDIDATES} (default:"
              + " ${DEFAULT-VALUE}). Whole numbers stop at 1.")
  private WavEncoding encoding = WavEncoding.FLOAT_32;

  /** How the call went, for the last line. */
  private record Done(long calls, long frames, double seconds) {}

  @Override
  public Integer call() throws ModelFileException {
    Targets.require(output);
    ValueFiles.requireKind(output);
    Console console = Console.of(spec);
    try (OpenModel open = open()) {
      Map<String, String> metadata = open.about().metadata();
      long silence = wholeNumber(metadata.get("prewarm_samples"));
      RunModel model = RunModel.of(open);
      try (RunSources sources =
          new RunSources(new RunFit(model, options, setups, silence), setups)) {
        sources.add(inputs, model.inputs());
        long asked = wholeNumber(metadata.get("sample_rate"));
        if (asked > 0 && sources.rate() != null && asked != sources.rate()) {
          console.println(
              "Note: the model was made for "
                  + asked
                  + " frames a second, but the sound has "
                  + sources.rate()
                  + "; it will sound otherwise than it should.");
        }
        Done done = run(console, model, sources);
        console.println(line(done, sources.rate()));
      }
    }
    return ExitCode.OK;
  }

  private OpenModel open() throws ModelFileException {
    if (module == null && head == null) {
      return RunModel.open(file);
    }
    if (module == null) {
      throw new Failure("A --head stands behind a --module; name that too.");
    }
    PyTorch reader = PyTorch.module(module);
    Model model = (head == null ? reader : reader.head(head)).read(file);
    return new OpenModel.Recurrent(
        new Network(model.weights()),
        new OpenModel.About("safetensors", model.metadata(), model.remarks()));
  }

  private String line(Done done, Integer soundRate) {
    if (soundRate == null) {
      return String.format(
          Locale.ROOT, "Wrote %s: %,d call%s.", output, done.calls(), done.calls() == 1 ? "" : "s");
    }
    double sound = done.frames() / (double) soundRate;
    return String.format(
        Locale.ROOT,
        "Wrote %s: %.1f s of sound in %.1f s, %.0f times as fast as it plays.",
        output,
        sound,
        done.seconds(),
        sound / done.seconds());
  }

  private static long wholeNumber(String text) {
    return text != null && text.matches("\\d{1,9}(\\.0*)?") ? (long) Double.parseDouble(text) : 0;
  }

  private Done run(Console console, RunModel model, RunSources sources) throws ModelFileException {
    Setup setup = setups.setup(model.inputs());
    for (Map.Entry<String, RunInput> input : sources.inputs().entrySet()) {
      setup =
          setup.shape(
              input.getKey(),
              Arrays.stream(input.getValue().shape()).boxed().toArray(Integer[]::new));
    }
    for (Port port : model.mustBeFed()) {
      requireGiven(sources, port);
    }
    RunModel.Ready ready = model.ready(setup);
    for (String name : ready.inputs()) {
      requireGiven(sources, SetupOptions.find(model.inputs(), name));
    }
    RunInput.Windows windows =
        sources.inputs().values().stream()
            .filter(RunInput.Windows.class::isInstance)
            .map(RunInput.Windows.class::cast)
            .findFirst()
            .orElse(null);
    long calls = sources.calls();
    long silent = windows == null ? 0 : windows.silent();
    int lanes = windows == null ? 1 : windows.lanes();
    long start = System.nanoTime();
    try (RunOutput out = out(sources, windows);
        Progress progress = console.progress("running", calls + silent)) {
      List<RunModel.Calls> streams = new ArrayList<>();
      try {
        for (int lane = 0; lane < lanes; lane++) {
          streams.add(ready.newCalls());
        }
        List<String> names = names(ready);
        for (long call = 0; call < calls + silent; call++) {
          List<Map<String, Tensor>> results = advance(sources.inputs(), streams, names, call == 0);
          if (call >= silent) {
            out.add(results);
          }
          progress.step(1);
        }
      } finally {
        streams.forEach(RunModel.Calls::close);
      }
      out.finish();
    }
    long frames = windows == null ? 0 : windows.frames();
    return new Done(calls, frames, (System.nanoTime() - start) / 1e9);
  }

  private void requireGiven(RunSources sources, Port port) {
    if (!sources.inputs().containsKey(port.name()) && !setups.isSet(port.name())) {
      throw new Failure(
          "The model also takes "
              + port
              + "; give it with --input "
              + port.name()
              + "=FILE or --set "
              + port.name()
              + "=X.");
    }
  }

  private static List<Map<String, Tensor>> advance(
      Map<String, RunInput> inputs, List<RunModel.Calls> streams, List<String> names, boolean first)
      throws ModelFileException {
    for (RunInput input : inputs.values()) {
      input.advance();
    }
    List<Map<String, Tensor>> results = new ArrayList<>();
    for (int lane = 0; lane < streams.size(); lane++) {
      RunModel.Calls stream = streams.get(lane);
      for (Map.Entry<String, RunInput> input : inputs.entrySet()) {
        // What is given once may be the start of a state, which then goes on.
        if (first || !(input.getValue() instanceof RunInput.Whole)) {
          stream.put(input.getKey(), input.getValue().value(lane));
        }
      }
      stream.run();
      Map<String, Tensor> outputs = new LinkedHashMap<>();
      names.forEach(name -> outputs.put(name, stream.get(name)));
      results.add(outputs);
    }
    return results;
  }

  private List<String> names(RunModel.Ready ready) {
    for (String name : Objects.requireNonNullElse(taken, List.<String>of())) {
      if (!ready.outputs().contains(name)) {
        throw new Failure(
            "The model has no output '" + name + "'; it has " + ready.outputs() + ".");
      }
    }
    return taken == null ? ready.outputs() : taken;
  }

  private RunOutput out(RunSources sources, RunInput.Windows windows) {
    boolean sound = output.toString().toLowerCase(Locale.ROOT).endsWith(".wav");
    Integer frames = rate != null ? rate : sources.rate();
    if (sound && (frames == null || frames < 1)) {
      throw new Failure(
          "A .wav has 1 or more frames a second, but nothing tells how many; name them with --rate"
              + " HZ.");
    }
    if (sound && windows != null) {
      return new RunOutput.Sound(output, frames, encoding, windows);
    }
    boolean once = sources.inputs().values().stream().allMatch(RunInput.Whole.class::isInstance);
    return new RunOutput.Values(output, windows, once, sound ? frames : null, sources.rate());
  }
}
