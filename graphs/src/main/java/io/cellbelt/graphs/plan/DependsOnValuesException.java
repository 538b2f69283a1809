package io.cellbelt.graphs.plan;

/** Shapes depend on values that only a run would give; known inputs may help. */
public final class DependsOnValuesException extends IllegalArgumentException {
  private static final long serialVersionUID = 1L;

  DependsOnValuesException(String message) {
    super(message);
  }
}
