package io.cellbelt.bptt;

import io.cellbelt.cells.engine.Unrolled;

/** Says where the first number came from that made a loss or a gradient one that is not finite. */
final class Culprit {
  private Culprit() {}

  /**
   * Such as {@code ", from x at step 3 of sequence 1, which is NaN"}; empty if nothing is found.
   */
  static String of(Batch batch, Part[] parts) {
    int sequences = parts[0].sequences().of();
    String found = in("x", batch.x(), batch, sequences);
    if (found == null) {
      found = in("the targets", batch.targets(), batch, sequences);
    }
    for (int p = 0; p < parts.length && found == null; p++) {
      found = inLayers(batch, parts[p]);
    }
    return found == null ? "" : ", from " + found;
  }

  private static String in(String name, float[] values, Batch batch, int sequences) {
    if (values == null) {
      return null;
    }
    // With attention a sequence has one row of targets, which counts as its first step.
    int size = Math.max(1, values.length / (batch.steps() * sequences));
    for (int i = 0; i < values.length; i++) {
      int step = i / size / sequences;
      int sequence = i / size % sequences;
      boolean counts = batch.lengths() == null || step < batch.lengths()[sequence];
      if (counts && !Float.isFinite(values[i])) {
        return place(name, step, sequence, values[i]);
      }
    }
    return null;
  }

  private static String inLayers(Batch batch, Part part) {
    Unrolled tape = part.tape();
    int count = part.sequences().count();
    for (int row = 0; row < batch.steps() * count; row++) {
      for (int l = 0; l < tape.architecture().layers().size() && !tape.isBehindEnd(row); l++) {
        float[] h = new float[tape.architecture().layers().get(l).outputSize()];
        long address = tape.layerOutput(l) + row * tape.layerOutputRow(l);
        tape.slab().get(tape.index(address), h, 0, h.length);
        for (float value : h) {
          if (!Float.isFinite(value)) {
            int sequence = part.sequences().first() + row % count;
            return place("the output of layer " + l, row / count, sequence, value);
          }
        }
      }
    }
    return null;
  }

  private static String place(String name, int step, int sequence, float value) {
    return name + " at step " + step + " of sequence " + sequence + ", which is " + value;
  }
}
