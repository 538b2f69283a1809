package io.cellbelt.models.keras;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonPrimitive;
import io.cellbelt.models.keras.OperationLayers.Operation;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** Part of a value, as Python's brackets take it. */
record Slices() implements Operation {
  private static final String ONLY =
      "only numbers, slices and an ellipsis are supported in its brackets.";

  @Override
  public Value apply(Call call) {
    Value x = call.raw().isEmpty() ? call.rawInput() : call.raw().getFirst();
    List<Object> index = index(call, x.rank());
    List<Long> starts = new ArrayList<>();
    List<Long> ends = new ArrayList<>();
    List<Long> axes = new ArrayList<>();
    List<Long> steps = new ArrayList<>();
    List<Integer> dropped = new ArrayList<>();
    int[] shape = x.shape().clone();
    for (int axis = 0; axis < index.size(); axis++) {
      long[] range = range(index.get(axis));
      if (range == null) {
        continue;
      }
      starts.add(range[0]);
      ends.add(range[1]);
      steps.add(range[2]);
      axes.add((long) axis);
      shape[axis] = shape[axis] < 0 ? Config.OPEN : length(range, shape[axis]);
      if (!(index.get(axis) instanceof JsonObject)) {
        dropped.add(axis);
      }
    }
    if (axes.isEmpty()) {
      return x;
    }
    Scope scope = call.scope();
    String y =
        scope.node(
            "Slice",
            x.name(),
            scope.wholes(array(starts)),
            scope.wholes(array(ends)),
            scope.wholes(array(axes)),
            scope.wholes(array(steps)));
    if (!dropped.isEmpty()) {
      y = scope.squeeze(y, dropped.stream().mapToInt(Integer::intValue).toArray());
    }
    List<Integer> left = new ArrayList<>();
    for (int axis = 0; axis < shape.length; axis++) {
      if (!dropped.contains(axis)) {
        left.add(shape[axis]);
      }
    }
    return new Value(y, x.type(), left.stream().mapToInt(Integer::intValue).toArray(), null);
  }

  private static long[] array(List<Long> list) {
    return list.stream().mapToLong(Long::longValue).toArray();
  }

  /** What stands in the brackets for each axis, with an ellipsis written out. */
  private static List<Object> index(Call call, int rank) {
    Object given =
        call.arguments().size() > 1 ? call.arguments().get(1) : call.named().get("slice_spec");
    List<?> all = given instanceof List<?> list ? list : given == null ? List.of() : List.of(given);
    List<Object> index = new ArrayList<>();
    for (Object one : all) {
      if (one instanceof JsonObject object && isEllipsis(object)) {
        for (int i = all.size() - 1; i < rank; i++) {
          index.add(new JsonObject());
        }
      } else {
        index.add(one);
      }
    }
    if (index.size() > rank || index.isEmpty()) {
      throw Misfit.of("its brackets hold %d indices for %d dimensions.", index.size(), rank);
    }
    return index;
  }

  private static boolean isEllipsis(JsonObject object) {
    return KerasObject.text(object, "class_name", "").equals("__ellipsis__");
  }

  /** Start, end and step; null for the whole axis. */
  private static long[] range(Object index) {
    return switch (index) {
      case JsonPrimitive number when number.isNumber() -> {
        long at = Config.whole("index", number);
        yield new long[] {at, at == -1 ? Long.MAX_VALUE : at + 1, 1};
      }
      case JsonObject object -> {
        JsonObject slice = object.has("config") ? KerasObject.config(object) : object;
        long step = bound(slice.get("step"), 1);
        if (step == 0) {
          throw new Misfit(ONLY);
        }
        boolean forward = step > 0;
        long[] range = {
          bound(slice.get("start"), forward ? 0 : Long.MAX_VALUE),
          bound(slice.get("stop"), forward ? Long.MAX_VALUE : Long.MIN_VALUE),
          step
        };
        boolean isWhole = Arrays.equals(range, new long[] {0, Long.MAX_VALUE, 1});
        yield isWhole ? null : range;
      }
      case null, default -> throw new Misfit(ONLY);
    };
  }

  private static long bound(JsonElement value, long otherwise) {
    if (value == null || value.isJsonNull()) {
      return otherwise;
    }
    if (value instanceof JsonPrimitive number && number.isNumber()) {
      return Config.whole("index", number);
    }
    throw new Misfit(ONLY);
  }

  /** How many elements of an axis a range takes. */
  private static int length(long[] range, int size) {
    boolean forward = range[2] > 0;
    long start = clamped(range[0], size, forward ? 0 : -1, forward ? size : size - 1);
    long end = clamped(range[1], size, forward ? 0 : -1, forward ? size : size - 1);
    long span = forward ? end - start : start - end;
    long step = Math.abs(range[2]);
    return span <= 0 ? 0 : (int) ((span + step - 1) / step);
  }

  private static long clamped(long bound, int size, long least, long most) {
    if (bound == Long.MIN_VALUE) {
      return least;
    }
    return Math.clamp(bound < 0 ? bound + size : bound, least, most);
  }
}
