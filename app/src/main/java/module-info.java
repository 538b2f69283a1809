/** The command line: demo, train, generate, check and bench. */
module io.cellbelt.app {
  requires com.google.gson;
  requires HdrHistogram;
  requires info.picocli;
  requires io.cellbelt.bptt;
  requires io.cellbelt.cells;
  requires io.cellbelt.graphs;
  requires io.cellbelt.kernels;
  requires io.cellbelt.models;
  requires java.desktop;
  requires java.management;
  requires jdk.management;
  requires me.tongfei.progressbar;
  requires xchart;

  opens io.cellbelt.app to
      com.google.gson,
      info.picocli;
}
