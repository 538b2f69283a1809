/** Recurrent cells and networks of them: what a service embeds. */
@SuppressWarnings("module") // the named modules are compiled after this one
module io.cellbelt.cells {
  requires transitive io.cellbelt.kernels;

  exports io.cellbelt.cells;
  exports io.cellbelt.cells.reference;
  exports io.cellbelt.cells.engine to
      io.cellbelt.app,
      io.cellbelt.bptt,
      io.cellbelt.graphs,
      io.cellbelt.jmh,
      io.cellbelt.propertytests;

  uses io.cellbelt.cells.ModelReader;
}
