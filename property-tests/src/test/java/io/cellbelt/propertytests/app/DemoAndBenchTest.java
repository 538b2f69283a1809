package io.cellbelt.propertytests.app;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The two commands that show and measure, in processes of their own. */
@Tag("process")
final class DemoAndBenchTest {
  @TempDir Path folder;

  /** A language with other digits, which neither CSS nor this test could read. */
  private static final List<String> ARABIC =
      List.of("-Duser.language=ar", "-Duser.country=EG", "-Duser.extensions=u-nu-arab");

  @Test
  void theDemoTellsItsStoryAndWritesItsReport() throws IOException {
    Cellbelt demo = Cellbelt.run(folder, ARABIC, "demo", "--quick", "--out", "report");
    assertThat(demo.errors()).isEmpty();
    assertThat(demo.exitCode()).isZero();
    assertThat(demo.out()).contains("plain RNN", "Gradient check", "passed", "; 0 bytes allocated");
    assertThat(accuracy(demo.out(), 44, 1)).isGreaterThan(90);
    assertThat(accuracy(demo.out(), 44, 2)).isLessThan(50);
    assertThat(Files.readString(folder.resolve("report/report.html")))
        .contains("<html", "</html>")
        .containsPattern("rgba\\(31,95,168,0\\.\\d\\d\\)")
        .doesNotContainPattern("[^\\P{Nd}0-9]")
        .doesNotContain("src=\"http", "href=\"http");
    assertThat(Files.readAllBytes(folder.resolve("report/accuracy.png")))
        .startsWith(0x89, 'P', 'N', 'G');
  }

  /** The percentage in a row of the table of answers: 1 is the LSTM, 2 the plain RNN. */
  private static double accuracy(String out, int distance, int column) {
    Matcher row =
        Pattern.compile("^ *" + distance + " +([\\d.]+) % +([\\d.]+) %$", Pattern.MULTILINE)
            .matcher(out);
    assertThat(row.find()).isTrue();
    return Double.parseDouble(row.group(column));
  }

  @Test
  void aFileInTheWayOfTheReportIsASentence() throws IOException {
    Files.writeString(folder.resolve("taken"), "kept");
    Cellbelt demo = Cellbelt.run(folder, "demo", "--out", "taken");
    assertThat(demo.exitCode()).isEqualTo(1);
    assertThat(demo.errors()).hasSize(1);
    assertThat(Files.readString(folder.resolve("taken"))).isEqualTo("kept");
  }

  @Test
  @Tag("slow")
  void benchMeasuresEveryModeAndWritesWhatItFound() throws IOException {
    Cellbelt bench = Cellbelt.run(folder, "bench", "--quick", "--json", "bench.json");
    assertThat(bench.errors()).isEmpty();
    assertThat(bench.exitCode()).isZero();
    String json = Files.readString(folder.resolve("bench.json"));
    assertThat(json)
        .contains("\"environment\"", "\"weights\": \"f32\"", "\"limit_gflops\"", "\"best_us\"");
    for (String mode : new String[] {"step", "sequence", "batch", "train"}) {
      assertThat(json).contains("\"mode\": \"" + mode + "\"");
    }
    assertThat(Pattern.compile("\"mode\": \"step\"").matcher(json).results()).hasSize(15);
    assertThat(Pattern.compile("\"outside_products_percent\": ").matcher(json).results())
        .hasSize(3);
    for (String format : new String[] {"f32", "bf16", "int8"}) {
      assertThat(json).contains("\"weights\": \"" + format + "\"");
    }
    assertThat(json).contains("\"tiles\"", "\"speed_over_f32\"", "io.cellbelt.kernels.product");
    assertThat(bench.out()).containsPattern("Compiled by C2: .*Gemm\\..*Gemv\\.");
    assertThat(Pattern.compile("\"bytes_per_call\": \\d+,").matcher(json).results())
        .hasSizeGreaterThan(15);
    Matcher fraction = Pattern.compile("\"fraction_of_limit\": ([\\d.]+)").matcher(json);
    assertThat(fraction.results().mapToDouble(match -> Double.parseDouble(match.group(1))))
        .isNotEmpty()
        .allMatch(value -> value > 0);
  }

  @Test
  void badBenchOptionsAreSentences() {
    Cellbelt format = Cellbelt.run(folder, "bench", "--weights", "f33");
    assertThat(format.exitCode()).isEqualTo(2);
    assertThat(format.errors()).hasSize(1);
    Cellbelt cell = Cellbelt.run(folder, "bench", "--cell", "gruu");
    assertThat(cell.exitCode()).isEqualTo(2);
    assertThat(cell.errors()).hasSize(1);
    Cellbelt target = Cellbelt.run(folder, "bench", "--quick", "--json", "no/such/folder.json");
    assertThat(target.exitCode()).isEqualTo(1);
    assertThat(target.errors()).hasSize(1);
  }
}
