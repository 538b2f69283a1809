/** Model files: safetensors with PyTorch names. */
module io.cellbelt.models {
  requires transitive io.cellbelt.graphs;
  requires com.google.gson;
  requires io.jhdf;
  requires org.slf4j;

  exports io.cellbelt.models;

  provides io.cellbelt.cells.ModelReader with
      io.cellbelt.models.ModelFilesReader;
}
