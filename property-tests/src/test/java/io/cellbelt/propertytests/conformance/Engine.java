package io.cellbelt.propertytests.conformance;

import java.util.Map;

/**
 * What computes the cases. Outputs carry the names that the case expects; further ones do no harm.
 * What it must refuse, an engine refuses with an {@link IllegalArgumentException} whose message is
 * a sentence.
 */
interface Engine {
  /** Runs RNN, GRU or LSTM: Y, Y_h, and Y_c of LSTM. */
  Map<String, NamedTensor> run(OnnxCase operator) throws Exception;

  /**
   * Runs LSTMTraining or GRUTraining, see {@link Training#forward}: HAll, final_h and the gates
   * after their activation, for LSTM iofc, final_c and CAll, for GRU zrh.
   */
  default Map<String, NamedTensor> forwardTraining(OnnxCase operator) throws Exception {
    throw new LeftOutException(operator.op());
  }

  /** Runs LSTMGrad or GRUGrad from the start: dX, dW, dR, dB. */
  default Map<String, NamedTensor> gradient(OnnxCase operator) throws Exception {
    throw new LeftOutException(operator.op());
  }

  /** Runs a stack of layers forward and backward: all of {@link TorchGradCase#expected}. */
  default Map<String, NamedTensor> train(TorchGradCase stack) throws Exception {
    throw new LeftOutException("training of " + stack.op());
  }

  /** Says that the engine does not know how to run a case at all. */
  final class LeftOutException extends Exception {
    private static final long serialVersionUID = 1;

    LeftOutException(String what) {
      super("The engine has no " + what + ".");
    }
  }
}
