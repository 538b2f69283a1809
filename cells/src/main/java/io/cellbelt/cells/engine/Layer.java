package io.cellbelt.cells.engine;

import io.cellbelt.cells.Cell;
import io.cellbelt.kernels.PanelMatrix;
import io.cellbelt.kernels.PanelShape;
import io.cellbelt.kernels.Slab;
import io.cellbelt.kernels.pointwise.Pointwise;
import io.cellbelt.kernels.pointwise.Rows;
import io.cellbelt.kernels.product.Products;
import io.cellbelt.kernels.product.RowLoops;

/**
 * One layer's parameters and how a step of it runs, at raw addresses.
 *
 * <p>A step is two halves, because the first does not depend on the step before and can be done for
 * many steps at once: {@code gates = b + W x} ({@link #project}, or {@link #lookUp} where x is
 * one-hot), then {@code gates += U h'} and the pointwise kernel ({@link #advance}).
 *
 * @param cell its kind and sizes
 * @param pointwise the cell's kernel
 * @param w input weights W
 * @param u recurrent weights U
 * @param b bias
 * @param scratch raw address of {@link Products#SCRATCH} floats where w and u are not f32
 */
public record Layer(
    Cell cell, Pointwise pointwise, PanelMatrix w, PanelMatrix u, PanelMatrix b, long scratch) {
  /** A layer of a network. */
  public static Layer of(ParameterSlab parameters, int layer, long scratch) {
    var architecture = parameters.architecture();
    Cell cell = architecture.layers().get(layer);
    return new Layer(
        cell,
        cell.pointwise(),
        parameters.matrix(architecture.inputWeight(layer)),
        parameters.matrix(architecture.recurrentWeight(layer)),
        parameters.matrix(architecture.bias(layer)),
        scratch);
  }

  /** Where the gates and states of the given number of rows lie. */
  public Rows rows(int count) {
    int width = Slab.pad(cell.hiddenSize());
    int gates = u.shape().columns();
    int plane = new PanelShape(1, 1, cell.hiddenSize()).columns();
    return new Rows(
        count,
        width,
        (long) Float.BYTES * Slab.rowStride(gates + pointwise.saved() * width),
        (long) Float.BYTES * gates,
        (long) Float.BYTES * Slab.rowStride(cell.states() * plane),
        (long) Float.BYTES * plane);
  }

  /** {@code gates = b + W x} for rows of x, which may be of many steps. */
  public void project(long x, long xRow, int rows, long gates, long gateRow) {
    Products.add(x, xRow, rows, w, b.address(), 0, gates, gateRow, scratch);
  }

  /** {@code gates = b + W x} for a one-hot x. */
  public void lookUp(int token, long gates) {
    RowLoops.copy(b.address(), 0, gates, 0, b.shape().columns(), 1);
    Products.accumulateRow(w, token, gates);
  }

  /** {@code gates += U h'}, then gates and states at t. Next may be the same memory as previous. */
  public void advance(Rows rows, long gates, long previous, long next) {
    Products.accumulate(previous, rows.stateRow(), rows.count(), u, gates, rows.gateRow(), scratch);
    pointwise.forward(rows, gates, previous, next);
  }
}
