/** What a graph is made of, seen from its values; and recurrences that are written out. */
package io.cellbelt.graphs.rewrite;
