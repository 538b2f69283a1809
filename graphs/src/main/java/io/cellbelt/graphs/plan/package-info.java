/**
 * What becomes of a graph when it is made ready for sizes: shapes, memory, and kernels in order.
 */
package io.cellbelt.graphs.plan;
