/** The equations of every cell, and whole networks of them, in double: the kernels' yardstick. */
package io.cellbelt.cells.reference;
