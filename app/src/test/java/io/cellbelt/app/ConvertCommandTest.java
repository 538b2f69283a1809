package io.cellbelt.app;

import static org.assertj.core.api.Assertions.assertThat;

import io.cellbelt.cells.Architecture;
import io.cellbelt.cells.Lstm;
import io.cellbelt.cells.Weights;
import io.cellbelt.graphs.Tensor;
import io.cellbelt.models.ModelFiles;
import io.cellbelt.models.data.ValueFiles;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code cellbelt convert}: what is written gives the same numbers. */
class ConvertCommandTest {
  @TempDir Path folder;

  private Path file(String name) {
    return folder.resolve(name);
  }

  @Test
  void writesGraphsAsOnnx() throws Exception {
    Path keras = Shared.file("models/aircraft_rul/model.keras");
    Cellbelt.done("convert", keras, file("wear.onnx"));
    Path input = Shared.file("models/aircraft_rul/test_data_set_0/input_0.pb");
    Cellbelt.done("run", keras, "-i", input, "-o", file("a.npy"));
    Cellbelt.done("run", file("wear.onnx"), "-i", input, "-o", file("b.npy"));
    assertThat(read("b.npy").floats()).containsExactly(read("a.npy").floats());
    Path masked = Shared.file("models/keras_masking_two_lstm/model.h5");
    assertThat(Cellbelt.refused("convert", masked, file("masked.onnx"))).contains("MaskedLSTM");
  }

  private Tensor read(String name) throws Exception {
    return ValueFiles.read(file(name)).values().iterator().next();
  }

  @Test
  void writesStacksAsSafetensors() throws Exception {
    ModelFiles.write(
        file("a.safetensors"),
        Weights.random(Architecture.of(new Lstm(2, 3)), 1),
        Map.of("k", "v"));
    Cellbelt.done("convert", file("a.safetensors"), file("b.safetensors"));
    assertThat(file("b.safetensors")).hasSameBinaryContentAs(file("a.safetensors"));
    Cellbelt.done("convert", file("a.safetensors"), file("a.onnx"));
    Cellbelt.done("convert", file("a.onnx"), file("c.safetensors"));
    Map<String, float[]> there = ModelFiles.read(file("a.safetensors")).weights().values();
    Map<String, float[]> back = ModelFiles.read(file("c.safetensors")).weights().values();
    assertThat(back.keySet()).isEqualTo(there.keySet());
    there.forEach((name, values) -> assertThat(back.get(name)).as(name).isEqualTo(values));
  }

  @Test
  void writesTensorsInOtherFiles() throws Exception {
    Tensor tensor = Tensor.of(new float[] {1, 2.5f, -3, 4}, 2, 2);
    ValueFiles.write(file("a.npz"), Map.of("t", tensor));
    Cellbelt.done("convert", file("a.npz"), file("a.safetensors"));
    Cellbelt.done("convert", file("a.safetensors"), file("a.csv"));
    Cellbelt.done("convert", file("a.csv"), file("b.npy"));
    assertThat(read("b.npy").floats()).containsExactly(tensor.floats());
    assertThat(read("b.npy").shape()).containsExactly(2, 2);
  }

  @Test
  void refusesWhatCannotBe() {
    Path keras = Shared.file("models/aircraft_rul/model.keras");
    assertThat(Cellbelt.refused("convert", keras, file("a.h5"))).contains(".onnx or .safetensors");
    assertThat(Cellbelt.refused("convert", keras, file("a.safetensors")))
        .contains("is no stack of recurrent layers");
    assertThat(Cellbelt.refused("convert", keras, keras)).contains("cannot be the file to write");
  }
}
