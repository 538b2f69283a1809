package io.cellbelt.app;

import java.awt.BasicStroke;
import java.awt.Color;
import java.awt.Font;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.text.DecimalFormat;
import java.text.DecimalFormatSymbols;
import java.util.List;
import java.util.Locale;
import java.util.stream.DoubleStream;
import java.util.stream.IntStream;
import org.knowm.xchart.ChartEncoder;
import org.knowm.xchart.XYChart;
import org.knowm.xchart.XYChartBuilder;
import org.knowm.xchart.XYSeries;
import org.knowm.xchart.style.Styler;
import org.knowm.xchart.style.markers.SeriesMarkers;

/** Pictures of results, as PNG; drawn without a display, also where one is named. */
final class Charts {
  // Before the first class of AWT, which looks for a display only once.
  static {
    System.setProperty("java.awt.headless", "true");
  }

  /** Blue and orange that differ for everyone, also in grey. */
  private static final Color LSTM = new Color(0x1f5fa8);

  private static final Color RNN = new Color(0xd97706);
  private static final Color[] SERIES = {
    RNN, LSTM, new Color(0x15803d), new Color(0x7c3aed), new Color(0xbe123c), new Color(0x0e7490)
  };
  private static final Color GUESSING = new Color(0x6b7280);
  private static final Color GRID = new Color(0xe5e7eb);
  private static final DecimalFormat PERCENT =
      new DecimalFormat("0.##%", DecimalFormatSymbols.getInstance(Locale.ROOT));
  private static final int MOST_POINTS = 400;

  private Charts() {}

  /** Share of right answers over the distance. */
  static byte[] accuracy(List<DemoReport.Score> scores) {
    XYChart chart =
        chart(
            "How far back a network remembers",
            "words between the country and its language",
            "right answers, %");
    double[] distances = scores.stream().mapToDouble(DemoReport.Score::distance).toArray();
    double guessing = 100.0 / DemoGrammar.languages();
    line(chart, "LSTM", LSTM, distances, scores.stream().mapToDouble(s -> 100 * s.lstm()).toArray())
        .setMarker(SeriesMarkers.CIRCLE);
    line(
            chart,
            "plain RNN",
            RNN,
            distances,
            scores.stream().mapToDouble(s -> 100 * s.rnn()).toArray())
        .setMarker(SeriesMarkers.SQUARE);
    line(
            chart,
            "guessing",
            GUESSING,
            distances,
            DoubleStream.of(distances).map(d -> guessing).toArray())
        .setLineStyle(dashed());
    chart.getStyler().setYAxisMin(0.0).setYAxisMax(105.0).setXAxisMin(0.0);
    return png(chart);
  }

  /** Loss over the updates. */
  static byte[] loss(List<Double> lstm, List<Double> rnn) {
    XYChart chart = chart("Training", "updates", "loss, nats per sentence");
    lossLine(chart, "LSTM", LSTM, lstm);
    lossLine(chart, "plain RNN", RNN, rnn);
    chart.getStyler().setYAxisMin(0.0).setXAxisMin(0.0);
    return png(chart);
  }

  private static void lossLine(XYChart chart, String name, Color color, List<Double> losses) {
    int[] shown =
        IntStream.range(0, losses.size())
            .filter(i -> i % Math.ceilDiv(losses.size(), MOST_POINTS) == 0)
            .toArray();
    line(
        chart,
        name,
        color,
        IntStream.of(shown).mapToDouble(i -> i + 1).toArray(),
        IntStream.of(shown).mapToDouble(losses::get).toArray());
  }

  /** Training and validation loss over the epochs. */
  static byte[] epochs(List<LossCurve.Point> training, List<LossCurve.Point> validation) {
    XYChart chart = chart("Loss", "epochs", "nats per character");
    epochLine(chart, "training", LSTM, training);
    epochLine(chart, "validation", RNN, validation);
    return png(chart);
  }

  private static void epochLine(
      XYChart chart, String name, Color color, List<LossCurve.Point> points) {
    if (!points.isEmpty()) {
      line(
              chart,
              name,
              color,
              points.stream().mapToDouble(LossCurve.Point::epoch).toArray(),
              points.stream().mapToDouble(LossCurve.Point::loss).toArray())
          .setMarker(points.size() > 50 ? SeriesMarkers.NONE : SeriesMarkers.CIRCLE);
    }
  }

