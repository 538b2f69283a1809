package io.cellbelt.bptt;

import io.cellbelt.cells.Architecture;
import io.cellbelt.cells.Layer;
import io.cellbelt.cells.engine.Noise;
import io.cellbelt.cells.engine.RowLayout;
import io.cellbelt.cells.reference.ReferenceNetwork;

/**
 * The masks that the kernels draw for one sequence, for the reference.
 *
 * @param sequence which one
 * @param length its steps
 */
record SequenceMasks(Architecture architecture, Noise noise, int sequence, int length)
    implements ReferenceNetwork.Noise {
  @Override
  public double[] dropout(int layer, int step, int size) {
    float share = architecture.layers().get(layer).dropout();
    return mask(layer, 0, Noise.Use.DROPOUT, step, 0, size, share, 0, 1 / (1 - share));
  }

  @Override
  public double[] recurrent(int layer, int direction, int size) {
    float share = architecture.layers().get(layer).recurrentDropout();
    return mask(layer, direction, Noise.Use.RECURRENT, 0, 0, size, share, 0, 1 / (1 - share));
  }

  @Override
  public double[] zoneout(int layer, int direction, int step, int state, int size) {
    Layer place = architecture.layers().get(layer);
    boolean reverse = direction == 1 || place.direction() == Layer.Direction.REVERSE;
    int own = reverse ? length - 1 - step : step;
    int from = state * RowLayout.planeFloats(place.checkedCell());
    return mask(layer, direction, Noise.Use.ZONEOUT, own, from, size, place.zoneout(), 1, 0);
  }

  private double[] mask(
      int layer,
      int direction,
      Noise.Use use,
      int step,
      int from,
      int size,
      float share,
      float hit,
      float miss) {
    double[] mask = new double[size];
    for (int unit = 0; unit < size; unit++) {
      boolean hits = noise.hits(layer, direction, use, step, sequence, from + unit, share);
      mask[unit] = hits ? hit : miss;
    }
    return mask;
  }
}
