package io.cellbelt.propertytests.misuse;

import io.cellbelt.bptt.Batch;
import io.cellbelt.bptt.Bptt;
import io.cellbelt.bptt.Clipping;
import io.cellbelt.bptt.Dataset;
import io.cellbelt.bptt.Differentiable;
import io.cellbelt.bptt.FunctionCheck;
import io.cellbelt.bptt.GradientCheck;
import io.cellbelt.bptt.LearningRate;
import io.cellbelt.bptt.Loss;
import io.cellbelt.bptt.RecomputingBptt;
import io.cellbelt.bptt.Sgd;
import io.cellbelt.bptt.TokenWindows;
import io.cellbelt.bptt.Trainer;
import io.cellbelt.cells.Architecture;
import io.cellbelt.cells.Cell;
import io.cellbelt.cells.Input;
import io.cellbelt.cells.Layer;
import io.cellbelt.cells.Lstm;
import io.cellbelt.cells.MicroBatcher;
import io.cellbelt.cells.Network;
import io.cellbelt.cells.Readout;
import io.cellbelt.cells.Stream;
import io.cellbelt.cells.Streams;
import io.cellbelt.cells.Weights;
import io.cellbelt.cells.reference.Vec;
import io.cellbelt.graphs.Graph;
import io.cellbelt.graphs.GraphNetwork;
import io.cellbelt.graphs.GraphStream;
import io.cellbelt.graphs.GraphStreams;
import io.cellbelt.graphs.Node;
import io.cellbelt.graphs.OnnxRecurrent;
import io.cellbelt.graphs.Port;
import io.cellbelt.graphs.ReadyGraph;
import io.cellbelt.graphs.Setup;
import io.cellbelt.kernels.ExclusiveUse;
import io.cellbelt.kernels.Kernels;
import io.cellbelt.kernels.MachineLimits;
import io.cellbelt.kernels.PanelMatrix;
import io.cellbelt.kernels.PanelShape;
import io.cellbelt.kernels.Settling;
import io.cellbelt.kernels.Slab;
import io.cellbelt.models.CustomCellFiles;
import io.cellbelt.models.ModelFiles;
import io.cellbelt.models.Tensor;
import io.cellbelt.models.data.Audio;
import io.cellbelt.models.data.WavEncoding;
import io.cellbelt.models.data.WavReader;
import io.cellbelt.propertytests.extension.LeakyRnn;
import io.cellbelt.propertytests.support.Cells;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import java.util.random.RandomGenerator;
import java.util.stream.IntStream;

/** Good objects of the library, small ones that fit each other: T = 3, B = 4, I = 3, H = 5. */
final class Subjects {
  private static final int STEPS = 3;
  private static final int BATCH = 4;
  private static final int SIZE = 3;
  private static final int HIDDEN = 5;

  /** {@code w²}, summed up. */
  private record Square() implements Differentiable {
    @Override
    public double loss(Map<String, double[]> at) {
      return at.values().stream().flatMapToDouble(Arrays::stream).map(w -> w * w).sum();
    }

    @Override
    public Map<String, double[]> gradient(Map<String, double[]> at) {
      Map<String, double[]> gradient = new LinkedHashMap<>();
      at.forEach((name, w) -> gradient.put(name, Arrays.stream(w).map(d -> 2 * d).toArray()));
      return gradient;
    }
  }

  private final RandomGenerator random;
  private final Values values;
  private final Map<Class<?>, Supplier<?>> makers = new LinkedHashMap<>();

