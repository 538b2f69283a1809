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
          + " table in its SOURCES.md, if there is one, unless --tolerance is given."
    },
    sortOptions = false,
    sortSynopsis = false,
    footerHeading = "%nExamples:%n",
    footer = {"  cellbelt verify my-model", "  cellbelt verify models --tolerance 1e-5"})
final class VerifyCommand implements Callable<Integer> {
  private static final double DEFAULT_TOLERANCE = 1e-4;

  @Spec private CommandSpec spec;

  @Parameters(arity = "1..*", paramLabel = "DIR", description = "A folder of a model, or of many.")
  private List<Path> folders;

  @Option(
      names = "--tolerance",
      paramLabel = "T",
      description =
          "The largest error of every output, times the largest expected value if that is over 1,"
              + " whatever a table says; 0 is exact, and more is never less than 16 units in the"
              + " last place (default: as the table says, or 1e-4).")
  private Double tolerance;

  @Option(
      names = "--skip",
      paramLabel = "FILE",
      description = "Folders that do not apply: lines 'FOLDER: reason'.")
  private Path skip;

  @Override
  public Integer call() throws ModelFileException {
    Console console = Console.of(spec);
    SkippedFolders skipped = SkippedFolders.read(skip);
    if (tolerance != null && !(tolerance >= 0)) {
      throw new Failure("The tolerance is 0 or more, but got " + tolerance + ".");
    }
    List<Path> all = folders.stream().flatMap(folder -> below(folder).stream()).toList();
    List<VerifyResult> results = new ArrayList<>();
    try (Progress progress = console.progress("verifying", all.size())) {
      for (Path folder : all) {
        results.addAll(verify(folder, skipped));
        progress.step(1);
      }
    }
    if (results.isEmpty()) {
      throw new Failure(
          "Nothing was verified: there is no model with recorded outputs in "
              + String.join(", ", folders.stream().map(Path::toString).toList())
              + "; 'cellbelt verify --help' tells what a folder holds.");
    }
    VerifyResult.table(results).forEach(console::println);
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
    Tolerances tolerances =
        tolerance == null
            ? Tolerances.of(folder, DEFAULT_TOLERANCE)
            : new Tolerances("", tolerance);
    return new VerifyFolder(folder, tolerances).run();
  }

  /** The folder itself, and those in it. */
  private static List<Path> below(Path folder) {
    Path absolute = folder.toAbsolutePath().normalize();
    if (Files.exists(absolute) && !Files.isDirectory(absolute)) {
      throw new Failure(
          folder
              + " is a file, but verify takes the folder of a model with its recorded inputs and"
              + " outputs; name that"
              + (folder.getParent() == null ? "." : ", such as " + folder.getParent() + "."));
    }
    if (!Files.exists(absolute)) {
      throw new Failure("There is no folder " + folder + "; check the path.");
    }
    List<Path> all = new ArrayList<>(List.of(absolute));
    try (Stream<Path> inside = Files.list(absolute)) {
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
