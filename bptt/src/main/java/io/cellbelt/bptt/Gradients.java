package io.cellbelt.bptt;

import io.cellbelt.cells.Architecture;
import io.cellbelt.cells.Parameter;
import io.cellbelt.cells.engine.ParameterSlab;
import io.cellbelt.kernels.PanelMatrix;
import io.cellbelt.kernels.Slab;
import io.cellbelt.kernels.pointwise.Blocks;
import io.cellbelt.kernels.training.Norm;
import java.util.List;

/** The norms of the gradients, tensor by tensor, and their clipping. */
final class Gradients {
  private final String[] names;
  private final PanelMatrix[][] parts;
  private final double[] squares;
  private final Slab scratch;

  Gradients(Owned owned, ParameterSlab gradients) {
    List<Parameter> parameters = gradients.architecture().parameters();
    names = parameters.stream().map(Parameter::name).toArray(String[]::new);
    parts = new PanelMatrix[names.length][];
    squares = new double[names.length];
    for (int i = 0; i < names.length; i++) {
      parts[i] = gradients.parts(names[i]).toArray(PanelMatrix[]::new);
    }
    scratch = owned.slab(ParameterSlab.widest(gradients.architecture()));
  }

  /** Bytes held off-heap. */
  static long bytes(Architecture architecture) {
    return Slab.bytes(ParameterSlab.widest(architecture));
  }

  /**
   * Measures all tensors.
   *
   * @return the name of the first that has no finite norm, or null
   */
  String measure() {
    String culprit = null;
    for (int i = 0; i < names.length; i++) {
      double sum = 0;
      for (PanelMatrix part : parts[i]) {
        sum += Norm.sumOfSquares(part, scratch);
      }
      squares[i] = sum;
      if (culprit == null && !Double.isFinite(sum)) {
        culprit = names[i];
      }
    }
    return culprit;
  }

  /** The norm of a tensor. */
  double norm(String name) {
    return Math.sqrt(squares[List.of(names).indexOf(name)]);
  }

  /**
   * Clips what was measured, in place where one factor for all is not enough.
   *
   * @return the factor of all
   */
  double clip(Clipping clipping) {
    return switch (clipping) {
      case Clipping.None none -> 1;
      case Clipping.GlobalNorm global -> Math.min(1, global.limit() / Math.sqrt(sum()));
      case Clipping.TensorNorm norm -> {
        for (int i = 0; i < names.length; i++) {
          double factor = norm.limit() / Math.sqrt(squares[i]);
          for (PanelMatrix part : parts[i]) {
            if (factor < 1) {
              Blocks.scale(part.address(), part.shape().floats(), (float) factor);
            }
          }
        }
        yield 1;
      }
      case Clipping.Value value -> {
        for (PanelMatrix[] tensor : parts) {
          for (PanelMatrix part : tensor) {
            Blocks.clamp(part.address(), part.shape().floats(), (float) value.limit());
          }
        }
        yield 1;
      }
    };
  }

  private double sum() {
    double sum = 0;
    for (double square : squares) {
      sum += square;
    }
    return sum;
  }
}
