/**
 * Kernels for recurrent networks over off-heap memory, checked: the environment they need, the
 * memory they run on, packed matrices, and the kernels themselves.
 */
package io.cellbelt.kernels;
