package io.cellbelt.cells.engine;

import io.cellbelt.cells.Layer;
import io.cellbelt.cells.Layer.Direction;
import io.cellbelt.cells.Layer.Merge;
import io.cellbelt.kernels.Slab;
import io.cellbelt.kernels.pointwise.Blocks;
import io.cellbelt.kernels.product.RowLoops;

/**
 * The outputs of a layer in the order of the steps: those of its track where they lie, or a buffer
 * where two directions are merged, or one turned round, or training drops some of it.
 */
final class LayerOutputs {
  private final NetworkLayout layout;
  private final Layer layer;
  private final int index;
  private final Track[] tracks;

  /** 0 where the outputs are those of the track. */
  private long merged;

  /** Factors of dropout, 0 for none. */
  private long mask;

  LayerOutputs(NetworkPlan plan, int index, Track[] tracks) {
    this.index = index;
    this.tracks = tracks;
    layout = plan.layout();
    layer = plan.architecture().layers().get(index);
  }

  /** Takes memory for some rows, zeroed, from an address on; returns where it ends. */
  long place(long address, long rows) {
    long at = address;
    if (layout.isMerged(index)) {
      merged = at;
      at += rows * layout.mergedRow(index);
    }
    if (layout.dropsOut(index)) {
      mask = at;
      at += rows * layout.mergedRow(index);
    }
    return at;
  }

  Track[] tracks() {
    return tracks;
  }

  long address() {
    return merged != 0 ? merged : tracks[0].output();
  }

  long row() {
    return merged != 0 ? layout.mergedRow(index) : tracks[0].stateRow();
  }

  long mask() {
    return mask;
  }

  /** The outputs of the tracks as one, then dropout. */
  void merge(Unrolled room, int steps) {
    if (merged == 0) {
      return;
    }
    long toRow = layout.mergedRow(index);
    for (int row = 0; row < steps * room.batch(); row++) {
      long to = merged + row * toRow;
      if (room.isBehindEnd(row)) {
        RowLoops.zero(to, 0, (int) (toRow / Float.BYTES), 1);
      } else {
        merge(room, row, to);
      }
    }
    if (mask != 0 && room.noise() != null) {
      drop(room, steps);
    }
  }

  private void merge(Unrolled room, int row, long to) {
    int size = tracks[0].outputSize();
    int width = Slab.pad(size);
    long forward = trackOutput(room, tracks[0], row);
    if (layer.direction() != Direction.BIDIRECTIONAL) {
      RowLoops.copy(forward, 0, to, 0, width, 1);
      return;
    }
    long backward = trackOutput(room, tracks[1], row);
    switch (layer.merge()) {
      case CONCAT -> {
        Slab slab = room.slab();
        slab.move(room.index(forward), room.index(to), size);
        slab.move(room.index(backward), room.index(to) + size, size);
      }
      case PRODUCT -> Blocks.multiply(forward, backward, to, width);
      case SUM, MEAN -> {
        RowLoops.copy(forward, 0, to, 0, width, 1);
        Blocks.add(backward, to, width);
        if (layer.merge() == Merge.MEAN) {
          Blocks.scale(to, width, 0.5f);
        }
      }
    }
  }

  /** Raw address of what a track gives for a row of the layer's output. */
  private static long trackOutput(Unrolled room, Track track, int row) {
    int own = track.source(row / room.batch(), row % room.batch(), room.lengths());
    return track.output() + own * track.stateRow();
  }

  private void drop(Unrolled room, int steps) {
    float share = layer.dropout();
    long row = layout.mergedRow(index);
    int floats = (int) (row / Float.BYTES);
    int rows = steps * room.batch();
    for (int r = 0; r < rows; r++) {
      int t = r / room.batch();
      int b = room.first() + r % room.batch();
      float kept = 1 / (1 - share);
      long to = mask + r * row;
      room.noise().fill(to, floats, 0, kept, index, 0, Noise.Use.DROPOUT, t, b, share);
    }
    RowLoops.multiply(mask, row, merged, row, floats, rows);
  }
}
