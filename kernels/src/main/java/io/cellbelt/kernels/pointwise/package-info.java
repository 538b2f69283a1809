/**
 * What cells do between their matrix products, forward and backward side by side, at raw addresses
 * and unchecked: to build cells from. Every other use goes through {@link
 * io.cellbelt.kernels.Kernels}, which checks.
 */
package io.cellbelt.kernels.pointwise;
