/**
 * What cells do between their matrix products, forward and backward side by side, at raw addresses.
 * Exported to this library only.
 */
package io.cellbelt.kernels.pointwise;
