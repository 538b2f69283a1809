/** Losses and optimisers at raw addresses. Exported to this library only. */
package io.cellbelt.kernels.training;
