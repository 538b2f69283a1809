package io.cellbelt.peers;

import static org.bytedeco.dnnl.memory.format_tag.any;
import static org.bytedeco.dnnl.memory.format_tag.ldgo;
import static org.bytedeco.dnnl.memory.format_tag.ldgoi;
import static org.bytedeco.dnnl.memory.format_tag.ldnc;
import static org.bytedeco.dnnl.memory.format_tag.tnc;

import io.cellbelt.peers.OneDnn.Argument;
import io.cellbelt.peers.OneDnn.Call;
import java.util.ArrayList;
import java.util.List;
import org.bytedeco.dnnl.dnnl_version_t;
import org.bytedeco.dnnl.global.dnnl;
import org.bytedeco.dnnl.global.dnnl.prop_kind;
import org.bytedeco.dnnl.global.dnnl.rnn_direction;
import org.bytedeco.dnnl.lstm_backward;
import org.bytedeco.dnnl.lstm_forward;
import org.bytedeco.dnnl.memory;

/** oneDNN's LSTM, weights in the forms it asks for. */
final class OneDnnEngine implements Engine {
  private static final rnn_direction DIRECTION = rnn_direction.unidirectional_left2right;

  /** The descriptors of a problem in plain forms, and with weights in any form. */
  private record Descs(
      memory.desc x,
      memory.desc y,
      memory.desc state,
      memory.desc w,
      memory.desc u,
      memory.desc anyW,
      memory.desc anyU,
      memory.desc b) {
    static Descs of(Problem p) {
      long[] w = {1, 1, p.input(), Problem.GATES, p.hidden()};
      long[] u = {1, 1, p.hidden(), Problem.GATES, p.hidden()};
      return new Descs(
          OneDnn.desc(tnc, p.steps(), p.batch(), p.input()),
          OneDnn.desc(tnc, p.steps(), p.batch(), p.hidden()),
          OneDnn.desc(ldnc, 1, 1, p.batch(), p.hidden()),
          OneDnn.desc(ldgoi, w),
          OneDnn.desc(ldgoi, u),
          OneDnn.desc(any, w),
          OneDnn.desc(any, u),
          OneDnn.desc(ldgo, 1, 1, Problem.GATES, p.hidden()));
    }
  }

  @Override
  public String name() {
    return "onednn";
  }

  @Override
  public String version() {
    dnnl_version_t version = dnnl.dnnl_version();
    return version.major() + "." + version.minor() + "." + version.patch();
  }

  @Override
  public Task prepare(Problem problem) {
    return problem.mode() == Mode.TRAIN ? new Training(problem) : new Inference(problem);
  }

  private static final class Inference implements Task {
    private final String implementation;
    private final memory y;
    private final memory[] h;
    private final memory[] c;
    private final Call[] calls;

    /** Which of two places the states are in: calls read one and write the other, in turn. */
    private int current;

    Inference(Problem p) {
      Descs d = Descs.of(p);
      var description =
          new lstm_forward.primitive_desc(
              OneDnn.cpu(),
              prop_kind.forward_inference,
              DIRECTION,
              d.x,
              d.state,
              d.state,
              d.anyW,
              d.anyU,
              d.b,
              d.y,
              d.state,
              d.state);
      implementation = description.impl_info_str().getString();
      memory x = OneDnn.of(d.x, p.x());
      memory w = OneDnn.to(description.weights_layer_desc(), OneDnn.of(d.w, p.w()));
      memory u = OneDnn.to(description.weights_iter_desc(), OneDnn.of(d.u, p.u()));
      memory b = OneDnn.of(d.b, p.b());
      y = OneDnn.zeros(d.y);
      h = new memory[] {OneDnn.zeros(d.state), OneDnn.zeros(d.state)};
      c = new memory[] {OneDnn.zeros(d.state), OneDnn.zeros(d.state)};
      lstm_forward forward = new lstm_forward(description);
      calls = new Call[2];
      for (int from = 0; from < 2; from++) {
        calls[from] =
            OneDnn.call(
                forward,
                List.of(
                    new Argument(dnnl.DNNL_ARG_SRC_LAYER, x),
                    new Argument(dnnl.DNNL_ARG_SRC_ITER, h[from]),
                    new Argument(dnnl.DNNL_ARG_SRC_ITER_C, c[from]),
                    new Argument(dnnl.DNNL_ARG_WEIGHTS_LAYER, w),
                    new Argument(dnnl.DNNL_ARG_WEIGHTS_ITER, u),
                    new Argument(dnnl.DNNL_ARG_BIAS, b),
                    new Argument(dnnl.DNNL_ARG_DST_LAYER, y),
                    new Argument(dnnl.DNNL_ARG_DST_ITER, h[1 - from]),
                    new Argument(dnnl.DNNL_ARG_DST_ITER_C, c[1 - from])));
      }
    }

    @Override
    public void run() {
      calls[current].run();
      current = 1 - current;
    }

    @Override
    public String implementation() {
      return implementation;
    }

