package io.cellbelt.app;

import io.cellbelt.models.AtomicFiles;
import io.cellbelt.models.ModelFileException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import picocli.CommandLine.Command;
import picocli.CommandLine.ExitCode;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code cellbelt train}: a character model of a text. */
@Command(
    name = "train",
    description = {
      "Trains a model that continues a text character by character.",
      "",
      "The last tenth of the text measures how good it is: the validation loss. MODEL always holds"
          + " the best weights so far. Ctrl-C saves, and a training that was killed has its last"
          + " checkpoint: --resume goes on from there as if nothing had happened, bit for bit.",
      "",
      "With default options, any text of 1 MB or less takes 1 to 4 minutes.",
      ""
    },
    sortOptions = false,
    sortSynopsis = false,
    footerHeading = "%nExamples:%n",
    footer = {
      "  cellbelt train --text book.txt --out book.safetensors",
      "  cellbelt train --text book.txt --out book.safetensors --resume",
      "  cellbelt train --text book.txt --out book.safetensors --plot loss.png",
      "  cellbelt train --text book.txt --out small.safetensors --hidden 64",
      "  cellbelt train --text book.txt --out gru.safetensors --cell gru-after",
      "  cellbelt train --text book.txt --out book.safetensors --optimiser rmsprop",
      "  cellbelt train --text book.txt --out book.safetensors --patience 5"
    })
final class TrainCommand implements Callable<Integer> {
  @Spec private CommandSpec spec;

  @Option(names = "--text", required = true, paramLabel = "FILE", description = "Any UTF-8 text.")
  private Path text;

  @Option(
      names = "--out",
      required = true,
      paramLabel = "MODEL",
      description = "The model to write, such as book.safetensors.")
  private Path out;

  @Option(
      names = "--cell",
      paramLabel = "NAME",
      converter = CellKind.Converter.class,
      description =
          "A cell, such as rnn, lstm-peepholes, gru-after or layernorm-lstm (default: lstm); a wrong"
              + " name lists them.")
  private CellKind cell;

  @Option(names = "--hidden", paramLabel = "H", description = "Size of each layer (default: 256).")
  private Integer hidden;

  @Option(names = "--layers", paramLabel = "L", description = "Number of layers (default: 1).")
  private Integer layers;

  @Option(
      names = "--embedding",
      paramLabel = "E",
      description = "Size of a trained vector per character; 0 for one-hot (default: 64).")
  private Integer embedding;

  @Option(
      names = "--batch",
      paramLabel = "B",
      description = "Places of the text that are read side by side (default: 16).")
  private Integer batch;

  @Option(
      names = "--window",
      paramLabel = "T",
      description = "Characters that are read between two updates (default: 32).")
  private Integer window;

  @Option(
      names = "--back",
      paramLabel = "K",
      description =
          "Characters through which gradients flow back, those of --window and some before (default:"
              + " those of --window).")
  private Integer back;

  @Option(
      names = "--restarts",
      paramLabel = "SHARE",
      description =
          "Share of the windows that start afresh at the start of a line, as a text does that is"
              + " generated; 0 for none (default: 0.125).")
  private Double restarts;

  @Option(
      names = "--epochs",
      paramLabel = "N",
      description =
          "Times to go through the text (default: so that about 3.5 million characters are"
              + " read).")
  private Integer epochs;

  @Option(
      names = "--optimiser",
      paramLabel = "NAME",
      converter = OptimiserKind.Converter.class,
      description = "One of ${COMPLETION-CANDIDATES} (default: adam).")
  private OptimiserKind optimiser;

  @Option(
      names = "--lr",
      paramLabel = "RATE",
      description =
          "Highest learning rate (default: 0.006 for adam, adamw and rmsprop, 1 for sgd, 0.3 for"
              + " nesterov, 0.1 for adagrad).")
  private Double lr;

  @Option(
      names = "--momentum",
      paramLabel = "MU",
      description =
          "Momentum of sgd, nesterov or rmsprop (default: 0.9 for nesterov, 0 for the others).")
  private Double momentum;

  @Option(
      names = "--weight-decay",
      paramLabel = "LAMBDA",
      description = "Weight decay (default: 0.01 for adamw, 0 for the others).")
  private Double weightDecay;

