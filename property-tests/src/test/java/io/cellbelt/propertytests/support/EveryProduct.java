package io.cellbelt.propertytests.support;

import io.cellbelt.bptt.Bptt;
import io.cellbelt.cells.Architecture;
import io.cellbelt.cells.Lstm;
import io.cellbelt.cells.Network;
import io.cellbelt.cells.Stream;
import io.cellbelt.cells.Streams;
import io.cellbelt.cells.Weights;
import io.cellbelt.kernels.PanelMatrix;
import io.cellbelt.kernels.PanelShape;
import io.cellbelt.kernels.WeightFormat;
import io.cellbelt.kernels.product.Products;
import io.cellbelt.kernels.simd.Cold;

/** Runs every loop of the products, for JVMs with other options. */
public final class EveryProduct {
  private static final int SIZE = 32;
  private static final int TIMES = 10;
  private static final Architecture ARCHITECTURE = Architecture.of(new Lstm(SIZE, SIZE));

  private EveryProduct() {}

  /** One row, tiles of rows and their rests, in every format; and training. */
  public static void main(String[] args) {
    Cold.end();
    float[] x = new float[13 * SIZE];
    float[] y = new float[13 * SIZE];
    for (WeightFormat format : WeightFormat.values()) {
      try (Network network = Nets.network(ARCHITECTURE, format, 1);
          Stream stream = network.newStream();
          Streams streams = network.newStreams(13)) {
        for (int i = 0; i < TIMES; i++) {
          stream.step(x, y);
          streams.step(x, y);
        }
      }
    }
    try (PanelMatrix fewColumns = PanelMatrix.allocate(new PanelShape(SIZE, 1, 5));
        Block block = new Block(4, fewColumns.shape().columns())) {
      long row = block.rowBytes();
      for (int i = 0; i < TIMES; i++) {
        long at = block.address();
        Products.add(at, row, 4, fewColumns.shape(), fewColumns.address(), at, row, at, row);
      }
    }
    Weights weights = Weights.random(ARCHITECTURE, 1);
    try (Bptt bptt = new Bptt(weights, 1, 13)) {
      bptt.forward(x, 1, y);
      bptt.backward(y);
    }
  }
}
