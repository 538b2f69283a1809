/* Properties, conformance, architecture and command-line tests of all modules. */
open module io.cellbelt.propertytests {
  requires com.google.gson;
  requires com.google.protobuf;
  requires io.cellbelt.app;
  requires io.cellbelt.bptt;
  requires io.cellbelt.cells;
  requires io.cellbelt.graphs;
  requires io.cellbelt.kernels;
  requires io.cellbelt.models;
  requires jdk.management;
}
