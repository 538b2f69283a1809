package io.cellbelt.app.examples;

import java.awt.BasicStroke;
import java.awt.Color;
import java.awt.Font;
import java.awt.Graphics2D;
import java.awt.RenderingHints;
import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.text.DecimalFormat;
import java.text.DecimalFormatSymbols;
import java.util.Arrays;
import java.util.Locale;
import javax.imageio.ImageIO;
import org.knowm.xchart.ChartEncoder;
import org.knowm.xchart.XYChart;
import org.knowm.xchart.XYChartBuilder;
import org.knowm.xchart.XYSeries;
import org.knowm.xchart.style.Styler;
import org.knowm.xchart.style.markers.SeriesMarkers;

/** Pictures of sounds and series, as PNG, drawn without a display. */
final class Plots {
  static {
    System.setProperty("java.awt.headless", "true");
  }

  private static final Color GREY = new Color(0x9ca3af);
  private static final Color ORANGE = new Color(0xd97706);
  private static final Color BLUE = new Color(0x1f5fa8);
  private static final Color GRID = new Color(0xe5e7eb);

  /** Points from one side of a picture to the other. */
  private static final int POINTS = 1000;

  private static final int WIDTH = 1200;
  private static final int PANEL = 300;
  private static final int MARGIN = 60;

  /** Loudness from the faintest to the loudest colour. */
  private static final double DECIBELS = 60;

  private static final int[] SHADES = {
    0x000004, 0x1b0c41, 0x4a0c6b, 0x781c6d, 0xa52c60, 0xcf4446, 0xed6925, 0xfb9b06, 0xf7d13d,
    0xfcffa4
  };

  private static final DecimalFormatSymbols SYMBOLS = DecimalFormatSymbols.getInstance(Locale.ROOT);

  private Plots() {}

  /** A line of a plot. */
  record Line(String name, double[] x, double[] y) {}

  /** Lines over each other; the first is grey. */
  static byte[] lines(String title, String xTitle, String yTitle, Line... lines)
      throws IOException {
    XYChart chart =
        new XYChartBuilder()
            .width(WIDTH)
            .height(520)
            .title(title)
            .xAxisTitle(xTitle)
            .yAxisTitle(yTitle)
            .build();
    Font text = new Font(Font.SANS_SERIF, Font.PLAIN, 18);
    chart
        .getStyler()
        .setPlotGridLinesColor(GRID)
        .setAxisTickLabelsFont(text)
        .setAxisTitleFont(text)
        .setChartBackgroundColor(Color.WHITE)
        .setPlotBorderVisible(false)
        .setChartTitleFont(text.deriveFont(Font.BOLD, 22))
        .setChartTitleBoxVisible(false)
        .setLegendFont(text)
        .setLegendBorderColor(Color.WHITE)
        .setLegendPosition(Styler.LegendPosition.OutsideS)
        .setLegendLayout(Styler.LegendLayout.Horizontal)
        .setLocale(Locale.ROOT);
    chart
        .getStyler()
        .setXAxisTickMarkSpacingHint(110)
        .setXAxisMin(0.0)
        .setXAxisTickLabelsFormattingFunction(new DecimalFormat("0.##", SYMBOLS)::format);
    Color[] colours = {GREY, ORANGE, BLUE};
    for (int i = 0; i < lines.length; i++) {
      XYSeries series = chart.addSeries(lines[i].name(), lines[i].x(), lines[i].y());
      series.setMarker(SeriesMarkers.NONE).setMarkerColor(colours[i % colours.length]);
      series.setLineColor(colours[i % colours.length]);
      series.setLineStyle(new BasicStroke(i == 0 ? 1 : 2.5f));
    }
    return ChartEncoder.getBytes(chart, "png");
  }

  /**
   * A sound as the least and the largest of every few samples, which looks as all of them do.
   *
   * @param rate samples in a unit of time
   */
  static Line wave(String name, float[] samples, double rate) {
    int points = Math.min(POINTS, samples.length);
    double[] x = new double[2 * points];
    double[] y = new double[2 * points];
    for (int p = 0; p < points; p++) {
      int from = (int) ((long) p * samples.length / points);
      int to = (int) ((p + 1L) * samples.length / points);
      double least = samples[from];
      double most = samples[from];
      for (int i = from; i < to; i++) {
        least = Math.min(least, samples[i]);
        most = Math.max(most, samples[i]);
      }
      x[2 * p] = from / rate;
      x[2 * p + 1] = from / rate;
      y[2 * p] = least;
      y[2 * p + 1] = most;
    }
    return new Line(name, x, y);
  }

