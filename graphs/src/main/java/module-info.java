/** Graphs of operators, as trained models of other libraries are. */
module io.cellbelt.graphs {
  requires transitive io.cellbelt.cells;

  exports io.cellbelt.graphs;
}
