/**
 * Training by backpropagation through time, and the check of gradients.
 *
 * <p>Begin with {@link io.cellbelt.bptt.Trainer}, which updates weights batch by batch ({@link
 * io.cellbelt.bptt.Batch}) by an {@link io.cellbelt.bptt.Optimiser} and a {@link
 * io.cellbelt.bptt.Loss}. {@link io.cellbelt.bptt.Bptt} gives the gradients of any other loss, and
 * {@link io.cellbelt.bptt.GradientCheck} tells whether outputs and gradients are right.
 */
package io.cellbelt.bptt;
