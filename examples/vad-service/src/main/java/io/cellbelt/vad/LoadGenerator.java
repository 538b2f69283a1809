package io.cellbelt.vad;

import java.io.IOException;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Locale;
import java.util.concurrent.Callable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Streams sound in real time to a service, or to an engine, and checks every answer. */
@Command(
    name = "load",
    mixinStandardHelpOptions = true,
    description = "Streams sound in real time to the service and checks every answer.")
final class LoadGenerator implements Callable<Integer> {
  /** Close enough to the most streams. */
  private static final double CLOSE = 1.05;

  /** A machine may be busy with other things once. */
  private static final int ATTEMPTS = 2;

  private static final int PLACES = 32;

  private static final int WINDOWS_PER_SECOND = (int) (1 / Windows.SECONDS);

  @Parameters(index = "0", paramLabel = "MODEL.onnx", description = "The model of the service.")
  Path model;

  @Parameters(index = "1", paramLabel = "SOUND.wav", description = "16 kHz, one channel.")
  Path sound;

  @Option(
      names = "--url",
      defaultValue = "ws://127.0.0.1:8080/vad",
      description = "The service (${DEFAULT-VALUE}).")
  URI url;

  @Option(
      names = "--streams",
      defaultValue = "50",
      description = "Streams at once, with --find those to begin with (${DEFAULT-VALUE}).")
  int streams;

  @Option(
      names = "--seconds",
      defaultValue = "10",
      description = "How long latencies are taken (${DEFAULT-VALUE}).")
  int seconds;

  @Option(
      names = "--warm-up",
      defaultValue = "3",
      description = "Seconds before, whose answers are checked as well (${DEFAULT-VALUE}).")
  int warmUp;

  @Option(names = "--find", description = "Looks for the most streams whose p99 is short enough.")
  boolean find;

  @Option(
      names = "--p99",
      defaultValue = "20",
      description = "What is short enough, in milliseconds (${DEFAULT-VALUE}).")
  double p99;

  @Option(
      names = "--in-process",
      description = "Without a network: one thread gives the windows to the engine.")
  boolean inProcess;

  @Mixin EngineOptions engine;

  /** Runs a load of some streams. */
  @FunctionalInterface
  private interface Loader {
    Load.Result run(int streams) throws IOException, InterruptedException;
  }

  private LoadGenerator() {}

  /** Runs the command line. */
  public static void main(String[] args) {
    System.exit(new CommandLine(new LoadGenerator()).execute(args));
  }

  @Override
  public Integer call() throws IOException, InterruptedException {
    try (Model opened = Model.open(model)) {
      int warm = warmUp * WINDOWS_PER_SECOND;
      Recording recording =
          Recording.of(opened, sound, PLACES, warm + seconds * WINDOWS_PER_SECOND);
      System.out.printf(
          Locale.ROOT,
          "%8s %8s %8s %8s %8s %8s %8s %8s %6s %12s %8s%n",
          "streams",
          "p50 ms",
          "p99 ms",
          "p99.9 ms",
          "max ms",
          "answers",
          "wrong",
          "missing",
          "CPU",
          "bytes/stream",
          "RSS MB");
      if (inProcess) {
        try (Engine ready = engine.open(opened, 1)) {
          WarmUp.run(ready, engine.batch, Duration.ofSeconds(5));
          return run(
              count ->
                  InProcessLoad.run(
                      ready, recording, count, warm, engine.tolerance(), engine.batch));
        }
      }
      SocketLoad network = new SocketLoad(url);
      return run(count -> network.run(recording, count, warm, engine.tolerance()));
    }
  }

  private int run(Loader loader) throws IOException, InterruptedException {
    if (!find) {
      return probe(loader, streams).isRight() ? 0 : 1;
    }
    int good = 0;
    int bad = 0;
    int next = streams;
    while (next > good) {
      boolean fits = false;
      for (int attempt = 0; attempt < ATTEMPTS && !fits; attempt++) {
        fits = isShort(probe(loader, next));
      }
      if (fits) {
        good = next;
      } else {
        bad = next;
      }
      next = bad == 0 ? 2 * good : (good + bad) / 2;
      if (bad != 0 && bad <= good * CLOSE) {
        break;
      }
    }
    System.out.printf(Locale.ROOT, "The most streams with a p99 under %s ms: %d%n", p99, good);
    return good > 0 ? 0 : 1;
  }

  private boolean isShort(Load.Result result) {
    return result.isRight() && result.millis(99) < p99;
  }

  private static Load.Result probe(Loader loader, int streams)
      throws IOException, InterruptedException {
    Load.Result result = loader.run(streams);
    System.out.printf(
        Locale.ROOT,
        "%8d %8.2f %8.2f %8.2f %8.2f %8d %8d %8d %5.0f%% %12d %8d%n",
        streams,
        result.millis(50),
        result.millis(99),
        result.millis(99.9),
        result.latency().getMaxValue() / 1e6,
        result.answers(),
        result.wrong(),
        result.missing(),
        100 * result.cpu(),
        result.bytesPerStream(),
        result.resident() >> 20);
    return result;
  }
}
