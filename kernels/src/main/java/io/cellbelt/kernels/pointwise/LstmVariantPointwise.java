package io.cellbelt.kernels.pointwise;

import io.cellbelt.kernels.Slab;
import io.cellbelt.kernels.activation.Activation;

/**
 * {@link LstmPointwise} with options, put together from passes over blocks. With all of them:
 *
 * <pre>
 *   i = σ(ai + pi c')   f = σ(af + pf c')   g = tanh(ag)   o = σ(ao + po c)
 *   c = f c' + i g
 *   m = o tanh(c)
 *   h = the block of gate p, after the products of stage 1, m being their source; otherwise m
 * </pre>
 *
 * <p>Gates without a block are 1, unless f is 1 - i, or i is 1 - f. σ and tanh may be other
 * functions; what they are applied to is kept within ± a limit, but not c itself. With gate
 * recurrence i, f and o, those that there are, are states after h and c, in the order of their
 * blocks; so are the peepholes.
 *
 * <p>Saved blocks: with a projection m and its gradient; then tanh(c), one for passing results, and
 * c where o sees it.
 */
final class LstmVariantPointwise implements Pointwise {
  private static final int ABSENT = -1;

  private final ClippedActivation gate;
  private final ClippedActivation candidate;
  private final ClippedActivation output;
  private final boolean peepholes;
  private final boolean forgetFromInput;
  private final boolean inputFromForget;
  private final boolean gateRecurrence;

  /** Floats of h with its padding, where it is a projection; otherwise 0. */
  private final int projected;

  /** Blocks, or {@link #ABSENT}. */
  private final int i;

  private final int f;
  private final int g;
  private final int o;
  private final int p;
  private final int m;
  private final int dm;
  private final int tanhC;
  private final int scratch;
  private final int cell;

  /** Number of blocks that are gates. */
  private final int gates;

  private final int blocks;

  /** See {@link LstmPointwise#of}. */
  LstmVariantPointwise(
      Activation gate,
      Activation candidate,
      Activation output,
      String gates,
      boolean peepholes,
      boolean forgetFromInput,
      boolean inputFromForget,
      boolean gateRecurrence,
      float clip,
      int projection) {
    this.gate = ClippedActivation.of(gate, clip);
    this.candidate = ClippedActivation.of(candidate, clip);
    this.output = ClippedActivation.of(output, clip);
    this.peepholes = peepholes;
    this.forgetFromInput = forgetFromInput;
    this.inputFromForget = inputFromForget;
    this.gateRecurrence = gateRecurrence;
    projected = Slab.pad(projection);
    i = gates.indexOf('i');
    f = gates.indexOf('f');
    g = gates.indexOf('g');
    o = gates.indexOf('o');
    p = gates.indexOf('p');
    this.gates = gates.length();
    int next = gates.length();
    m = projection > 0 ? next++ : ABSENT;
    dm = projection > 0 ? next++ : ABSENT;
    tanhC = next++;
    scratch = next++;
    cell = peepholes && o != ABSENT ? next++ : ABSENT;
    blocks = next;
  }

  @Override
  public int stages() {
    return projected > 0 ? 2 : 1;
  }

  @Override
  public int saved() {
    return blocks - gates;
  }

  @Override
  public void forward(int stage, Rows rows, Step step) {
    for (int row = 0; row < rows.count(); row++) {
      long base = step.gates + row * rows.gateRow();
      long previous = step.previous + row * rows.stateRow();
      long next = step.next + row * rows.stateRow();
      if (stage == 0) {
        remember(rows, step, base, previous + rows.plane(), next + rows.plane());
        tell(rows, step, base, next);
      } else {
        Blocks.copy(base + rows.block(p), next, projected);
      }
    }
  }

