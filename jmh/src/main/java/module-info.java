/** JMH benchmarks of the kernels and the step. */
module io.cellbelt.jmh {
  requires io.cellbelt.bptt;
  requires io.cellbelt.cells;
  requires io.cellbelt.kernels;
  requires jdk.incubator.vector;
  requires jmh.core;
}
