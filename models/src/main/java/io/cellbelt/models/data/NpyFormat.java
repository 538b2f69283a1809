package io.cellbelt.models.data;

import io.cellbelt.graphs.Tensor;
import io.cellbelt.models.AtomicFiles;
import io.cellbelt.models.ModelFileException;
import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/** One array of NumPy. */
final class NpyFormat implements ValueFormat {
  @Override
  public List<String> endings() {
    return List.of(".npy");
  }

  @Override
  public boolean recognises(Path file, String first) {
    return NpyArray.recognises(first);
  }

  @Override
  public Map<String, Tensor> read(Path file) throws ModelFileException {
    try (InputStream in = new BufferedInputStream(Files.newInputStream(file))) {
      Tensor array = NpyArray.read(in, Files.size(file), Runtime.getRuntime().maxMemory());
      return Map.of(ValueFormat.nameOf(file), array);
    } catch (IllegalArgumentException e) {
      throw ModelFileException.unreadable(file, e.getMessage());
    } catch (IOException e) {
      throw ModelFileException.unreadable(file, e);
    }
  }

  @Override
  public void write(Path file, Map<String, Tensor> tensors) throws ModelFileException {
    Tensor tensor = ValueFormat.only(file, tensors);
    AtomicFiles.write(file, out -> NpyArray.write(tensor, out));
  }
}
