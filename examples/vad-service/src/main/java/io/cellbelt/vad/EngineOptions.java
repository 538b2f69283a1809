package io.cellbelt.vad;

import java.time.Duration;
import picocli.CommandLine.Option;

/** Options that choose the engine. */
final class EngineOptions {
  /** Engines by the names that the command line takes. */
  enum Kind {
    CELLBELT("cellbelt"),
    ONNX_RUNTIME("onnxruntime"),
    ONNX_RUNTIME_PER_STREAM("onnxruntime-per-stream");

    private final String text;

    Kind(String text) {
      this.text = text;
    }

    @Override
    public String toString() {
      return text;
    }
  }

  @Option(
      names = "--engine",
      defaultValue = "cellbelt",
      description = "What runs the model: ${COMPLETION-CANDIDATES} (${DEFAULT-VALUE}).")
  Kind kind = Kind.CELLBELT;

  @Option(
      names = "--batch",
      defaultValue = "64",
      description = "Most windows that Cellbelt advances together (${DEFAULT-VALUE}).")
  int batch = 64;

  @Option(
      names = "--wait",
      defaultValue = "2000",
      description =
          "Microseconds that Cellbelt waits for others to join a batch (${DEFAULT-VALUE}).")
  int waitMicros = 2000;

  /** How many windows are calculated at the same time: one on each processor. */
  static int groups() {
    return Runtime.getRuntime().availableProcessors();
  }

  Engine open(Model model) {
    return open(model, groups());
  }

  /**
   * Opens the engine.
   *
   * @param groups how many windows Cellbelt calculates at the same time
   */
  Engine open(Model model, int groups) {
    return switch (kind) {
      case CELLBELT ->
          new CellbeltEngine(model, groups, batch, Duration.ofNanos(1000L * waitMicros));
      case ONNX_RUNTIME -> new OnnxRuntimeEngine(model, false);
      case ONNX_RUNTIME_PER_STREAM -> new OnnxRuntimeEngine(model, true);
    };
  }

  /** How far an answer may be from the library's own. */
  float tolerance() {
    return kind == Kind.CELLBELT ? 0 : 1e-4f;
  }
}
