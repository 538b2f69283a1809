package io.cellbelt.vad;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Starts the service, which runs until it is told to stop. */
@Command(
    name = "run",
    mixinStandardHelpOptions = true,
    description = "Hears sound over WebSockets and says when somebody speaks.")
final class VadService implements Callable<Integer> {
  private static final Duration PATIENCE = Duration.ofSeconds(10);

  @Parameters(paramLabel = "MODEL.onnx", description = "Silero VAD, version 5 or later.")
  Path model;

  @Option(
      names = "--host",
      defaultValue = "127.0.0.1",
      description = "Address to listen on; 0.0.0.0 for all (${DEFAULT-VALUE}).")
  String host;

  @Option(names = "--port", defaultValue = "8080", description = "Port (${DEFAULT-VALUE}).")
  int port;

  @Option(
      names = "--warm-up",
      defaultValue = "5",
      description = "Seconds of warm-up before clients are taken (${DEFAULT-VALUE}).")
  int warmUp;

  @Option(
      names = "--max-connections",
      defaultValue = "10000",
      description = "Clients at once (${DEFAULT-VALUE}).")
  int connections;

  @Option(
      names = "--max-message",
      defaultValue = "65536",
      description = "Bytes of a message (${DEFAULT-VALUE}).")
  int messageBytes;

  @Option(
      names = "--max-rate",
      defaultValue = "8",
      description = "How many times faster than real time sound may come (${DEFAULT-VALUE}).")
  double rate;

  @Mixin EngineOptions engine;

  private VadService() {}

  /** Runs the command line. */
  public static void main(String[] args) {
    int status = new CommandLine(new VadService()).execute(args);
    if (status != 0) {
      System.exit(status);
    }
  }

  @Override
  public Integer call() throws IOException, InterruptedException {
    Limits limits =
        new Limits(
            connections,
            messageBytes,
            rate,
            Limits.DEFAULT.burst(),
            Limits.DEFAULT.idle(),
            Limits.DEFAULT.stall());
    VadServer server = VadServer.start(host, port, limits);
    Model opened = Model.open(model);
    Engine ready = engine.open(opened);
    WarmUp.run(ready, engine.batch, Duration.ofSeconds(warmUp));
    server.ready(ready);
    CountDownLatch stopped = new CountDownLatch(1);
    Runtime.getRuntime()
        .addShutdownHook(
            new Thread(
                () -> {
                  server.stop(PATIENCE);
                  opened.close();
                  System.err.println("Stopped.");
                  stopped.countDown();
                }));
    System.err.println("Ready: http://" + host + ":" + server.port() + "/");
    stopped.await();
    return 0;
  }
}