  @Option(
      names = "--schedule",
      paramLabel = "NAME",
      converter = ScheduleKind.Converter.class,
      description =
          "How the learning rate changes, one of ${COMPLETION-CANDIDATES} (default: warm-cosine,"
              + " which rises for a hundredth of the updates and falls to a twentieth). step takes a"
              + " tenth after each third of the updates, plateau half after 2 validations in a row"
              + " that were not better.")
  private ScheduleKind schedule;

  @Option(
      names = "--clip",
      paramLabel = "NORM",
      description = "Largest norm of the gradient (default: 5).")
  private Double clip;

  @Option(
      names = "--patience",
      paramLabel = "N",
      description =
          "End early after N validations in a row, one an epoch, that were not better; 0 for never"
              + " (default: 0).")
  private Integer patience;

  @Option(
      names = "--seed",
      paramLabel = "SEED",
      description = "The same seed gives the same model, bit for bit (default: 1).")
  private Long seed;

  @Option(
      names = "--checkpoint-every",
      paramLabel = "SECONDS",
      defaultValue = "60",
      description =
          "Seconds between two checkpoints, besides that of each epoch; 0 for one after every update"
              + " (default: 60).")
  private double checkpointEvery;

  @Option(
      names = "--threads",
      paramLabel = "N",
      description =
          "Threads that share a batch, 8 sequences or more each (default: one for each core). Their"
              + " number does not change the result.")
  private Integer threads;

  @Option(
      names = "--resume",
      description = "Go on where MODEL.checkpoint was left; other options come from there.")
  private boolean resume;

  @Option(
      names = "--force",
      description = "Start again, although MODEL or its checkpoint is there.")
  private boolean force;

  @Option(
      names = "--plot",
      paramLabel = "FILE",
      description = "Write the loss curve as .png or .csv too.")
  private Path plot;

  @Override
  public Integer call() throws ModelFileException {
    Console console = Console.of(spec);
    if (resume && force) {
      throw usage("--resume goes on and --force starts again; give one of them.");
    }
    if (plot != null && !LossCurve.canWrite(plot)) {
      throw usage("--plot writes .png or .csv, but got " + plot + ".");
    }
    if (threads != null && (threads < 1 || threads > 1024)) {
      throw usage("--threads must be 1 to 1024, but is " + threads + ".");
    }
    if (!(checkpointEvery >= 0 && checkpointEvery < Double.POSITIVE_INFINITY)) {
      throw usage(
          "--checkpoint-every must be a number of seconds, 0 or more, but is "
              + checkpointEvery
              + ".");
    }
    Path checkpointFile = Checkpoint.path(out);
    requireTargets(checkpointFile);
    // The signal last of all, so that a process that is asked to end deletes its lock before.
    try (StopSignal stop = new StopSignal();
        TrainingLock _ = TrainingLock.take(out)) {
      return train(console, stop, checkpointFile);
    }
  }

  private int train(Console console, StopSignal stop, Path checkpointFile)
      throws ModelFileException {
    TextFile content = TextFile.read(text);
    requireNothingLost(checkpointFile);
    Checkpoint checkpoint = resume ? checkpoint(checkpointFile, content) : null;
    TrainOptions options =
        checkpoint == null
            ? chosen(TrainOptions.defaults(content.characters().length))
            : checkpoint.position().options();

    try (Training training = new Training(console, content, out, options, pause(), threads())) {
      if (checkpoint != null) {
        training.resume(checkpointFile, checkpoint);
      }
      AtomicFiles.deleteAbandoned(out);
      AtomicFiles.deleteAbandoned(checkpointFile);
      console.println(training.summary());
      return train(console, training, stop, checkpointFile);
    }
  }

  private int train(Console console, Training training, StopSignal stop, Path checkpointFile)
      throws ModelFileException {
    boolean complete = training.run(stop);
    LossCurve curve = training.curve();
    if (!curve.isEmpty()) {
      console.println();
      console.println(curve.text());
    }
    if (plot != null && !curve.isEmpty()) {
      curve.write(plot);
    }
    if (!complete) {
      console.println(
          String.format(
              Locale.ROOT,
              "Stopped and saved. Go on with: cellbelt train --text %s --out %s --resume",
              text,
              out));
      return ExitCode.SOFTWARE;
    }
    deleteQuietly(checkpointFile);
    console.println(
        console.bold(
                String.format(
                    Locale.ROOT,
                    "Best validation loss: %.4f nats per character.",
                    training.best().orElseThrow()))
            + " Try: cellbelt generate "
            + out);
    return ExitCode.OK;
  }