  /** From pre-activations to c. */
  private void remember(Rows rows, Step step, long base, long cPrevious, long c) {
    int width = rows.width();
    open(rows, step, base, i, cPrevious);
    open(rows, step, base, f, cPrevious);
    long in = base + rows.block(g);
    candidate.apply(in, width);
    if (forgetFromInput) {
      Blocks.mix(base + rows.block(i), in, cPrevious, c, width);
    } else if (inputFromForget) {
      Blocks.mix(base + rows.block(f), cPrevious, in, c, width);
    } else {
      long sum = base + rows.block(scratch);
      if (i == ABSENT) {
        Blocks.copy(in, sum, width);
      } else {
        Blocks.multiply(base + rows.block(i), in, sum, width);
      }
      if (f == ABSENT) {
        Blocks.add(cPrevious, sum, width);
      } else {
        Blocks.multiplyAdd(base + rows.block(f), cPrevious, sum, width);
      }
      Blocks.copy(sum, c, width);
    }
    if (candidate.movesZero()) {
      Blocks.clearPadding(c, rows.size(), width);
    }
  }

  /** From c to m and to the states that gates are. */
  private void tell(Rows rows, Step step, long base, long next) {
    int width = rows.width();
    long c = next + rows.plane();
    long y = base + rows.block(tanhC);
    if (cell != ABSENT) {
      Blocks.copy(c, base + rows.block(cell), width);
    }
    open(rows, step, base, o, c);
    Blocks.copy(c, y, width);
    output.apply(y, width);
    long to = projected > 0 ? base + rows.block(m) : next;
    if (o == ABSENT) {
      Blocks.copy(y, to, width);
    } else {
      LstmPointwise.gatedOutput(base + rows.block(o), y, to, rows.bytes());
    }
    if (output.movesZero()) {
      Blocks.clearPadding(to, rows.size(), width);
    }
    if (gateRecurrence) {
      keep(rows, base, i, next);
      keep(rows, base, f, next);
      keep(rows, base, o, next);
    }
  }

  /** The activation of a gate that there may be and that may see c. */
  private void open(Rows rows, Step step, long base, int block, long c) {
    if (block == ABSENT) {
      return;
    }
    long a = base + rows.block(block);
    if (peepholes) {
      long peephole = step.vectors[0] + order(block) * rows.bytes();
      Blocks.multiplyAdd(peephole, c, a, rows.width());
    }
    gate.apply(a, rows.width());
  }

  /** A gate that there may be becomes a state. */
  private void keep(Rows rows, long base, int block, long states) {
    if (block != ABSENT) {
      long state = states + plane(rows, block);
      Blocks.copy(base + rows.block(block), state, rows.width());
      Blocks.clearPadding(state, rows.size(), rows.width());
    }
  }

  /** Number of a gate among those but g. */
  private int order(int block) {
    return block > g ? block - 1 : block;
  }

  /** Where among the states a gate is, with gate recurrence. */
  private long plane(Rows rows, int block) {
    return (2 + order(block)) * rows.plane();
  }

  @Override
  public void backward(int stage, Rows rows, Step step) {
    for (int row = 0; row < rows.count(); row++) {
      long base = step.gates + row * rows.gateRow();
      long cPrevious = step.previous + row * rows.stateRow() + rows.plane();
      long dStates = step.dStates + row * rows.stateRow();
      if (stage == 1) {
        Blocks.copy(dStates, base + rows.block(p), projected);
        Blocks.fill(dStates, projected, 0);
        continue;
      }
      long free = projected > 0 ? base + rows.block(dm) : dStates;
      outputGradient(rows, step, base, free, dStates);
      inputGradient(rows, step, base, free, cPrevious, dStates);
      if (projected == 0) {
        Blocks.fill(dStates, rows.width(), 0);
      }
    }
  }

