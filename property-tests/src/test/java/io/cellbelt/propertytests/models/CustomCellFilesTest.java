package io.cellbelt.propertytests.models;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.cellbelt.cells.Architecture;
import io.cellbelt.cells.CustomCell;
import io.cellbelt.cells.CustomKernel;
import io.cellbelt.cells.Input;
import io.cellbelt.cells.Layer;
import io.cellbelt.cells.Layer.Direction;
import io.cellbelt.cells.Lstm;
import io.cellbelt.cells.Readout;
import io.cellbelt.cells.Schedule;
import io.cellbelt.cells.Weights;
import io.cellbelt.cells.reference.ReferenceCell;
import io.cellbelt.models.Model;
import io.cellbelt.models.ModelFileException;
import io.cellbelt.models.ModelFiles;
import io.cellbelt.propertytests.extension.LeakyRnn;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.function.DoubleUnaryOperator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Files hold cells that the library does not know, once it was told of them. */
class CustomCellFilesTest {
  private static final Architecture STACK =
      new Architecture(
          new Input.Dense(3),
          List.of(
              Layer.of(new LeakyRnn(3, 4, 0.7f)).with(Direction.BIDIRECTIONAL).withDropout(0.1f),
              Layer.of(new Lstm(8, 5)),
              Layer.of(new LeakyRnn(5, 2, 1 / 3f))),
          Readout.linear(2));

  @TempDir Path folder;

  /** What a custom cell's record must not be. */
  interface Unusable extends CustomCell {
    @Override
    default int inputSize() {
      return 1;
    }

    @Override
    default int hiddenSize() {
      return 1;
    }

    @Override
    default String kind() {
      return "unusable";
    }

    @Override
    default Schedule schedule() {
      throw new UnsupportedOperationException();
    }

    @Override
    default CustomKernel kernel() {
      throw new UnsupportedOperationException();
    }

    @Override
    default ReferenceCell reference() {
      throw new UnsupportedOperationException();
    }
  }

  /** No record. */
  public static final class NoRecord implements Unusable {}

  /** Not public. */
  record Hidden(int size) implements Unusable {}

  /** Nothing to tell it by. */
  public record Empty() implements Unusable {}

  /** A function is nothing for JSON. */
  public record WithFunction(int size, DoubleUnaryOperator f) implements Unusable {}

  /** Nor are lists of such. */
  public record WithList(int size, List<Object> all) implements Unusable {}

  /** The layer has a dropout, too. */
  public record WithDropout(int size, float dropout) implements Unusable {}

  /** A cell with the name of the library's. */
  public record Lstm2(int size) implements Unusable {
    /** The name counts without what is around it. */
    public record Gru(int size) implements Unusable {}
  }

  @Test
  void readsWhatWasWritten() throws IOException {
    Path file = folder.resolve("leaky.safetensors");
    var files = ModelFiles.withCells(LeakyRnn.class);
    Weights weights = Weights.random(STACK, 3);
    files.write(file, weights, Map.of("by", "test"));
    Model model = files.read(file);
    Weights read = model.weights();
    assertThat(read.architecture()).isEqualTo(STACK);
    assertThat(model.metadata()).isEqualTo(Map.of("by", "test"));
    assertThat(read.values()).usingRecursiveComparison().isEqualTo(weights.values());
    assertThat(ModelFiles.inspect(file).architecture())
        .get()
        .asString()
        .contains("{\"kind\":\"leakyrnn\",\"inputSize\":3,\"hiddenSize\":4,\"keep\":0.7,");
  }

  @Test
  void modelsOfTheLibraryAreAsEver() throws IOException {
    Path one = folder.resolve("one.safetensors");
    Path two = folder.resolve("two.safetensors");
    Weights weights = Weights.random(Architecture.of(new Lstm(2, 3)), 1);
    ModelFiles.write(one, weights, Map.of());
    ModelFiles.withCells(LeakyRnn.class).write(two, weights, Map.of());
    assertThat(two).hasSameBinaryContentAs(one);
  }

  @Test
  void cellsThatItWasNotToldOfAreNamed() throws IOException {
    Path file = folder.resolve("leaky.safetensors");
    Weights weights = Weights.random(STACK, 3);
    assertThatThrownBy(() -> ModelFiles.write(file, weights, Map.of()))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("LeakyRnn[inputSize=3")
        .hasMessageContaining("ModelFiles.withCells(");
    assertThat(file).doesNotExist();
    ModelFiles.withCells(LeakyRnn.class).write(file, weights, Map.of());
    assertThatThrownBy(() -> ModelFiles.read(file))
        .isInstanceOf(ModelFileException.class)
        .hasMessageContaining(
            "but is \"leakyrnn\". If it is a cell of your own, read the file with")
        .hasMessageContaining("ModelFiles.withCells(");
    assertThat(ModelFiles.inspect(file).remarks()).singleElement().asString().contains("leakyrnn");
  }

  @Test
  void numbersThatTheCellRefusesAreRefusedWithItsSentence() throws IOException {
    Path file = folder.resolve("leaky.safetensors");
    Path wrong = folder.resolve("wrong.safetensors");
    var files = ModelFiles.withCells(LeakyRnn.class);
    Weights weights = Weights.random(STACK, 3);
    files.write(file, weights, Map.of());
    byte[] bytes = Files.readAllBytes(file);
    String text = new String(bytes, StandardCharsets.ISO_8859_1);
    Files.write(
        wrong, text.replace("keep\\\":0.7", "keep\\\":1.7").getBytes(StandardCharsets.ISO_8859_1));
    assertThatThrownBy(() -> files.read(wrong))
        .isInstanceOf(ModelFileException.class)
        .hasMessageContaining("A leak keeps 0 to 1 of h, but got 1.7.");
  }

  @Test
  void whatJsonCannotHoldIsRefused() {
    refused("is no record with such", NoRecord.class);
    refused("is no record with such", Empty.class);
    refused("make it public", Hidden.class);
    refused("the component 'f' of ", WithFunction.class);
    refused("is of the type java.util.List<java.lang.Object>", WithList.class);
    refused("has components that layers have in files, [dropout]", WithDropout.class);
    refused("would have the kind 'gru', which is that of ", Lstm2.Gru.class);
    assertThatThrownBy(() -> ModelFiles.withCells(LeakyRnn.class, LeakyRnn.class))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("would have the kind 'leakyrnn'");
  }

  private static void refused(String sentence, Class<? extends CustomCell> type) {
    assertThatThrownBy(() -> ModelFiles.withCells(type))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining(sentence);
  }
}
