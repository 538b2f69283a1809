/** Graphs of operators, as trained models of other libraries are. */
@SuppressWarnings("module") // the named module is compiled after this one
module io.cellbelt.graphs {
  requires transitive io.cellbelt.cells;

  exports io.cellbelt.graphs;
  exports io.cellbelt.graphs.rewrite to
      io.cellbelt.models;
}
