package io.cellbelt.graphs;

import java.util.List;
import java.util.Objects;

/**
 * The arrays that streams which advance together are fed, or give: an array for each tensor, with
 * the elements of each stream one after the other.
 *
 * @param what they are, input or output
 * @param names of the tensors
 * @param rows where the elements of a stream lie in each tensor
 */
record StreamArrays(String what, List<String> names, List<BatchRows> rows) {
  /** Refuses arrays that are not as long as some streams need, nulls but where some may lack. */
  void check(float[][] arrays, int streams, boolean mayLack) {
    Objects.requireNonNull(arrays, "There is an array for each input and output, but got null.");
    if (arrays.length != rows.size()) {
      throw new IllegalArgumentException(
          "There is an array for each "
              + what
              + ", of which there are "
              + names
              + ", but got "
              + arrays.length
              + " arrays.");
    }
    for (int i = 0; i < arrays.length; i++) {
      if (!mayLack || arrays[i] != null) {
        check(i, arrays[i], streams, true);
      }
    }
  }

  /** Refuses an array that is too short, or too long where it must be exact. */
  void check(int i, float[] values, int streams, boolean exact) {
    Objects.requireNonNull(values, "Floats are copied from or to an array, but got null.");
    long expected = (long) streams * rows.get(i).size();
    if (exact ? values.length != expected : values.length < expected) {
      throw new IllegalArgumentException(
          "The "
              + what
              + " '"
              + names.get(i)
              + "' is "
              + rows.get(i).operand()
              + " for each stream, so an array of length "
              + expected
              + " for "
              + streams
              + ", but got one of length "
              + values.length
              + ".");
    }
  }
}
