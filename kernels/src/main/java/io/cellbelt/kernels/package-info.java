/**
 * Kernels for recurrent networks over off-heap memory, checked: the environment that they need
 * ({@link io.cellbelt.kernels.SimdEnvironment}), the memory that they run on ({@link
 * io.cellbelt.kernels.Slab}), packed matrices ({@link io.cellbelt.kernels.PanelMatrix}), and the
 * kernels themselves ({@link io.cellbelt.kernels.Kernels}).
 */
package io.cellbelt.kernels;
