/**
 * Training by backpropagation through time: the tape and the reverse loop, losses, the optimiser,
 * and the gradient check.
 */
package io.cellbelt.bptt;
