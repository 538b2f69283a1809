package io.cellbelt.app;

import io.cellbelt.cells.Architecture;
import io.cellbelt.cells.Network;
import io.cellbelt.cells.Stream;
import io.cellbelt.graphs.Carry;
import io.cellbelt.graphs.ElementType;
import io.cellbelt.graphs.Graph;
import io.cellbelt.graphs.GraphNetwork;
import io.cellbelt.graphs.GraphStream;
import io.cellbelt.graphs.Port;
import io.cellbelt.graphs.Port.Dimension;
import io.cellbelt.graphs.ReadyGraph;
import io.cellbelt.graphs.Setup;
import io.cellbelt.graphs.Tensor;
import io.cellbelt.models.ModelFileException;
import io.cellbelt.models.Models;
import io.cellbelt.models.OpenModel;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalInt;

/** A model of any format as {@code cellbelt run} sees it: inputs by name, and streams. */
sealed interface RunModel {
  /** Frames of a block, which is long enough for products of many rows. */
  int BLOCK = 1024;

  /** What may be fed. */
  List<Port> inputs();

  /** Inputs that are certainly no states and have no value of their own. */
  List<Port> mustBeFed();

  /**
   * How many frames a call takes of a long sequence, where the model goes on from one to the next
   * by itself; empty where only the user knows.
   */
  OptionalInt block(Port input, long frames);

  /** The model made ready for sizes. */
  Ready ready(Setup setup);

  /** A model that is ready. Closed with the model. */
  interface Ready {
    /** Inputs that must be fed. */
    List<String> inputs();

    /** Outputs that are no states. */
    List<String> outputs();

    /** A stream at its start, which the caller closes. */
    Calls newCalls();
  }

  /** Calls of a model one after the other. */
  interface Calls extends AutoCloseable {
    /** Sets an input. */
    void put(String input, Tensor value);

    /** Runs the model on what was put. */
    void run();

    /** An output. */
    Tensor get(String output);

    @Override
    void close();
  }

  /** Opens a model with the inputs and outputs of its file, also where it is a stack of layers. */
  static OpenModel open(Path file) throws ModelFileException {
    return Models.isSafetensors(file) ? Models.open(file) : Models.openGraph(file);
  }

  static RunModel of(OpenModel model) {
    return switch (model) {
      case OpenModel.AnyGraph(GraphNetwork graph, var about) -> new OfGraph(graph);
      case OpenModel.Recurrent(Network network, var about) -> new OfNetwork(network);
    };
  }

  /** A graph. */
  record OfGraph(GraphNetwork network) implements RunModel {
    @Override
    public List<Port> inputs() {
      return network.graph().inputs();
    }

    @Override
    public List<Port> mustBeFed() {
      Graph graph = network.graph();
      return graph.inputs().stream()
          .filter(port -> port.type() != null && !port.type().isFloating())
          .filter(port -> !graph.constants().containsKey(port.name()))
          .toList();
    }

    @Override
    public OptionalInt block(Port input, long frames) {
      boolean goesOn =
          input.shape().stream().anyMatch(d -> d.isOpen() && "time".equals(d.symbol()));
      return goesOn ? OptionalInt.of((int) Math.min(frames, BLOCK)) : OptionalInt.empty();
    }

    @Override
    public Ready ready(Setup setup) {
      ReadyGraph ready = network.ready(setup);
      List<String> outputs = new ArrayList<>(ready.outputs().keySet());
      outputs.removeAll(ready.states().stream().map(Carry::output).toList());
      List<String> all = outputs.isEmpty() ? List.copyOf(ready.outputs().keySet()) : outputs;
      return new Ready() {
        @Override
        public List<String> inputs() {
          return List.copyOf(ready.inputs().keySet());
        }

        @Override
        public List<String> outputs() {
          return all;
        }

        @Override
        public Calls newCalls() {
          return new OfStream(ready.newStream());
        }
      };
    }
  }

  /** Calls of a graph. */
  record OfStream(GraphStream stream) implements Calls {
    @Override
    public void put(String input, Tensor value) {
      stream.put(input, value);
    }

    @Override
    public void run() {
      stream.run();
    }

    @Override
    public Tensor get(String output) {
      return stream.get(output);
    }

    @Override
    public void close() {
      stream.close();
    }
  }

  /**
   * A stack of recurrent layers: {@code x}, [time, I] or tokens [time], to {@code y}, [time, O].
   */
  record OfNetwork(Network network) implements RunModel {
    @Override
    public List<Port> inputs() {
      Dimension time = Dimension.open("time");
      Architecture architecture = network.architecture();
      return List.of(
          architecture.input().tokens() > 0
              ? new Port("x", ElementType.I64, List.of(time))
              : new Port(
                  "x", ElementType.F32, List.of(time, Dimension.of(architecture.input().size()))));
    }

    @Override
    public List<Port> mustBeFed() {
      return inputs();
    }

    @Override
    public OptionalInt block(Port input, long frames) {
      long most = network.architecture().needsWholeSequences() ? Integer.MAX_VALUE : BLOCK;
      return OptionalInt.of((int) Math.min(frames, most));
    }

    @Override
    public Ready ready(Setup setup) {
      return new Ready() {
        @Override
        public List<String> inputs() {
          return List.of("x");
        }

        @Override
        public List<String> outputs() {
          return List.of("y");
        }

        @Override
        public Calls newCalls() {
          return new OfSteps(network.architecture(), network.newStream());
        }
      };
    }
  }

  /** Steps of a network, as many in a call as x has. */
  final class OfSteps implements Calls {
    private final Architecture architecture;
    private final Stream stream;
    private Tensor x;
    private Tensor y;

    OfSteps(Architecture architecture, Stream stream) {
      this.architecture = architecture;
      this.stream = stream;
    }

    @Override
    public void put(String input, Tensor value) {
      x = value;
    }

    @Override
    public void run() {
      int steps = x.shape()[0];
      int size = architecture.outputSize();
      float[] all = new float[steps * size];
      if (x.rank() == 1) {
        stream.run(tokens(), all);
      } else {
        stream.run(x.floats(), steps, all);
      }
      y = Tensor.of(all, steps, size);
    }

    private int[] tokens() {
      int[] tokens = new int[x.size()];
      for (int i = 0; i < tokens.length; i++) {
        tokens[i] = Math.clamp((long) x.doubleAt(i), -1, Integer.MAX_VALUE);
      }
      return tokens;
    }

    @Override
    public Tensor get(String output) {
      return y;
    }

    @Override
    public void close() {
      stream.close();
    }
  }
}
