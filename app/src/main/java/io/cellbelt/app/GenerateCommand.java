package io.cellbelt.app;

import io.cellbelt.cells.Network;
import io.cellbelt.cells.Stream;
import io.cellbelt.models.Model;
import io.cellbelt.models.ModelFileException;
import io.cellbelt.models.ModelFiles;
import java.nio.file.Path;
import java.util.SplittableRandom;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.ExitCode;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code cellbelt generate}: text from a character model, as it is produced. */
@Command(
    name = "generate",
    description = "Writes text with a model that 'cellbelt train' made, character by character.",
    sortOptions = false,
    sortSynopsis = false,
    footerHeading = "%nExamples:%n",
    footer = {
      "  cellbelt generate book.safetensors",
      "  cellbelt generate book.safetensors --prompt \"ROMEO:\" --length 2000 --seed 7",
      "  cellbelt generate book.safetensors --temperature 0",
      "  cellbelt generate book.safetensors --length 1000000 | head"
    })
final class GenerateCommand implements Callable<Integer> {
  @Spec private CommandSpec spec;

  @Parameters(index = "0", paramLabel = "MODEL", description = "A model of characters.")
  private Path file;

  @Option(
      names = "--prompt",
      paramLabel = "TEXT",
      preprocessor = Literally.class,
      description =
          "What the text starts with, at the start of a line (default: nothing, so that the model"
              + " writes a line of its choice).")
  private String prompt = "";

  @Option(
      names = "--temperature",
      paramLabel = "T",
      defaultValue = "0.8",
      description =
          "0 always takes the likeliest character, 1 draws as the model says, more is"
              + " bolder (default: ${DEFAULT-VALUE}).")
  private double temperature;

  @Option(
      names = "--length",
      paramLabel = "N",
      defaultValue = "1000",
      description = "Characters to write after the prompt (default: ${DEFAULT-VALUE}).")
  private long length;

  @Option(
      names = "--seed",
      paramLabel = "SEED",
      description = "The same seed gives the same text (default: another one each time).")
  private Long seed;

  @Override
  public Integer call() throws ModelFileException {
    if (length < 0) {
      throw usage("--length must be 0 or more, but is " + length + ".");
    }
    Model model = ModelFiles.read(file);
    model.remarks().forEach(Console.of(spec)::error);
    try (Network network = new Network(model.weights())) {
      Vocabulary vocabulary = Vocabulary.of(file, model);
      SplittableRandom random = seed == null ? new SplittableRandom() : new SplittableRandom(seed);
      Sampler sampler = sampler(vocabulary, random);
      int[] start = vocabulary.tokens(prompt.codePoints().toArray());
      float[] logits = new float[vocabulary.size()];
      try (Stream stream = network.newStream()) {
        new Opening(vocabulary, model).read(stream, logits, start.length > 0);
        for (int token : start) {
          stream.step(token, logits);
        }
        write(Console.of(spec), vocabulary, sampler, stream, logits);
      }
    }
    return ExitCode.OK;
  }

  private void write(
      Console console, Vocabulary vocabulary, Sampler sampler, Stream stream, float[] logits) {
    console.print(prompt);
    for (long i = 0; i < length && !console.closed(); i++) {
      int token = sampler.next(logits);
      console.print(Character.toString(vocabulary.character(token)));
      if (i + 1 < length) {
        stream.step(token, logits);
      }
    }
    console.println();
  }

  private Sampler sampler(Vocabulary vocabulary, SplittableRandom random) {
    try {
      return new Sampler(temperature, vocabulary.size(), random);
    } catch (IllegalArgumentException e) {
      throw usage(e.getMessage());
    }
  }

  private ParameterException usage(String sentence) {
    return new ParameterException(spec.commandLine(), sentence);
  }
}
