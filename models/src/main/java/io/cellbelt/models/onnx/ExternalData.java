package io.cellbelt.models.onnx;

import static io.cellbelt.models.ModelFileException.quote;

import io.cellbelt.graphs.Tensor;
import io.cellbelt.models.ModelFileException;
import io.cellbelt.models.onnx.OnnxProto.StringStringEntryProto;
import java.io.EOFException;
import java.io.IOException;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * The elements of a tensor that lie in a file beside the model: in its folder or one below, and
 * nowhere else, whatever symbolic links say.
 */
final class ExternalData {
  private final OnnxFile model;
  private final String what;
  private final String location;
  private final long offset;

  /** Negative where the file does not say. */
  private final long length;

  private ExternalData(OnnxFile model, String what, String location, long offset, long length) {
    this.model = model;
    this.what = what;
    this.location = location;
    this.offset = offset;
    this.length = length;
  }

  /**
   * What the model says about the data of a tensor.
   *
   * @param what the tensor, for messages
   */
  static ExternalData of(OnnxFile model, List<StringStringEntryProto> entries, String what)
      throws ModelFileException {
    Map<String, String> values = new HashMap<>();
    entries.forEach(entry -> values.put(entry.getKey(), entry.getValue()));
    String location = values.getOrDefault("location", "");
    if (location.isEmpty()) {
      throw model.refused("%s has its data in another file, but does not say in which.", what);
    }
    return new ExternalData(
        model,
        what,
        location,
        number(model, what, values, "offset", 0),
        number(model, what, values, "length", -1));
  }

  private static long number(
      OnnxFile model, String what, Map<String, String> values, String key, long otherwise)
      throws ModelFileException {
    String text = values.get(key);
    if (text == null) {
      return otherwise;
    }
    try {
      long number = Long.parseLong(text);
      if (number >= 0) {
        return number;
      }
    } catch (NumberFormatException e) {
      // Refused below, as a negative number is.
    }
    throw model.refused(
        "the %s of the data of %s is a number from 0 on, but it is %s.", key, what, quote(text));
  }

  /** Reads and decodes elements, in pieces. */
  Tensor read(Encoding encoding, int elements, int[] shape) throws ModelFileException {
    long bytes = encoding.bytes(elements);
    if (length >= 0 && length != bytes) {
      throw model.refused(
          "%s has the shape %s, for which it needs %d bytes of data, but it has %d in %s.",
          what, Arrays.toString(shape), bytes, length, quote(location));
    }
    Path file = file();
    try (FileChannel channel = FileChannel.open(file)) {
      if (bytes > channel.size() - offset) {
        throw model.refused(
            "%s has %d bytes of data from byte %d of %s on, but that file has only %d bytes. Copy"
                + " it again beside the model.",
            what, bytes, offset, quote(location), channel.size());
      }
      model.allow(file, channel.size());
      model.take(encoding.memory(elements));
      return encoding.read(Channels.newInputStream(channel.position(offset)), shape);
    } catch (EOFException e) {
      throw model.refused(
          "%s became shorter while it was read. Wait until it is complete.", quote(location));
    } catch (IOException e) {
      throw ModelFileException.unreadable(file, e);
    }
  }

  /** The file, without symbolic links. */
  private Path file() throws ModelFileException {
    try {
      Path folder = model.path().toAbsolutePath().getParent();
      Path relative = folder.getFileSystem().getPath(location);
      if (relative.getRoot() != null || climbs(relative)) {
        throw outside();
      }
      Path named = folder.resolve(relative);
      if (!Files.exists(named)) {
        throw model.refused(
            "%s has its data in %s, but there is no such file beside the model. Copy it there.",
            what, quote(location));
      }
      Path real = named.toRealPath();
      if (!real.startsWith(folder.toRealPath())) {
        throw outside();
      }
      if (!Files.isRegularFile(real)) {
        throw model.refused(
            "%s has its data in %s, which is not a regular file.", what, quote(location));
      }
      return real;
    } catch (InvalidPathException e) {
      throw model.refused(
          "%s has its data in %s, which cannot be the name of a file.", what, quote(location));
    } catch (IOException e) {
      throw ModelFileException.unreadable(model.path(), e);
    }
  }

  private static boolean climbs(Path relative) {
    for (Path part : relative) {
      if (part.toString().equals("..")) {
        return true;
      }
    }
    return false;
  }

  private ModelFileException outside() {
    return model.refused(
        "%s has its data in %s, which leads out of the folder of the model. Data is read from that"
            + " folder only: copy the file there and save the model again with its name alone.",
        what, quote(location));
  }
}