  /**
   * Spectrograms of sounds of one length, below each other: frequency upwards, time to the right.
   */
  static byte[] spectrograms(int rate, String[] titles, float[]... sounds) throws IOException {
    int height = sounds.length * (PANEL + MARGIN) + MARGIN / 2;
    BufferedImage image = new BufferedImage(WIDTH, height, BufferedImage.TYPE_INT_RGB);
    Graphics2D drawing = image.createGraphics();
    drawing.setRenderingHint(
        RenderingHints.KEY_TEXT_ANTIALIASING, RenderingHints.VALUE_TEXT_ANTIALIAS_ON);
    drawing.setColor(Color.WHITE);
    drawing.fillRect(0, 0, WIDTH, height);
    drawing.setFont(new Font(Font.SANS_SERIF, Font.PLAIN, 16));
    double[][][] all = new double[sounds.length][][];
    for (int s = 0; s < sounds.length; s++) {
      all[s] = decibels(sounds[s]);
    }
    double loudest = loudest(all);
    int width = WIDTH - 2 * MARGIN;
    for (int s = 0; s < sounds.length; s++) {
      int top = s * (PANEL + MARGIN) + MARGIN / 2;
      for (int x = 0; x < width; x++) {
        double[] frame = all[s][x * all[s].length / width];
        for (int y = 0; y < PANEL; y++) {
          double value = frame[(PANEL - 1 - y) * frame.length / PANEL];
          image.setRGB(MARGIN + x, top + y, shade(1 + (value - loudest) / DECIBELS));
        }
      }
      drawing.setColor(Color.BLACK);
      drawing.drawString(titles[s], MARGIN, top - 8);
      double seconds = (double) sounds[s].length / rate;
      for (int tick = 0; tick <= seconds; tick += Math.max(1, (int) seconds / 10)) {
        int x = MARGIN + (int) (tick / seconds * width);
        drawing.drawString(tick + " s", x, top + PANEL + 18);
      }
      for (int kilohertz = 0; kilohertz <= rate / 2000; kilohertz += 2) {
        int y = top + PANEL - kilohertz * 2000 * PANEL / rate;
        drawing.drawString(kilohertz + " kHz", 4, Math.max(y + 5, top + 12));
      }
    }
    drawing.dispose();
    ByteArrayOutputStream png = new ByteArrayOutputStream();
    ImageIO.write(image, "png", png);
    return png.toByteArray();
  }

  private static double[][] decibels(float[] sound) {
    Fourier fourier = new Fourier(512, 128);
    double[][] frames = new double[Math.max(1, (sound.length - 512) / 128)][257];
    for (int t = 0; t < frames.length; t++) {
      double[] spectrum = fourier.forward(sound, t * 128);
      for (int f = 0; f <= 256; f++) {
        double power = Math.pow(Math.hypot(spectrum[2 * f], spectrum[2 * f + 1]), 2);
        frames[t][f] = 10 * Math.log10(power + 1e-12);
      }
    }
    return frames;
  }

  /** What only one value in a thousand is louder than: a rumble would make all else dark. */
  private static double loudest(double[][][] all) {
    double[] values =
        Arrays.stream(all)
            .flatMap(Arrays::stream)
            .flatMapToDouble(Arrays::stream)
            .sorted()
            .toArray();
    return values[(int) (values.length * 0.999)];
  }

  private static int shade(double value) {
    double at = Math.clamp(value, 0, 1) * (SHADES.length - 1);
    int low = Math.min((int) at, SHADES.length - 2);
    int colour = 0;
    for (int shift = 0; shift <= 16; shift += 8) {
      int from = SHADES[low] >> shift & 0xff;
      int to = SHADES[low + 1] >> shift & 0xff;
      colour |= (int) Math.round(from + (at - low) * (to - from)) << shift;
    }
    return colour;
  }
}
