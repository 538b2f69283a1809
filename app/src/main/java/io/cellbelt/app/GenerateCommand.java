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
      description = "What the text starts with (default: the start of a line).")
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
    try (Network network = new Network(model.weights())) {
      Vocabulary vocabulary = Vocabulary.of(file, model);
      SplittableRandom random = seed == null ? new SplittableRandom() : new SplittableRandom(seed);
      Sampler sampler = sampler(vocabulary, random);
      int[] start = start(vocabulary, random);
      try (Stream stream = network.newStream()) {
        write(Console.of(spec), vocabulary, sampler, stream, start);
      }
    }
    return ExitCode.OK;
  }

  private void write(
      Console console, Vocabulary vocabulary, Sampler sampler, Stream stream, int[] start) {
    console.print(prompt);
    float[] logits = new float[vocabulary.size()];
    for (int token : start) {
      stream.step(token, logits);
    }
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

  /** The tokens of the prompt; without one a line break, or any character if there is none. */
  private int[] start(Vocabulary vocabulary, SplittableRandom random) {
    if (!prompt.isEmpty()) {
      return vocabulary.tokens(prompt.codePoints().toArray());
    }
    int newline = vocabulary.toString().indexOf('\n');
    return newline >= 0
        ? vocabulary.tokens(new int[] {'\n'})
        : new int[] {random.nextInt(vocabulary.size())};
  }

  private ParameterException usage(String sentence) {
    return new ParameterException(spec.commandLine(), sentence);
  }
}
