/** Model files: safetensors with PyTorch's names, ONNX, Keras, JSON of real-time audio. */
module io.cellbelt.models {
  requires transitive io.cellbelt.graphs;
  requires com.google.gson;
  requires com.google.protobuf;
  requires de.siegmar.fastcsv;
  requires io.jhdf;
  requires org.apache.commons.lang3; // jhdf's, as is the next; neither is found otherwise
  requires org.slf4j;

  exports io.cellbelt.models;
  exports io.cellbelt.models.data;

  provides io.cellbelt.cells.ModelReader with
      io.cellbelt.models.ModelFilesReader;
}
