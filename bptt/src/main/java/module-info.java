/** Training: tape, reverse time loop, losses, optimisers and the gradient check. */
module io.cellbelt.bptt {
  requires transitive io.cellbelt.cells;

  exports io.cellbelt.bptt;
}
