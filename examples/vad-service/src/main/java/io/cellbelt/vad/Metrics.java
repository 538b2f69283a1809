package io.cellbelt.vad;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.Timer;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;

/** What the service counts, for Prometheus. Thread-safe. */
final class Metrics {
  private final PrometheusMeterRegistry registry =
      new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);
  private final Counter frames = Counter.builder("vad.frames").register(registry);
  private final Timer step =
      Timer.builder("vad.step")
          .description("From a whole window to its probability, waiting for others included")
          .publishPercentiles(0.5, 0.99, 0.999)
          .register(registry);

  Metrics() {
    FunctionCounter.builder("process.cpu.seconds", this, m -> ProcessUse.cpuSeconds())
        .register(registry);
    gauge("process.resident.memory.bytes", ProcessUse::residentBytes);
  }

  /** A value that is asked for. */
  void gauge(String name, Supplier<Number> value) {
    Gauge.builder(name, value).strongReference(true).register(registry);
  }

  /** One window took so long. */
  void stepped(long nanos) {
    frames.increment();
    step.record(nanos, TimeUnit.NANOSECONDS);
  }

  /** A connection was closed for a reason. */
  void refused(String reason) {
    registry.counter("vad.refused", "reason", reason).increment();
  }

  /** All of it, in the text format of Prometheus. */
  String text() {
    return registry.scrape();
  }
}
