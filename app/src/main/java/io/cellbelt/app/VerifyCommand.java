package io.cellbelt.app;

import io.cellbelt.models.ModelFileException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import java.util.stream.Stream;
import picocli.CommandLine.Command;
import picocli.CommandLine.ExitCode;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code cellbelt verify}: models against outputs that were recorded elsewhere. */
@Command(
    name = "verify",
    description = {
      "Runs models on recorded inputs and compares what they give with recorded outputs.",
      "A folder holds a model and test_data_set_K/input_I.pb and output_I.pb, as ONNX's tests do,"
          + " or stream*.safetensors with the steps of a stream, or io.safetensors with 'input' and"
          + " 'expected'. A folder of such folders is run as a whole. Tolerances are those of the"
          + " table in its SOURCES.md, if there is one."
    },
    sortOptions = false,
    sortSynopsis = false,
    footerHeading = "%nExamples:%n",
    footer = {"  cellbelt verify my-model", "  cellbelt verify models --tolerance 1e-5"})
final class VerifyCommand implements Callable<Integer> {
  @Spec private CommandSpec spec;

  @Parameters(arity = "1..*", paramLabel = "DIR", description = "A folder of a model, or of many.")
  private List<Path> folders;

  @Option(
      names = "--tolerance",
      paramLabel = "T",
      description =
          "The largest error where no table says otherwise, times the largest expected value if"
              + " that is over 1 (default: ${DEFAULT-VALUE}).")
  private double tolerance = 1e-4;

  @Option(
      names = "--skip",
      paramLabel = "FILE",
      description = "Folders that do not apply: lines 'FOLDER: reason'.")
  private Path skip;

  @Override
  public Integer call() throws ModelFileException {
    Console console = Console.of(spec);
    SkippedFolders skipped = SkippedFolders.read(skip);
    List<VerifyResult> results = new ArrayList<>();
    console.println(VerifyResult.HEADER);
    for (Path folder : folders) {
      for (Path one : below(folder)) {
        for (VerifyResult result : verify(one, skipped)) {
          console.println(result.line());
          results.add(result);
        }
      }
    }
    if (results.isEmpty()) {
      throw new Failure(
          "Nothing was verified: there is no model with recorded outputs in " + folders + ".");
    }
    long failed = results.stream().filter(VerifyResult::isFailure).count();
    long left = results.stream().filter(VerifyResult::isSkipped).count();
    console.println(
        String.format(
            Locale.ROOT,
            "%d comparisons, %d passed, %d left out, %d failed.",
            results.size(),
            results.size() - failed - left,
            left,
            failed));
    return failed == 0 ? ExitCode.OK : ExitCode.SOFTWARE;
  }

  private List<VerifyResult> verify(Path folder, SkippedFolders skipped) {
    String reason = skipped.reason(String.valueOf(folder.getFileName()));
    if (reason != null) {
      return List.of(VerifyResult.skipped(folder.getFileName().toString(), reason));
    }
    return new VerifyFolder(folder, Tolerances.of(folder, tolerance)).run();
  }

  /** The folder itself, and those in it. */
  private static List<Path> below(Path folder) {
    if (!Files.isDirectory(folder)) {
      throw new Failure("There is no folder " + folder + "; check the path.");
    }
    List<Path> all = new ArrayList<>(List.of(folder.toAbsolutePath().normalize()));
    try (Stream<Path> inside = Files.list(folder.toAbsolutePath().normalize())) {
      inside
          .filter(Files::isDirectory)
          .filter(one -> !one.getFileName().toString().startsWith("test_data_set_"))
          .sorted()
          .forEach(all::add);
    } catch (IOException e) {
      throw new Failure("Cannot list " + folder + ": " + Failure.reason(e) + ".", e);
    }
    return all;
  }
}
