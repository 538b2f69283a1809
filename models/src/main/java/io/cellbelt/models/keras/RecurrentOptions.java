package io.cellbelt.models.keras;

/**
 * How a recurrent layer goes over time.
 *
 * @param sequences whether it gives all steps, and not the last one only
 * @param states whether it gives its last states, too
 * @param backwards whether it starts at the last step; its steps come out in that order, too
 * @param stateful whether it goes on from the states of the call before
 * @param timeMajor whether time stands before the batch
 * @param zeroWhereMasked whether a masked step gives zeros, and not what the step before gave
 * @param forgetsMask whether it does not look at its input's mask where it is called with initial
 *     states, as in Keras 3
 */
record RecurrentOptions(
    boolean sequences,
    boolean states,
    boolean backwards,
    boolean stateful,
    boolean timeMajor,
    boolean zeroWhereMasked,
    boolean forgetsMask) {
  static RecurrentOptions of(Config config) {
    return new RecurrentOptions(
        config.flag(false, "return_sequences"),
        config.flag(false, "return_state"),
        config.flag(false, "go_backwards"),
        config.flag(false, "stateful"),
        config.flag(false, "time_major"),
        config.flag(false, "zero_output_for_mask"),
        config.version().major() == 3);
  }

  /** The same, but from the other end. */
  RecurrentOptions turned() {
    return new RecurrentOptions(
        sequences, states, !backwards, stateful, timeMajor, zeroWhereMasked, forgetsMask);
  }

  /** Those of a layer inside a stack that gives its steps to the next one. */
  RecurrentOptions inStack(boolean isLast) {
    return new RecurrentOptions(
        sequences || !isLast, false, backwards, stateful, timeMajor, zeroWhereMasked, forgetsMask);
  }
}
