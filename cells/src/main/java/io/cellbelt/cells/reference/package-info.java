/**
 * The equations of every cell, and whole networks of them, in double: what the kernels are compared
 * with, within a {@link io.cellbelt.cells.reference.Tolerance}. Slow and obvious on purpose. Your
 * own cell brings its {@link io.cellbelt.cells.reference.ReferenceCell}, written with {@link
 * io.cellbelt.cells.reference.Vec}.
 */
package io.cellbelt.cells.reference;