  Subjects(RandomGenerator random, Values values) {
    this.random = random;
    this.values = values;
    make(Cell.class, this::cell);
    make(Architecture.class, this::architecture);
    make(Weights.class, () -> Weights.random(architecture(), 1));
    make(Network.class, () -> new Network(Weights.random(architecture(), 1)));
    make(Stream.class, () -> of(Network.class).newStream());
    make(Streams.class, () -> of(Network.class).newStreams(BATCH));
    make(Trainer.class, this::trainer);
    make(Trainer.Options.class, () -> options(architecture()));
    make(Batch.class, this::batch);
    make(Dataset.class, () -> new TokenWindows(tokens(60), BATCH, STEPS));
    make(Bptt.class, this::bptt);
    make(RecomputingBptt.class, this::recomputing);
    make(Slab.class, () -> Slab.allocate(random.nextInt(1, 5000)));
    make(PanelShape.class, () -> new PanelShape(SIZE, 2, HIDDEN));
    make(PanelMatrix.class, this::matrix);
    make(Kernels.class, () -> new Kernels(4096));
    make(MachineLimits.Load.class, this::load);
    make(Settling.class, () -> Settling.of(0.0001, 0.001, false, List.of(() -> {})));
    make(ExclusiveUse.class, () -> new ExclusiveUse("thing"));
    make(OnnxRecurrent.class, this::onnx);
    make(Graph.class, Subjects::graph);
    make(GraphNetwork.class, () -> new GraphNetwork(graph()));
    make(ReadyGraph.class, () -> of(GraphNetwork.class).ready(Setup.DEFAULT));
    make(GraphStream.class, () -> of(ReadyGraph.class).newStream());
    make(GraphStreams.class, () -> of(ReadyGraph.class).newStreams(2));
    make(Setup.class, () -> Setup.DEFAULT);
    make(
        io.cellbelt.graphs.Tensor.class,
        () -> io.cellbelt.graphs.Tensor.of(new float[] {1, 2, 3, 4, 5, 6}, 2, 3));
    make(Tensor.class, () -> Tensor.of("W", new float[] {1, 2, 3, 4, 5, 6}, 2, 3));
    make(Lstm.Options.class, () -> Lstm.Options.DEFAULT);
    make(FunctionCheck.class, () -> GradientCheck.of(new Square()));
    make(CustomCellFiles.class, () -> ModelFiles.withCells(LeakyRnn.class));
    make(WavReader.class, Subjects::wav);
    make(
        MicroBatcher.class,
        () -> new MicroBatcher((_, count, x, y) -> y[0] = x[0] + count, 1, 1, 2, Duration.ZERO));
    make(Vec.class, () -> Vec.constant(new double[] {1, 2, 3}));
  }

