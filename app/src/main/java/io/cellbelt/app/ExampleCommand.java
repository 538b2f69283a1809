package io.cellbelt.app;

import io.cellbelt.app.examples.Example;
import io.cellbelt.models.ModelFileException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.ExitCode;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code cellbelt example}: real networks at work. */
@Command(
    name = "example",
    description = {
      "Shows a real network at work.",
      "Each takes the files that docs/examples names, and tells which if there are others."
    },
    sortOptions = false,
    sortSynopsis = false,
    footerHeading = "%nExamples:%n",
    footer = {
      "  cellbelt example silero-vad silero_vad.onnx talk.wav",
      "  cellbelt example gtcrn gtcrn.onnx noisy.wav --out cleaned"
    })
final class ExampleCommand implements Callable<Integer> {
  /** For the help and for completion. */
  static final class Names implements Iterable<String> {
    @Override
    public Iterator<String> iterator() {
      return Example.ALL.keySet().iterator();
    }
  }

  @Spec private CommandSpec spec;

  @Parameters(
      index = "0",
      paramLabel = "NAME",
      completionCandidates = Names.class,
      description = "Which: ${COMPLETION-CANDIDATES}.")
  private String name;

  @Parameters(index = "1..*", paramLabel = "FILE", description = "The model and what it is run on.")
  private List<Path> files = new ArrayList<>();

  @Option(
      names = "--out",
      paramLabel = "DIR",
      description = "Where pictures and sounds go (default: ${DEFAULT-VALUE}).")
  private Path out = Path.of(".");

  @Override
  public Integer call() throws ModelFileException {
    Example example = Example.ALL.get(name);
    if (example == null) {
      throw new Failure(
          "There is no example '" + name + "'; there are " + Example.ALL.keySet() + ".");
    }
    if (files.size() != example.files().split(" ").length) {
      throw new Failure(
          "The example takes other files; call 'cellbelt example "
              + name
              + " "
              + example.files()
              + "'. docs/examples tells where they are from.");
    }
    try {
      Files.createDirectories(out);
      example.run(files, out, Console.of(spec)::println);
    } catch (ModelFileException e) {
      throw e;
    } catch (IOException e) {
      throw new Failure("The example ended early: " + Failure.reason(e) + ".", e);
    }
    return ExitCode.OK;
  }
}
