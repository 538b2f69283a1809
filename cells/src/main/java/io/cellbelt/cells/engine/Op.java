package io.cellbelt.cells.engine;

import io.cellbelt.cells.Schedule.Source;
import io.cellbelt.kernels.PanelMatrix;

/**
 * One product of a cell's schedule, with the matrix of a network.
 *
 * @param matrix M, of which a step with fewer active units takes the first columns
 * @param bias raw address of what the sums start from, 0 where another product came before
 * @param source what is multiplied
 * @param block bytes from the start of a row of gates to the group
 * @param stage when
 * @param masked where recurrent dropout hides a part of what is multiplied, which masked copy it
 *     is, otherwise -1
 */
public record Op(PanelMatrix matrix, long bias, Source source, long block, int stage, int masked) {}
