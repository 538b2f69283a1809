package io.cellbelt.propertytests.fuzz;

import static org.assertj.core.api.Assertions.assertThat;

import io.cellbelt.propertytests.conformance.ConformanceFolder;
import io.cellbelt.propertytests.support.Jvm;
import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Every reader under a fuzzer that looks for files which reach new code, for a short time each.
 * What it finds interesting stays in {@code target/fuzz}, so that the next run goes on from there.
 */
@Tag("slow")
final class FuzzTest {
  private static final int SECONDS = Integer.getInteger("cellbelt.fuzz.seconds", 15);

  private static final String INSTRUMENTED =
      "io.cellbelt.models.**:io.jhdf.**:com.google.gson.**:de.siegmar.**";

  /** Models of others to start from, where they are there. */
  private static final Map<FuzzedReader, List<String>> MORE =
      Map.of(
          FuzzedReader.ONNX, List.of("burn_gru_opset3", "burn_rnn_bidirectional", "tract_qlstm"),
          FuzzedReader.KERAS_HDF5, List.of("keras_rnn_grid"),
          FuzzedReader.AUDIO_JSON, List.of("nam_lstm", "rtneural_lstm_torch", "klon_centaur_0"),
          FuzzedReader.SAFETENSORS, List.of("legged_gym_actuator"));

  @ParameterizedTest
  @EnumSource
  void aSentenceOrAModel(FuzzedReader reader) throws IOException {
    Path work = Files.createDirectories(Path.of("target", "fuzz", reader.name()));
    Path corpus = Files.createDirectories(work.resolve("corpus"));
    List<String> arguments =
        new ArrayList<>(
            List.of(
                "--target_class=" + FuzzTarget.class.getName(),
                "--instrumentation_includes=" + INSTRUMENTED,
                "--custom_hook_includes=" + INSTRUMENTED,
                "--reproducer_path=" + work,
                "-artifact_prefix=" + work + File.separator,
                "-max_total_time=" + SECONDS,
                "-max_len=" + FuzzedReader.LONGEST,
                "-timeout=30",
                "-rss_limit_mb=0",
                corpus.toString(),
                reader.folder().toString()));
    for (String folder : MORE.getOrDefault(reader, List.of())) {
      if (Files.isDirectory(ConformanceFolder.ofModels().resolve(folder))) {
        arguments.add(ConformanceFolder.ofModels().resolve(folder).toString());
      }
    }
    Jvm done =
        Jvm.run(
            fuzzer(),
            "com.code_intelligence.jazzer.Jazzer",
            FuzzTarget.class,
            List.of("-Xmx512m", "-D" + FuzzTarget.READER + "=" + reader),
            arguments.toArray(String[]::new));
    assertThat(done.exitCode())
        .as(
            "what is found lies in %s; give it a name that begins with 'found', and keep it in %s: %s",
            work.toAbsolutePath(), reader.folder(), done.output())
        .isZero();
    assertThat(done.output()).contains("DONE");
  }

  private static List<Path> fuzzer() {
    List<Path> jars =
        Stream.of("java.class.path", "jdk.module.path")
            .flatMap(key -> Arrays.stream(System.getProperty(key, "").split(File.pathSeparator)))
            .map(Path::of)
            .filter(path -> String.valueOf(path.getFileName()).startsWith("jazzer"))
            .toList();
    assertThat(jars).as("jars of the fuzzer among the dependencies").isNotEmpty();
    return jars;
  }
}
