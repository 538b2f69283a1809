/**
 * SIMD kernels for recurrent networks. The first package is for everyone and checks what it is
 * given; the others work on raw addresses, where a wrong one crashes the JVM, and are only for the
 * library's own modules.
 */
@SuppressWarnings("module") // the named modules are compiled after this one
module io.cellbelt.kernels {
  requires jdk.incubator.vector;
  requires jdk.management;

  exports io.cellbelt.kernels;
  exports io.cellbelt.kernels.checks to
      io.cellbelt.cells,
      io.cellbelt.graphs,
      io.cellbelt.bptt,
      io.cellbelt.models,
      io.cellbelt.propertytests;
  exports io.cellbelt.kernels.simd to
      io.cellbelt.cells,
      io.cellbelt.graphs,
      io.cellbelt.bptt,
      io.cellbelt.jmh,
      io.cellbelt.propertytests;
  exports io.cellbelt.kernels.activation to
      io.cellbelt.cells,
      io.cellbelt.graphs,
      io.cellbelt.jmh,
      io.cellbelt.propertytests;
  exports io.cellbelt.kernels.product to
      io.cellbelt.app,
      io.cellbelt.cells,
      io.cellbelt.graphs,
      io.cellbelt.bptt,
      io.cellbelt.jmh,
      io.cellbelt.propertytests;
  exports io.cellbelt.kernels.elementwise to
      io.cellbelt.cells,
      io.cellbelt.graphs,
      io.cellbelt.jmh,
      io.cellbelt.propertytests;
  exports io.cellbelt.kernels.training to
      io.cellbelt.bptt,
      io.cellbelt.jmh,
      io.cellbelt.propertytests;
  exports io.cellbelt.kernels.pointwise to
      io.cellbelt.cells,
      io.cellbelt.bptt,
      io.cellbelt.jmh,
      io.cellbelt.propertytests;
}
