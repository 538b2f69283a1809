package io.cellbelt.propertytests.readme;

import io.cellbelt.graphs.GraphStream;
import io.cellbelt.graphs.Setup;
import io.cellbelt.models.Models;
import io.cellbelt.models.OpenModel;
import java.io.IOException;
import java.nio.file.Path;

public final class Speech {
  public static void main(String[] args) throws IOException {
    try (OpenModel.AnyGraph model = Models.openGraph(Path.of(args[0]));
        GraphStream stream = model.graph().ready(Setup.DEFAULT).newStream()) {
      float[] window = new float[576]; // 64 samples of the window before, and 512 new ones
      float[] probability = new float[1];
      for (int i = 0; i < 10; i++) {
        stream.step(window, probability); // the LSTM's state goes on by itself
      }
      System.out.println(probability[0]);
    }
  }
}
