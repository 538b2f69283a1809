package io.cellbelt.graphs;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicBoolean;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;

/** What graphs and their streams refuse, and how they say so. */
class StreamRefusalTest {
  private static void refused(ThrowingCallable call, String... parts) {
    assertThatThrownBy(call)
        .isInstanceOfAny(IllegalArgumentException.class, IllegalStateException.class)
        .message()
        .contains(parts)
        .endsWith(".");
  }

  @Test
  void refusalsAreSentences() {
    try (GraphNetwork network = new GraphNetwork(CellGraph.cell())) {
      refused(() -> network.ready(Setup.DEFAULT.shape("z", 1)), "no inputs [z]");
      refused(() -> network.ready(Setup.DEFAULT.shape("x", 1, 4)), "'x' F32 [1, 3]", "[1, 4]");
      refused(() -> network.ready(Setup.DEFAULT.shape("x", 3)), "'x' F32 [1, 3]", "[3]");
      refused(
          () -> network.ready(Setup.DEFAULT.constant("x", Tensor.of(new double[3], 1, 3))),
          "was given as F64 [1, 3]");
      refused(() -> network.run(Map.of("x", CellGraph.random(1, 1, 3))), "input", "'h'");
      GraphStream stream = network.ready(Setup.DEFAULT).newStream();
      refused(() -> stream.put("z", new float[1]), "no input 'z'", "[x, h]");
      refused(() -> stream.put("x", new float[2]), "input 'x' is F32 [1, 3]", "floats of length 2");
      refused(() -> stream.put("x", new float[4]), "an array of length 3", "floats of length 4");
      refused(
          () -> stream.put("x", CellGraph.random(1, 3)), "The input 'x' is F32 [1, 3]", "F32 [3]");
      refused(() -> stream.put("x", Tensor.of(new long[3], 1, 3)), "'x' is F32 [1, 3]", "I64");
      refused(() -> stream.get("z"), "no output 'z'", "[y, hn]");
      refused(() -> stream.get("y", new float[4]), "output 'y' is F32 [1, 5]", "of length 4");
      refused(() -> stream.get("y", new float[6]), "an array of length 5", "floats of length 6");
      refused(() -> stream.step(new float[2], new float[5]), "'x' is F32 [1, 3]");
      refused(() -> stream.step(new float[6], new float[5]), "'x' is F32 [1, 3]", "length 6");
      refused(() -> stream.step(new float[3], new float[4]), "'y' is F32 [1, 5]");
      refused(() -> stream.step(new float[3], new float[9]), "'y' is F32 [1, 5]", "length 9");
      refused(() -> stream.saveState(new float[6]), "5 floats", "array of 6");
      refused(() -> stream.restoreState(new float[4]), "5 floats", "array of 4");
      refused(network::close, "in use");
      stream.close();
      stream.close();
      refused(stream::run, "The stream is closed");
    }
    GraphNetwork closed = new GraphNetwork(CellGraph.cell());
    ReadyGraph ready = closed.ready(Setup.DEFAULT);
    closed.close();
    closed.close();
    refused(ready::newStream, "closed");
    refused(() -> closed.ready(Setup.DEFAULT), "closed");
    try (GraphNetwork network = new GraphNetwork(CellGraph.cell());
        GraphStream stream = network.ready(Setup.DEFAULT.stateless()).newStream()) {
      refused(() -> stream.step(new float[3], new float[5]), "the inputs [x, h]", "use put, run");
    }
  }

  @Test
  void sizesThatNobodyGaveAreNamed() {
    List<Port.Dimension> shape = List.of(Port.Dimension.open("n"), Port.Dimension.open("samples"));
    Graph graph =
        new Graph(
            "",
            List.of(new Port("x", ElementType.F32, shape)),
            List.of(new Port("y", null, null)),
            Map.of("w", CellGraph.random(1, 3, 2)),
            List.of(CellGraph.node("MatMul", "y", "x", "w")));
    try (GraphNetwork network = new GraphNetwork(graph)) {
      refused(
          () -> network.ready(Setup.DEFAULT),
          "MatMul",
          ". The model leaves sizes open, which were taken as 1: 'x' F32 [n, samples] as [1, 1].",
          "Setup.DEFAULT.shape(\"x\", 1, 1)");
      assertThatThrownBy(() -> network.ready(Setup.DEFAULT.shape("x", 1, 4)))
          .hasMessageContaining("MatMul")
          .hasMessageNotContaining("open");
      assertThat(network.ready(Setup.DEFAULT.shape("x", 1, 3)).outputs().get("y"))
          .containsExactly(1, 2);
    }
  }

  @Test
  void statesThatDoNotFit() {
    Graph graph =
        new Graph(
            "",
            List.of(CellGraph.port("p", 1, 2), CellGraph.port("q", 1, 2)),
            List.of(CellGraph.port("all", 1, 4)),
            Map.of(),
            List.of(
                Node.of(
                    "Concat",
                    List.of("p", "q"),
                    List.of("all"),
                    Map.of("axis", new Attribute.Whole(1)))));
    try (GraphNetwork network = new GraphNetwork(graph)) {
      String sentence = "both must have one type and shape";
      for (Carry carry :
          List.of(
              new Carry("p", "all"),
              new Carry("p", "all", 0, 0),
              new Carry("p", "all", 1, 3),
              new Carry("p", "all", 1, -1),
              new Carry("p", "all", 2, 0))) {
        refused(() -> network.ready(Setup.DEFAULT.state(carry)), carry.toString(), sentence);
      }
      refused(
          () -> network.ready(Setup.DEFAULT.state(new Carry("nobody", "all"))),
          "names no input of floats and output");
    }
  }

  @Test
  void anotherThreadIsRefused() throws InterruptedException {
    AtomicBoolean refused = new AtomicBoolean();
    CountDownLatch started = new CountDownLatch(1);
    try (GraphNetwork network = new GraphNetwork(CellGraph.cell());
        GraphStream stream = network.ready(Setup.DEFAULT).newStream()) {
      Runnable untilRefused =
          () -> {
            started.countDown();
            while (!refused.get()) {
              try {
                stream.run();
              } catch (IllegalStateException e) {
                assertThat(e).hasMessageContaining("used by another thread");
                refused.set(true);
              }
            }
          };
      Thread other = new Thread(untilRefused);
      other.start();
      started.await();
      untilRefused.run();
      other.join();
    }
    assertThat(refused).isTrue();
  }
}