    @Override
    public Results results() {
      return new Results()
          .with("y", OneDnn.array(y))
          .with("h", OneDnn.array(h[current]))
          .with("c", OneDnn.array(c[current]));
    }

    @Override
    public void close() {
      // The binding frees what nothing refers to any more.
    }
  }

  private static final class Training implements Task {
    private final String implementation;
    private final Descs descs;
    private final memory y;
    private final memory dx;
    private final memory dw;
    private final memory du;
    private final memory db;
    private final Call forward;
    private final Call backward;

    Training(Problem p) {
      Descs d = Descs.of(p);
      descs = d;
      // Sequences start from zero states, with gradients of them, as in Cellbelt; where no states
      // are
      // given, oneDNN 3.13.0 computes wrong gradients of U. Nothing is asked about the last states.
      memory.desc none = new memory.desc();
      var ahead =
          new lstm_forward.primitive_desc(
              OneDnn.cpu(),
              prop_kind.forward_training,
              DIRECTION,
              d.x,
              d.state,
              d.state,
              d.anyW,
              d.anyU,
              d.b,
              d.y,
              none,
              none);
      var back =
          new lstm_backward.primitive_desc(
              OneDnn.cpu(),
              prop_kind.backward,
              DIRECTION,
              d.x,
              d.state,
              d.state,
              d.anyW,
              d.anyU,
              d.b,
              d.y,
              none,
              none,
              d.x,
              d.state,
              d.state,
              d.anyW,
              d.anyU,
              d.b,
              d.y,
              none,
              none,
              ahead);
      implementation = ahead.impl_info_str().getString() + ", " + back.impl_info_str().getString();
      memory plainW = OneDnn.of(d.w, p.w());
      memory plainU = OneDnn.of(d.u, p.u());
      memory b = OneDnn.of(d.b, p.b());
      y = OneDnn.zeros(d.y);
      dx = OneDnn.zeros(d.x);
      dw = OneDnn.zeros(back.diff_weights_layer_desc());
      du = OneDnn.zeros(back.diff_weights_iter_desc());
      db = OneDnn.zeros(d.b);
      List<Argument> common =
          List.of(
              new Argument(dnnl.DNNL_ARG_SRC_LAYER, OneDnn.of(d.x, p.x())),
              new Argument(dnnl.DNNL_ARG_SRC_ITER, OneDnn.zeros(d.state)),
              new Argument(dnnl.DNNL_ARG_SRC_ITER_C, OneDnn.zeros(d.state)),
              new Argument(dnnl.DNNL_ARG_BIAS, b),
              new Argument(dnnl.DNNL_ARG_DST_LAYER, y),
              new Argument(dnnl.DNNL_ARG_WORKSPACE, OneDnn.zeros(ahead.workspace_desc())));
      List<Argument> forwards = new ArrayList<>(common);
      forwards.addAll(
          List.of(
              new Argument(
                  dnnl.DNNL_ARG_WEIGHTS_LAYER, OneDnn.to(ahead.weights_layer_desc(), plainW)),
              new Argument(
                  dnnl.DNNL_ARG_WEIGHTS_ITER, OneDnn.to(ahead.weights_iter_desc(), plainU))));
      forward = OneDnn.call(new lstm_forward(ahead), forwards);
      List<Argument> backwards = new ArrayList<>(common);
      backwards.addAll(
          List.of(
              new Argument(
                  dnnl.DNNL_ARG_WEIGHTS_LAYER, OneDnn.to(back.weights_layer_desc(), plainW)),
              new Argument(dnnl.DNNL_ARG_WEIGHTS_ITER, OneDnn.to(back.weights_iter_desc(), plainU)),
              new Argument(dnnl.DNNL_ARG_DIFF_DST_LAYER, OneDnn.of(d.y, p.dy())),
              new Argument(dnnl.DNNL_ARG_DIFF_SRC_LAYER, dx),
              new Argument(dnnl.DNNL_ARG_DIFF_SRC_ITER, OneDnn.zeros(d.state)),
              new Argument(dnnl.DNNL_ARG_DIFF_SRC_ITER_C, OneDnn.zeros(d.state)),
              new Argument(dnnl.DNNL_ARG_DIFF_WEIGHTS_LAYER, dw),
              new Argument(dnnl.DNNL_ARG_DIFF_WEIGHTS_ITER, du),
              new Argument(dnnl.DNNL_ARG_DIFF_BIAS, db)));
      backward = OneDnn.call(new lstm_backward(back), backwards);
    }

    @Override
    public void run() {
      forward.run();
      backward.run();
    }

    @Override
    public String implementation() {
      return implementation;
    }

    @Override
    public Results results() {
      return new Results()
          .with("y", OneDnn.array(y))
          .with("dW", OneDnn.array(OneDnn.to(descs.w, dw)))
          .with("dU", OneDnn.array(OneDnn.to(descs.u, du)))
          .with("db", OneDnn.array(db))
          .with("dx", OneDnn.array(dx));
    }

    @Override
    public void close() {
      // The binding frees what nothing refers to any more.
    }
  }
}
