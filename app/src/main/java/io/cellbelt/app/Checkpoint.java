package io.cellbelt.app;

import com.google.gson.Gson;
import io.cellbelt.models.ModelFileException;
import io.cellbelt.models.SafetensorsFile;
import io.cellbelt.models.Tensor;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * All that an interrupted training needs to go on as if nothing had happened, in a safetensors file
 * beside the model.
 *
 * @param position options, text and position
 * @param values the trainer's numbers
 */
record Checkpoint(Position position, Map<String, float[]> values) {
  private static final String METADATA = "cellbelt.training";

  private static final Gson GSON = new Gson();

  /** The part that is stored as JSON. */
  record Position(TrainOptions options, String textHash, TrainingLog log) {}

  /** The file beside a model. */
  static Path path(Path model) {
    return model.resolveSibling(model.getFileName() + ".checkpoint");
  }

  void write(Path file) throws ModelFileException {
    List<Tensor> tensors = new ArrayList<>();
    values.forEach((name, value) -> tensors.add(Tensor.of(name, value, value.length)));
    SafetensorsFile.of(Map.of(METADATA, GSON.toJson(position)), tensors).write(file);
  }

  /**
   * Reads a checkpoint.
   *
   * @throws ModelFileException if it is no safetensors file
   * @throws Failure if it holds something else
   */
  static Checkpoint read(Path file) throws ModelFileException {
    SafetensorsFile content = SafetensorsFile.read(file);
    Map<String, float[]> values = new LinkedHashMap<>();
    content.tensors().forEach(tensor -> values.put(tensor.name(), tensor.values()));
    return new Checkpoint(parse(file, content.metadata().get(METADATA)), values);
  }

  // Gson wraps what a record's constructor throws into a plain RuntimeException.
  private static Position parse(Path file, String json) {
    RuntimeException cause = null;
    try {
      Position position = GSON.fromJson(json, Position.class);
      if (position != null
          && position.options() != null
          && position.textHash() != null
          && position.log() != null) {
        return position;
      }
    } catch (RuntimeException e) {
      cause = e;
    }
    throw new Failure(
        String.format(
                Locale.ROOT,
                "The checkpoint %s has no usable metadata entry '%s', so training cannot go on from it; start",
                file,
                METADATA)
            + " again with --force.",
        cause);
  }
}