  private Checkpoint checkpoint(Path file, TextFile content) throws ModelFileException {
    if (!Files.exists(file)) {
      throw new Failure(
          "There is no checkpoint "
              + file
              + " to resume: that training is complete or was never"
              + " started. Start one without --resume.");
    }
    Checkpoint checkpoint = Checkpoint.read(file);
    if (!checkpoint.position().textHash().equals(content.hash())) {
      throw new Failure(
          String.format(
                  Locale.ROOT,
                  "The checkpoint %s was made with another text than %s; resume with the same text, or start",
                  file,
                  text)
              + " again with --force.");
    }
    TrainOptions stored = checkpoint.position().options();
    List<String> differences = chosen(stored).differences(stored);
    if (!differences.isEmpty()) {
      throw usage(
          "A resumed training keeps its options, but these differ from the checkpoint: "
              + String.join(", ", differences)
              + ". Leave them out, or start again with --force.");
    }
    return checkpoint;
  }

  private int threads() {
    return threads == null ? Runtime.getRuntime().availableProcessors() : threads;
  }

  private Duration pause() {
    return Duration.ofNanos(Math.round(checkpointEvery * TimeUnit.SECONDS.toNanos(1)));
  }

  /** What was given on the command line, and the rest from elsewhere. */
  private TrainOptions chosen(TrainOptions others) {
    try {
      TrainOptions rest = optimiser == null ? others : others.with(optimiser);
      return new TrainOptions(
          Objects.requireNonNullElse(cell, rest.cell()),
          Objects.requireNonNullElse(hidden, rest.hidden()),
          Objects.requireNonNullElse(layers, rest.layers()),
          Objects.requireNonNullElse(embedding, rest.embedding()),
          Objects.requireNonNullElse(batch, rest.batch()),
          Objects.requireNonNullElse(window, rest.window()),
          Objects.requireNonNullElse(back, rest.back()),
          Objects.requireNonNullElse(restarts, rest.restarts()),
          Objects.requireNonNullElse(epochs, rest.epochs()),
          rest.optimiser(),
          Objects.requireNonNullElse(lr, rest.lr()),
          Objects.requireNonNullElse(momentum, rest.momentum()),
          Objects.requireNonNullElse(weightDecay, rest.weightDecay()),
          Objects.requireNonNullElse(schedule, rest.schedule()),
          Objects.requireNonNullElse(clip, rest.clip()),
          Objects.requireNonNullElse(patience, rest.patience()),
          Objects.requireNonNullElse(seed, rest.seed()));
    } catch (IllegalArgumentException e) {
      throw usage(e.getMessage());
    }
  }

  /** Refuses what could not be written after hours of training, or would overwrite the text. */
  private void requireTargets(Path checkpointFile) {
    Map<String, Path> files = new LinkedHashMap<>();
    files.put("the model", out);
    files.put("the checkpoint", checkpointFile);
    files.put("the lock", TrainingLock.path(out));
    if (plot != null) {
      files.put("the plot", plot);
    }
    files.values().forEach(Targets::require);
    Map<String, Path> all = new LinkedHashMap<>();
    if (Files.exists(text)) {
      all.put("the text", text);
    }
    all.putAll(files);
    Targets.requireDifferent(all);
  }

  private void requireNothingLost(Path checkpointFile) {
    if (resume || force) {
      return;
    }
    for (Path file : new Path[] {checkpointFile, out}) {
      if (Files.exists(file)) {
        throw new Failure(
            file
                + " is already there. "
                + (Files.exists(checkpointFile) ? "Go on with --resume, start" : "Start")
                + " again with --force, which replaces it, or name another --out.");
      }
    }
  }

  private static void deleteQuietly(Path file) {
    try {
      Files.deleteIfExists(file);
    } catch (IOException e) {
      // Harmless: a later --resume would only repeat the end.
    }
  }

  private ParameterException usage(String sentence) {
    return new ParameterException(spec.commandLine(), sentence);
  }
}