  /**
   * With dm and dc the gradients of m and, by way of t + 1, of c:
   *
   * <pre>
   *   do = dm tanh(c)   dao = do σ'   dc += dm o tanh'(c) + po dao   dpo += dao c
   * </pre>
   */
  private void outputGradient(Rows rows, Step step, long base, long dOutput, long dStates) {
    int width = rows.width();
    long y = base + rows.block(tanhC);
    long dc = dStates + rows.plane();
    Blocks.copy(dOutput, dOutput, width);
    if (o != ABSENT) {
      long out = base + rows.block(o);
      long dOut = collect(rows, base, o, dStates, dOutput, y);
      Blocks.multiply(dOutput, out, dOutput, width);
      close(rows, out, dOut);
    }
    output.gradient(y, dOutput, width);
    Blocks.add(y, dc, width);
    if (cell != ABSENT) {
      peepholeGradient(rows, step, base, o, base + rows.block(cell), dc);
    }
    Blocks.copy(dc, dc, width);
  }

  /**
   * With dc the gradient of c, and in place of it that of c':
   *
   * <pre>
   *   di = dc g   df = dc c'   dg = dc i   dai = di σ'   daf = df σ'   dag = dg tanh'
   *   dc' = dc f + pi dai + pf daf   dpi += dai c'   dpf += daf c'
   * </pre>
   *
   * <p>Where f is 1 - i, {@code di = dc (g - c')}; where i is 1 - f, {@code df = dc (c' - g)}.
   *
   * @param free a block for passing results
   */
  private void inputGradient(
      Rows rows, Step step, long base, long free, long cPrevious, long dStates) {
    int width = rows.width();
    long in = base + rows.block(g);
    long dIn = base + rows.block(tanhC);
    long dc = dStates + rows.plane();
    if (inputFromForget) {
      Blocks.complement(base + rows.block(f), dIn, width);
      Blocks.multiply(dIn, dc, dIn, width);
    } else if (i == ABSENT) {
      Blocks.copy(dc, dIn, width);
    } else {
      Blocks.multiply(dc, base + rows.block(i), dIn, width);
    }
    if (i != ABSENT) {
      long seen = forgetFromInput ? difference(in, cPrevious, free, width) : in;
      close(rows, base + rows.block(i), collect(rows, base, i, dStates, dc, seen));
    }
    if (forgetFromInput) {
      Blocks.subtract(dc, dIn, dc, width);
    }
    if (f != ABSENT) {
      long seen = inputFromForget ? difference(cPrevious, in, free, width) : cPrevious;
      long d = collect(rows, base, f, dStates, dc, seen);
      Blocks.multiply(dc, base + rows.block(f), dc, width);
      close(rows, base + rows.block(f), d);
    }
    candidate.gradient(in, dIn, width);
    if (peepholes && i != ABSENT) {
      peepholeGradient(rows, step, base, i, cPrevious, dc);
    }
    if (peepholes && f != ABSENT) {
      peepholeGradient(rows, step, base, f, cPrevious, dc);
    }
  }

  private static long difference(long a, long b, long free, int width) {
    Blocks.subtract(a, b, free, width);
    return free;
  }

  /**
   * The gradient of a gate: {@code a b}, and with gate recurrence that of the state that it is,
   * where the sum is then left.
   *
   * @return its address
   */
  private long collect(Rows rows, long base, int block, long dStates, long a, long b) {
    if (gateRecurrence) {
      long d = dStates + plane(rows, block);
      Blocks.copy(d, d, rows.width());
      Blocks.multiplyAdd(a, b, d, rows.width());
      return d;
    }
    long d = base + rows.block(scratch);
    Blocks.multiply(a, b, d, rows.width());
    return d;
  }

  /** From the gradient of a gate, which is done with, to that of its pre-activation. */
  private void close(Rows rows, long y, long d) {
    gate.gradient(y, d, rows.width());
    if (gateRecurrence) {
      Blocks.fill(d, rows.width(), 0);
    }
  }

  private void peepholeGradient(Rows rows, Step step, long base, int block, long c, long dc) {
    LstmPointwise.peepholeGradient(rows, step, order(block), base + rows.block(block), c, dc);
  }
}
