/**
 * Activations for float, in three forms with the same bits: one vector (inlined into a kernel's
 * loop), one scalar, and a whole block in place.
 *
 * <p>The scalar forms have names of their own, so that modules that do not read the Vector API's
 * module can compile calls of them.
 *
 * <p>Every class states its method, its largest error in ULP and its special values, all proved by
 * a sweep over every float. The coefficients are frozen: they are part of the contract, and a
 * change of any of them is a new version, because it changes the outputs of saved models.
 */
package io.cellbelt.kernels.activation;
