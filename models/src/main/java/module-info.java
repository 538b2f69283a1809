/** Model files: safetensors with PyTorch names. */
module io.cellbelt.models {
  requires transitive io.cellbelt.cells;
  requires com.google.gson;

  exports io.cellbelt.models;

  provides io.cellbelt.cells.ModelReader with
      io.cellbelt.models.ModelFilesReader;
}
