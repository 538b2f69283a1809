package io.cellbelt.app;

import io.cellbelt.graphs.Carry;
import io.cellbelt.graphs.Graph;
import io.cellbelt.graphs.GraphNetwork;
import io.cellbelt.graphs.GraphStream;
import io.cellbelt.graphs.Port;
import io.cellbelt.graphs.ReadyGraph;
import io.cellbelt.graphs.Setup;
import io.cellbelt.graphs.Tensor;
import io.cellbelt.models.ModelFileException;
import io.cellbelt.models.ModelFiles;
import io.cellbelt.models.Models;
import io.cellbelt.models.OpenModel;
import io.cellbelt.models.data.ValueFiles;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/** The models of one folder, and what was recorded of them. */
final class VerifyFolder {
  private static final List<String> MODELS =
      List.of(".onnx", ".keras", ".h5", ".hdf5", ".json", ".nam");

  private static final String RECORDED = "io.safetensors";

  private final Path folder;
  private final Tolerances tolerances;
  private final List<VerifyResult> results = new ArrayList<>();

  VerifyFolder(Path folder, Tolerances tolerances) {
    this.folder = folder;
    this.tolerances = tolerances;
  }

  List<VerifyResult> run() {
    captures();
    for (Path model : files(MODELS)) {
      String name = name(model);
      List<Path> recordings = recordings(model);
      if (recordings.isEmpty()) {
        continue;
      }
      try (OpenModel.AnyGraph open = Models.openGraph(model)) {
        GraphNetwork graph = open.graph();
        for (Path recording : recordings) {
          try {
            verify(name, graph, recording);
          } catch (IllegalArgumentException | IllegalStateException | ModelFileException e) {
            results.add(VerifyResult.failed(name, name(recording), e.getMessage()));
          }
        }
      } catch (ModelFileException e) {
        results.add(VerifyResult.failed(name, "", e.getMessage()));
      }
    }
    if (results.isEmpty() && isStateDictionary()) {
      results.add(
          VerifyResult.skipped(
              String.valueOf(folder.getFileName()),
              "a state dictionary says no wiring, so there is no graph to run"));
    }
    return results;
  }

  /** Whether there are recorded values beside tensors, and no model that they could belong to. */
  private boolean isStateDictionary() {
    return files(MODELS).isEmpty()
        && files(List.of(".safetensors")).size() > 1
        && Files.exists(folder.resolve(RECORDED));
  }

  /** Single recurrent nodes with what went in and came out, which need no model beside them. */
  private void captures() {
    for (Path file : files(List.of(".safetensors"))) {
      String name = folder.getFileName() + "/" + file.getFileName();
      try {
        Map<String, String> metadata = ModelFiles.inspect(file).metadata();
        if (!metadata.containsKey("op")) {
          continue;
        }
        Map<String, Tensor> values = ValueFiles.read(file);
        if (VerifyCapture.is(metadata, values)) {
          try (GraphNetwork network = new GraphNetwork(VerifyCapture.graph(metadata, values))) {
            Map<String, Tensor> inputs = new LinkedHashMap<>(values);
            inputs.keySet().retainAll(network.graph().inputs().stream().map(Port::name).toList());
            network
                .run(inputs)
                .forEach((output, got) -> compare(name, output, output, got, values.get(output)));
          }
        }
      } catch (IllegalArgumentException | ModelFileException e) {
        results.add(VerifyResult.failed(name, "", e.getMessage()));
      }
    }
  }

  private String name(Path file) {
    Path parent = folder.getFileName();
    return parent + (files(MODELS).size() > 1 ? "/" + file.getFileName() : "");
  }

  private List<Path> files(List<String> endings) {
    try (Stream<Path> inside = Files.list(folder)) {
      return inside
          .filter(Files::isRegularFile)
          .filter(file -> endings.stream().anyMatch(file.toString()::endsWith))
          .filter(file -> !file.toString().endsWith(".index.json"))
          .filter(file -> !file.toString().endsWith("weights.h5"))
          .sorted()
          .toList();
    } catch (IOException e) {
      throw new Failure("Cannot list " + folder + ": " + Failure.reason(e) + ".", e);
    }
  }

  /** What belongs to a model: sets of ONNX beside an ONNX model, and recorded runs. */
  private List<Path> recordings(Path model) {
    List<Path> all = new ArrayList<>();
    boolean onnx = model.toString().endsWith(".onnx");
    for (int k = 0; onnx && Files.isDirectory(folder.resolve("test_data_set_" + k)); k++) {
      all.add(folder.resolve("test_data_set_" + k));
    }
    String stem = model.getFileName().toString().replaceAll("\\.[^.]*$", "");
    for (Path file : files(List.of(".safetensors"))) {
      String name = file.getFileName().toString();
      if (name.startsWith("stream") && onnx
          || name.equals(RECORDED)
          || name.equals(stem + ".safetensors") && !stem.equals("model") && !onnx) {
        all.add(file);
      }
    }
    return all;
  }

  private void verify(String model, GraphNetwork network, Path recording)
      throws ModelFileException {
    if (Files.isDirectory(recording)) {
      verifySet(model, network, recording);
      return;
    }
    Map<String, Tensor> values = ValueFiles.read(recording);
    if (values.keySet().stream().anyMatch(name -> name.startsWith("in."))) {
      verifyStream(model, network, recording, values);
    } else {
      verifyRun(model, network, values);
    }
  }

