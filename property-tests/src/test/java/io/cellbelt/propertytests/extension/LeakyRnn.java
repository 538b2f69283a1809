package io.cellbelt.propertytests.extension;

import io.cellbelt.cells.Cell;
import io.cellbelt.cells.CustomCell;
import io.cellbelt.cells.CustomKernel;
import io.cellbelt.cells.Schedule;
import io.cellbelt.cells.reference.ReferenceCell;

/** A leaky integrator: {@code h = keep h' + (1 - keep) tanh(W x + U h' + b)}. */
public record LeakyRnn(int inputSize, int hiddenSize, float keep) implements CustomCell {
  /** Checks the numbers. */
  public LeakyRnn {
    Cell.checkSizes("leaky", inputSize, hiddenSize);
    if (!(keep >= 0 && keep < 1)) {
      throw new IllegalArgumentException("A leak keeps 0 to 1 of h, but got " + keep + ".");
    }
  }

  @Override
  public String kind() {
    return "leaky";
  }

  @Override
  public Schedule schedule() {
    return Schedule.simple("a", hiddenSize, 1);
  }

  @Override
  public CustomKernel kernel() {
    return new LeakyKernel(keep);
  }

  @Override
  public ReferenceCell reference() {
    return new LeakyReference(keep);
  }
}
