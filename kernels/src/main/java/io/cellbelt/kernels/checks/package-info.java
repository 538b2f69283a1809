/** Checks that the library's modules share, and what tests need to provoke failures. */
package io.cellbelt.kernels.checks;
