package io.cellbelt.cells;

import io.cellbelt.cells.engine.Compaction;
import io.cellbelt.cells.engine.NetworkPlan;
import java.util.Objects;

/** A run of which streams skip steps, as one of sequences that are shorter. Allocates. */
final class MaskedRun {
  private MaskedRun() {}

  /** A run without masks, of memory that is the library's own. */
  @FunctionalInterface
  interface Run {
    void of(Object x, int steps, int[] lengths, float[] y);
  }

  static void of(
      NetworkPlan plan,
      int batch,
      Object x,
      int steps,
      boolean[] mask,
      Masked masked,
      float[] y,
      Run run) {
    Border.check(plan, batch, steps, x, y);
    Objects.requireNonNull(masked, "Masked steps put out ZERO or CARRY, but got null.");
    Compaction compaction = new Compaction(mask, steps, batch);
    Object gathered =
        x instanceof int[] tokens
            ? compaction.gatherTokens(tokens, plan.vocabulary())
            : compaction.gather((float[]) x, plan.inputSize());
    if (plan.perSequence()) {
      run.of(gathered, compaction.steps(), compaction.lengths(), y);
      return;
    }
    float[] outputs = new float[compaction.steps() * batch * plan.outputSize()];
    run.of(gathered, compaction.steps(), compaction.lengths(), outputs);
    compaction.scatter(outputs, plan.outputSize(), masked, y);
  }
}
