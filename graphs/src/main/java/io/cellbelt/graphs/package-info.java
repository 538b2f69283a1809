/** Graphs of operators: trained models of other libraries, made ready for sizes and then run. */
package io.cellbelt.graphs;