  private void verifySet(String model, GraphNetwork network, Path set) throws ModelFileException {
    Map<String, Tensor> inputs = new LinkedHashMap<>();
    List<Port> ports = network.graph().inputs();
    for (int i = 0; i < ports.size(); i++) {
      Path file = set.resolve("input_" + i + ".pb");
      if (Files.exists(file)) {
        inputs.put(ports.get(i).name(), ValueFiles.read(file).values().iterator().next());
      }
    }
    Map<String, Tensor> outputs = network.run(inputs);
    int i = 0;
    for (Map.Entry<String, Tensor> output : outputs.entrySet()) {
      Path file = set.resolve("output_" + i++ + ".pb");
      if (Files.exists(file)) {
        Tensor expected = ValueFiles.read(file).values().iterator().next();
        compare(
            model,
            set.getFileName() + " " + output.getKey(),
            output.getKey(),
            output.getValue(),
            expected);
      }
    }
  }

  /** Steps of a stream: inputs and outputs by step, states before the first and after the last. */
  private void verifyStream(
      String model, GraphNetwork network, Path recording, Map<String, Tensor> values)
      throws ModelFileException {
    Map<String, String> metadata = ModelFiles.inspect(recording).metadata();
    Setup setup = Setup.DEFAULT.stateless();
    for (String pair : metadata.getOrDefault("carry", "").split(" +")) {
      String[] ends = pair.split("->");
      String[] part = ends[0].split("#");
      setup =
          setup.state(
              part.length == 1
                  ? new Carry(ends[1], part[0])
                  : new Carry(ends[1], part[0], 0, Integer.parseInt(part[1])));
    }
    for (Port port : network.graph().inputs()) {
      Tensor steps = values.get("in." + port.name());
      Tensor constant = values.get("const." + port.name());
      if (constant != null) {
        setup =
            setup.constant(port.name(), port.shape().isEmpty() ? constant.reshaped() : constant);
      } else if (steps != null) {
        setup = setup.shape(port.name(), sizes(steps, 1));
      } else {
        setup = setup.shape(port.name(), sizes(values.get("in0." + port.name()), 0));
      }
    }
    ReadyGraph ready = network.ready(setup);
    try (GraphStream stream = ready.newStream()) {
      for (Carry state : ready.states()) {
        stream.put(state.input(), values.get("in0." + state.input()).floats());
      }
      int count = Integer.parseInt(metadata.get("steps"));
      Map<String, float[]> outputs = new LinkedHashMap<>();
      values.forEach(
          (name, tensor) -> {
            if (name.startsWith("out.")) {
              outputs.put(name.substring(4), new float[tensor.size()]);
            }
          });
      for (int step = 0; step < count; step++) {
        for (String input : ready.inputs().keySet()) {
          stream.put(input, step(values.get("in." + input).floats(), step, count));
        }
        stream.run();
        int at = step;
        outputs.forEach(
            (name, all) -> {
              float[] one = new float[all.length / count];
              stream.get(name, one);
              System.arraycopy(one, 0, all, at * one.length, one.length);
            });
      }
      outputs.forEach(
          (name, all) -> {
            Tensor expected = values.get("out." + name);
            compare(
                model,
                recording.getFileName() + " " + name,
                name,
                Tensor.of(all, expected.shape()),
                expected);
          });
      values.forEach(
          (name, expected) -> {
            if (name.startsWith("last.")) {
              String output = name.substring(5);
              compare(
                  model,
                  recording.getFileName() + " last " + output,
                  output,
                  stream.get(output),
                  expected);
            }
          });
    }
  }

  private static Integer[] sizes(Tensor tensor, int from) {
    return Arrays.stream(tensor.shape()).skip(from).boxed().toArray(Integer[]::new);
  }

  private static float[] step(float[] all, int step, int count) {
    int size = all.length / count;
    return Arrays.copyOfRange(all, step * size, (step + 1) * size);
  }

  /** One run: 'input', and what should come out, as several engines gave it. */
  private void verifyRun(String model, GraphNetwork network, Map<String, Tensor> values) {
    Graph graph = network.graph();
    Tensor input = values.get("input");
    if (input == null) {
      throw new IllegalArgumentException(
          "There is no tensor 'input' among " + values.keySet() + ".");
    }
    Port port = graph.inputs().getFirst();
    Tensor fed = input;
    if (port.shape() != null && port.shape().size() == input.rank() + 1) {
      // One stream, [T, I], as a batch of one.
      fed = input.reshaped(input.shape()[0], 1, input.size() / input.shape()[0]);
    }
    Map<String, Tensor> outputs =
        network.run(Map.of(port.name(), port.type() == null ? fed : fed.as(port.type())));
    Tensor output = outputs.values().iterator().next();
    values.forEach(
        (name, expected) -> {
          if (name.startsWith("expected") && !name.contains("prewarmed")) {
            Tensor shaped =
                output.size() == expected.size() ? output.reshaped(expected.shape()) : output;
            compare(model, name, name, shaped, expected);
          }
        });
  }

  private void compare(String model, String what, String output, Tensor got, Tensor expected) {
    if (!Arrays.equals(got.shape(), expected.shape())) {
      results.add(
          VerifyResult.failed(
              model, what, "it gave " + got + ", but " + expected + " is expected."));
      return;
    }
    double worst = 0;
    double largest = 0;
    for (int i = 0; i < got.size(); i++) {
      double difference = Math.abs(got.doubleAt(i) - expected.doubleAt(i));
      boolean same = Double.compare(got.doubleAt(i), expected.doubleAt(i)) == 0;
      if (!same) {
        worst = Double.isNaN(difference) ? Double.POSITIVE_INFINITY : Math.max(worst, difference);
      }
      largest = Math.max(largest, Math.abs(expected.doubleAt(i)));
    }
    results.add(VerifyResult.of(model, what, worst, tolerances.of(output, largest)));
  }
}
