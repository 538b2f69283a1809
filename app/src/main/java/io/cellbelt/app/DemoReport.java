package io.cellbelt.app;

import io.cellbelt.bptt.GradientCheck;
import io.cellbelt.kernels.SimdEnvironment;
import io.cellbelt.models.AtomicFiles;
import io.cellbelt.models.ModelFileException;
import java.nio.file.Path;
import java.util.Base64;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;

/** What the demo found, as a self-contained page and as pictures. */
record DemoReport(
    List<Score> scores,
    List<Double> lstmLosses,
    List<Double> rnnLosses,
    List<Word> words,
    String language,
    GradientCheck.Report gradients,
    DemoLatency latency,
    long seed) {

  /** Shares of right answers at a distance, 0 to 1. */
  record Score(int distance, double lstm, double rnn) {}

  /** A word of a sentence, and how likely the right language is next after it. */
  record Word(String text, double lstm, double rnn) {}

  private static final String PAGE =
      """
      <!DOCTYPE html>
      <html lang="en">
      <head>
      <meta charset="utf-8">
      <meta name="viewport" content="width=device-width, initial-scale=1">
      <title>Cellbelt demo: long-term dependencies</title>
      <style>
      body { font: 17px/1.6 system-ui, sans-serif; color: #1f2937; max-width: 54rem;
             margin: 2rem auto; padding: 0 1rem; background: #fff; }
      h1, h2 { line-height: 1.25; }
      h2 { margin-top: 2.5rem; }
      img { width: 100%%; height: auto; }
      table { border-collapse: collapse; font-variant-numeric: tabular-nums; }
      td, th { padding: .2rem .9rem; text-align: right; border-bottom: 1px solid #e5e7eb; }
      td:first-child, th:first-child { text-align: left; padding-left: 0; }
      .words span { display: inline-block; padding: .1rem .4rem; margin: .1rem; border-radius: .3rem; }
      .quiet { color: #6b7280; font-size: .9rem; }
      </style>
      </head>
      <body>
      <h1>Long-term dependencies: an LSTM and a plain RNN</h1>
      <p>&ldquo;I grew up in France&nbsp;&hellip; and I speak fluent&rdquo;: the last word depends on
      one far back, and other people's countries come in between. Both networks have the same number
      of hidden units, learned from sentences of the same kind, and are asked about new ones.
      There are %d languages, so guessing is right in %.1f&nbsp;%% of cases.</p>
      <h2>Right answers by distance</h2>
      <img alt="Right answers of both networks over the distance" src="data:image/png;base64,%s">
      <table><tr><th>words in between</th><th>LSTM</th><th>plain RNN</th></tr>
      %s</table>
      <h2>Word by word</h2>
      <p>After each word of one sentence, the probability of &ldquo;%s&rdquo;: the darker, the higher.
      The networks were only ever asked at the end.</p>
      <p><b>LSTM</b></p><p class="words">%s</p>
      <p><b>Plain RNN</b></p><p class="words">%s</p>
      <h2>Training</h2>
      <img alt="Loss of both networks over the updates" src="data:image/png;base64,%s">
      <p class="quiet">Short sentences first, until they are known; then all distances, which is
      where the loss jumps. The gap is one of learning within this much training: a plain RNN can
      learn longer distances too, with fewer languages or many more updates.</p>
      <h2>Time of a step</h2>
      <img alt="Time of a step by percentile" src="data:image/png;base64,%s">
      <p>%s.</p>
      <h2>Gradient check</h2>
      <table><tr><th>parameter</th><th>reference against finite differences</th>
      <th>kernels against reference</th></tr>
      %s</table>
      <p class="quiet">%s. Seed %d.</p>
      </body>
      </html>
      """;

  /** What {@link #write} writes. */
  static final List<String> FILES =
      List.of("accuracy.png", "loss.png", "latency.png", "report.html");

  /** Writes {@code report.html} and the pictures into a folder that exists. */
  void write(Path folder) throws ModelFileException {
    byte[] accuracy = Charts.accuracy(scores);
    byte[] loss = Charts.loss(lstmLosses, rnnLosses);
    byte[] times = Charts.latency(latency);
    write(folder.resolve("accuracy.png"), accuracy);
    write(folder.resolve("loss.png"), loss);
    write(folder.resolve("latency.png"), times);
    AtomicFiles.writeString(folder.resolve("report.html"), page(accuracy, loss, times));
  }

  private static void write(Path file, byte[] bytes) throws ModelFileException {
    AtomicFiles.write(file, out -> out.write(bytes));
  }

  private String page(byte[] accuracy, byte[] loss, byte[] times) {
    return String.format(
        Locale.ROOT,
        PAGE,
        DemoGrammar.languages(),
        100.0 / DemoGrammar.languages(),
        base64(accuracy),
        scores.stream()
            .map(
                s ->
                    String.format(
                        Locale.ROOT,
                        "<tr><td>%d</td><td>%.1f&nbsp;%%</td><td>%.1f&nbsp;%%</td></tr>%n",
                        s.distance(),
                        100 * s.lstm(),
                        100 * s.rnn()))
            .collect(Collectors.joining()),
        language,
        words.stream().map(w -> span(w.text(), w.lstm())).collect(Collectors.joining()),
        words.stream().map(w -> span(w.text(), w.rnn())).collect(Collectors.joining()),
        base64(loss),
        base64(times),
        latency.summary(),
        gradients.rows().stream()
            .map(
                row ->
                    String.format(
                        Locale.ROOT,
                        "<tr><td>%s</td><td>%.1e</td><td>%.1e</td></tr>%n",
                        row.parameter(),
                        row.referenceError(),
                        row.kernelError()))
            .collect(Collectors.joining()),
        escaped(SimdEnvironment.current().summary()),
        seed);
  }

  private static String span(String word, double probability) {
    return String.format(
        Locale.ROOT,
        "<span title=\"%.1f %%\" style=\"background:rgba(31,95,168,%.2f);color:%s\">%s</span>%n",
        100 * probability,
        0.05 + 0.9 * probability,
        probability > 0.5 ? "#fff" : "#1f2937",
        word);
  }

  private static String base64(byte[] bytes) {
    return Base64.getEncoder().encodeToString(bytes);
  }

  private static String escaped(String text) {
    return text.replace("&", "&amp;").replace("<", "&lt;");
  }
}
