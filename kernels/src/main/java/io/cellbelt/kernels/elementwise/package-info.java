/**
 * The loops that graphs of operators run with: elementwise, reductions, softmax, normalisation and
 * moves of floats, at raw addresses, with the same bits whatever the vector width. They allocate
 * nothing, hold no state and are safe for any number of threads.
 *
 * <p>Where a class says that whole vectors are computed, up to 15 floats behind the end of a row
 * are read and written; the caller has room there.
 */
package io.cellbelt.kernels.elementwise;