  private static WavReader wav() {
    try {
      Path file = Files.createTempFile("sound", ".wav");
      file.toFile().deleteOnExit();
      new Audio(8000, new float[][] {{0, 0.5f}}).write(file, WavEncoding.FLOAT_32);
      return WavReader.open(file);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private <T> void make(Class<T> type, Supplier<T> maker) {
    makers.put(type, maker);
  }

  boolean makes(Class<?> type) {
    return makers.containsKey(type);
  }

  /** A new one, which {@link Values} closes. */
  <T> T of(Class<T> type) {
    return type.cast(values.opened(makers.get(type).get()));
  }

  private Long seed() {
    return random.nextBoolean() ? 7L : null;
  }

  private Cell cell() {
    Cells[] kinds = Cells.values();
    return random.nextInt(8) == 0
        ? new LeakyRnn(SIZE, HIDDEN, 0.5f)
        : kinds[random.nextInt(kinds.length)].near(SIZE, HIDDEN);
  }

  private Architecture architecture() {
    Input input =
        switch (random.nextInt(4)) {
          case 0, 1 -> new Input.Dense(SIZE);
          case 2 -> new Input.OneHot(SIZE);
          default -> new Input.Embedding(HIDDEN, SIZE);
        };
    Layer layer = Layer.of(cell());
    if (!layer.cell().readsMemoryBelow()) {
      layer = layer.with(List.of(Layer.Direction.values()).get(random.nextInt(3)));
    }
    if (random.nextInt(3) == 0) {
      layer = layer.withDropout(0.5f).withRecurrentDropout(0.2f).withZoneout(0.1f);
    }
    Readout.Attention[] kinds = Readout.Attention.values();
    int kind = random.nextInt(3) == 0 ? random.nextInt(kinds.length) : 0;
    return new Architecture(input, List.of(layer), new Readout(kinds[kind], random.nextInt(3)));
  }

  private Trainer.Options options(Architecture architecture) {
    Loss[] losses = {
      Loss.SOFTMAX_CROSS_ENTROPY,
      Loss.MEAN_SQUARED_ERROR,
      Loss.SIGMOID_CROSS_ENTROPY,
      new Loss.Ctc(0),
      new Loss.Huber(1)
    };
    boolean whole = architecture.readout().perSequence() || architecture.outputSize() < 2;
    Loss loss = losses[whole ? 1 : random.nextInt(losses.length)];
    LearningRate rate =
        random.nextBoolean() ? LearningRate.CONSTANT : new LearningRate.Plateau(1, 0.5);
    Clipping clipping = random.nextBoolean() ? Clipping.NONE : new Clipping.GlobalNorm(1);
    return new Trainer.Options(
        BATCH, STEPS, loss, new Sgd(0.1, 0, false), clipping, rate, random.nextInt(1, 4));
  }

  private Trainer trainer() {
    Architecture architecture = architecture();
    Weights weights = values.opened(Weights.random(architecture, 1));
    return new Trainer(
        weights, options(architecture), random.nextInt(3) == 0 ? Runnable::run : null);
  }

  /** Often one that can be gone back through. */
  private Bptt bptt() {
    Architecture architecture = architecture();
    Weights weights = values.opened(Weights.random(architecture, 1));
    Bptt bptt = values.opened(new Bptt(weights, STEPS, BATCH, seed()));
    int rows = architecture.readout().perSequence() ? BATCH : STEPS * BATCH;
    float[] y = new float[rows * architecture.outputSize()];
    if (architecture.input().tokens() > 0) {
      bptt.forward(tokens(STEPS * BATCH), STEPS, y);
    } else {
      bptt.forward(new float[STEPS * BATCH * SIZE], STEPS, y);
    }
    if (random.nextInt(3) == 0) {
      bptt.backward(y);
    }
    return bptt;
  }

  private RecomputingBptt recomputing() {
    Architecture architecture = Architecture.of(new LeakyRnn(SIZE, HIDDEN, 0.5f));
    Weights weights = values.opened(Weights.random(architecture, 1));
    RecomputingBptt bptt = values.opened(new RecomputingBptt(weights, STEPS, 2, BATCH, seed()));
    float[] y = new float[STEPS * BATCH * HIDDEN];
    bptt.forward(new float[STEPS * BATCH * SIZE], STEPS, null, y);
    if (random.nextInt(3) == 0) {
      bptt.backward(y, null);
    }
    return bptt;
  }

  /** One that fits some of the trainers. */
  private Batch batch() {
    int steps = random.nextInt(1, STEPS + 1);
    int rows = steps * BATCH;
    boolean tokens = random.nextBoolean();
    int outputs = random.nextInt(1, 11);
    int[] lengths = random.nextBoolean() ? null : new int[] {steps, 0, 1, steps};
    int[][] labels = {{1}, null, {}, {2}};
    int kind = random.nextInt(3);
    float[] x = new float[rows * SIZE];
    Arrays.setAll(new Object[x.length], i -> x[i] = random.nextFloat());
    return new Batch(
        steps,
        random.nextBoolean(),
        tokens ? tokens(rows) : null,
        tokens ? null : x,
        kind == 0 ? tokens(rows) : null,
        kind == 1 ? new float[(random.nextBoolean() ? rows : BATCH) * outputs] : null,
        kind == 2 ? labels : null,
        lengths,
        null);
  }

  private int[] tokens(int count) {
    return random.ints(count, 0, 2).toArray();
  }

  private PanelMatrix matrix() {
    PanelMatrix matrix = PanelMatrix.allocate(new PanelShape(SIZE, random.nextInt(1, 3), HIDDEN));
    values.opened(matrix.slab());
    return matrix;
  }

  private MachineLimits.Load load() {
    return random.nextBoolean() ? MachineLimits.multiplying() : MachineLimits.reading(1000);
  }

  /** {@code h' = tanh(x + h)}. */
  private static Graph graph() {
    List<Port.Dimension> shape = List.of(Port.Dimension.of(SIZE));
    io.cellbelt.graphs.ElementType f32 = io.cellbelt.graphs.ElementType.F32;
    return new Graph(
        "state",
        List.of(new Port("x", f32, shape), new Port("state", f32, shape)),
        List.of(new Port("y", f32, shape), new Port("state_next", f32, shape)),
        Map.of(),
        List.of(
            Node.of("Add", List.of("x", "state"), List.of("y"), Map.of()),
            Node.of("Tanh", List.of("y"), List.of("state_next"), Map.of())));
  }

  private OnnxRecurrent onnx() {
    return OnnxRecurrent.of(
        "LSTM",
        Map.of(),
        Map.of(
            "W", io.cellbelt.graphs.Tensor.of(new float[20 * SIZE], 1, 20, SIZE),
            "R", io.cellbelt.graphs.Tensor.of(new float[20 * HIDDEN], 1, 20, HIDDEN)));
  }

  /** What of a subject's state can be told, as text; null where there is nothing. */
  static String state(Object subject) {
    try {
      return switch (subject) {
        case Stream stream ->
            state(stream.stateSize(), (index, state) -> stream.saveState(state), 0);
        case Streams streams ->
            state(
                streams.stateSize(),
                streams::saveState,
                IntStream.range(0, 2 * BATCH + streams.count()).filter(streams::isOpen).toArray());
        case Trainer trainer -> text(trainer.checkpoint());
        case Bptt bptt -> text(bptt.gradients());
        case RecomputingBptt bptt -> text(bptt.gradients());
        case null, default -> null;
      };
    } catch (IllegalStateException e) {
      return null; // closed
    }
  }

  private interface Saver {
    void save(int index, float[] state);
  }

  private static String state(int size, Saver saver, int... indices) {
    List<String> all = new ArrayList<>();
    for (int i : indices) {
      float[] state = new float[size];
      saver.save(i, state);
      all.add(Arrays.toString(state));
    }
    return all.toString();
  }

  private static String text(Map<String, float[]> values) {
    StringBuilder text = new StringBuilder();
    values.forEach((name, floats) -> text.append(name).append(Arrays.toString(floats)));
    return text.toString();
  }
}