  /** Time of a step by percentile, towards the slowest. */
  static byte[] latency(DemoLatency latency) {
    XYChart chart = chart("Time of a step", "share of steps that are no slower", "microseconds");
    double[] oneIn =
        IntStream.rangeClosed(0, 75).mapToDouble(i -> Math.pow(10, i / 25.0)).toArray();
    line(
        chart,
        "LSTM",
        LSTM,
        oneIn,
        DoubleStream.of(oneIn).map(n -> latency.micros(100 - 100 / n)).toArray());
    chart
        .getStyler()
        .setXAxisLogarithmic(true)
        .setXAxisLogarithmicDecadeOnly(true)
        .setXAxisTickLabelsFormattingFunction(n -> PERCENT.format(1 - 1 / n))
        .setYAxisMin(0.0)
        .setLegendVisible(false);
    return png(chart);
  }

  /** Norms of gradients over the steps back, of each network before and after training. */
  static byte[] flow(List<GradientFlowCommand.Measured> all) {
    XYChart chart =
        chart("How much of the gradient is left", "steps back, k", "norm of dL/dh(t-k), to k = 1");
    for (int i = 0; i < all.size(); i++) {
      Color color = SERIES[i % SERIES.length];
      String name = all.get(i).kind().toString();
      line(chart, name + ", trained", color, steps(all.get(i)), all.get(i).after());
      line(chart, name + ", untrained", color, steps(all.get(i)), all.get(i).before())
          .setLineStyle(dashed());
    }
    chart
        .getStyler()
        .setYAxisLogarithmic(true)
        .setYAxisTickLabelsFormattingFunction(norm -> String.format(Locale.ROOT, "%.0e", norm))
        .setXAxisMin(0.0)
        .setLegendFont(new Font(Font.SANS_SERIF, Font.PLAIN, 14));
    return png(chart);
  }

  private static double[] steps(GradientFlowCommand.Measured measured) {
    return IntStream.rangeClosed(1, measured.after().length).asDoubleStream().toArray();
  }

  private static XYChart chart(String title, String x, String y) {
    XYChart chart =
        new XYChartBuilder()
            .width(1200)
            .height(680)
            .title(title)
            .xAxisTitle(x)
            .yAxisTitle(y)
            .build();
    Font text = new Font(Font.SANS_SERIF, Font.PLAIN, 20);
    chart.getStyler().setLocale(Locale.ROOT);
    chart
        .getStyler()
        .setPlotGridLinesColor(GRID)
        .setAxisTickLabelsFont(text)
        .setAxisTitleFont(text)
        .setPlotGridLinesStroke(new BasicStroke(1))
        .setChartBackgroundColor(Color.WHITE)
        .setPlotBorderVisible(false)
        .setChartPadding(24)
        .setChartTitleFont(text.deriveFont(Font.BOLD, 26))
        .setChartTitleBoxVisible(false)
        .setLegendFont(text)
        .setLegendBorderColor(Color.WHITE)
        .setLegendPosition(Styler.LegendPosition.OutsideS)
        .setLegendLayout(Styler.LegendLayout.Horizontal)
        .setMarkerSize(11);
    return chart;
  }

  private static XYSeries line(XYChart chart, String name, Color color, double[] x, double[] y) {
    XYSeries series = chart.addSeries(name, x, y);
    series.setMarker(SeriesMarkers.NONE).setMarkerColor(color);
    series.setLineColor(color);
    series.setLineStyle(new BasicStroke(3.5f, BasicStroke.CAP_ROUND, BasicStroke.JOIN_ROUND));
    return series;
  }

  private static BasicStroke dashed() {
    return new BasicStroke(
        2, BasicStroke.CAP_BUTT, BasicStroke.JOIN_ROUND, 1, new float[] {8, 8}, 0);
  }

  private static byte[] png(XYChart chart) {
    try {
      return ChartEncoder.getBytes(chart, "png");
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
