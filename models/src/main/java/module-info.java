/** Model files: safetensors with PyTorch names. */
module io.cellbelt.models {
  requires transitive io.cellbelt.graphs;
  requires com.google.gson;
  requires com.google.protobuf;
  requires de.siegmar.fastcsv;

  exports io.cellbelt.models;
  exports io.cellbelt.models.data;

  provides io.cellbelt.cells.ModelReader with
      io.cellbelt.models.ModelFilesReader;
}
