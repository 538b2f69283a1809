package io.cellbelt.models;

import static io.cellbelt.models.ModelFileException.quote;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonPrimitive;
import java.lang.reflect.ParameterizedType;
import java.lang.reflect.RecordComponent;
import java.lang.reflect.Type;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;

/**
 * Public records as JSON objects, by name and component: numbers, truth values, texts, enums (in
 * lower case), lists and records.
 *
 * <p>A component that is what it is by default is left out. A record tells its defaults by a
 * shorter public constructor or a static {@code of} that takes its first components, or by a
 * constant {@code DEFAULT}; of several the one that asks for the least counts. Whatever does not
 * fit is an {@link IllegalArgumentException} with a sentence.
 */
final class JsonRecord {
  private static final Set<Class<?>> PLAIN =
      Set.of(int.class, long.class, float.class, double.class, boolean.class, String.class);

  private JsonRecord() {}

  /**
   * Refuses a class that is no public record, or has components that JSON does not hold.
   *
   * @throws IllegalArgumentException with a sentence
   */
  static void check(Class<?> type) {
    if (type == null || !type.isRecord() || type.getRecordComponents().length == 0) {
      throw new IllegalArgumentException(
          "Files hold public records by their components, but "
              + type
              + " is no record with such.");
    }
    if (!isAccessible(type)) {
      throw new IllegalArgumentException(
          "Files hold public records of packages that are exported, but "
              + type
              + " cannot be made from here; make it public, and export or open its package to"
              + " io.cellbelt.models.");
    }
    for (RecordComponent component : type.getRecordComponents()) {
      if (!isHeld(component.getGenericType())) {
        throw new IllegalArgumentException(
            String.format(
                Locale.ROOT,
                "Files hold int, long, float, double, boolean, String, enums, and lists and records"
                    + " of these, but the component '%s' of %s is of the type %s.",
                component.getName(),
                type,
                component.getGenericType().getTypeName()));
      }
    }
  }

  private static boolean isAccessible(Class<?> type) {
    try {
      return type.getConstructor(RecordDefaults.types(type)).canAccess(null);
    } catch (NoSuchMethodException e) {
      return false;
    }
  }

  private static boolean isHeld(Type type) {
    if (type instanceof ParameterizedType list) {
      return list.getRawType() == List.class && isHeld(list.getActualTypeArguments()[0]);
    }
    if (!(type instanceof Class<?> plain)) {
      return false;
    }
    if (plain.isRecord()) {
      check(plain);
      return true;
    }
    return PLAIN.contains(plain) || plain.isEnum();
  }

  /** The names of a record's components. */
  static List<String> names(Class<?> type) {
    return Arrays.stream(type.getRecordComponents()).map(RecordComponent::getName).toList();
  }

  /**
   * A record without what is as usual. A component that is a sealed interface is left out, too: who
   * knows its kinds writes it.
   */
  static JsonObject write(Record value) {
    RecordComponent[] components = value.getClass().getRecordComponents();
    Object[] values = Arrays.stream(components).map(c -> get(value, c)).toArray();
    RecordDefaults defaults = RecordDefaults.of(value.getClass());
    Object usual = defaults.create(values);
    JsonObject json = new JsonObject();
    for (int i = 0; i < values.length; i++) {
      boolean isUsual =
          i >= defaults.required() && Objects.equals(values[i], get(usual, components[i]));
      if (!isUsual && !components[i].getType().isSealed()) {
        json.add(components[i].getName(), writeValue(values[i]));
      }
    }
    return json;
  }

  /** What a component holds. */
  static JsonElement writeValue(Object value) {
    return switch (value) {
      case null -> throw new IllegalArgumentException("Files hold no null; give a value.");
      case Boolean truth -> new JsonPrimitive(truth);
      case Number number when !Double.isFinite(number.doubleValue()) ->
          throw new IllegalArgumentException("Files hold finite numbers, but got " + number + ".");
      case Number number -> new JsonPrimitive(number);
      case String text -> new JsonPrimitive(text);
      case Enum<?> constant -> new JsonPrimitive(label(constant));
      case Record record -> write(record);
      case List<?> list -> {
        JsonArray array = new JsonArray();
        list.forEach(element -> array.add(writeValue(element)));
        yield array;
      }
      default -> throw new IllegalStateException("No file knows a " + value.getClass() + ".");
    };
  }

  private static String label(Enum<?> constant) {
    return constant.name().toLowerCase(Locale.ROOT);
  }

  /** A record of which all components are in the object, but for those that are as usual. */
  static <T> T read(JsonObject json, Class<T> type) {
    return read(json, type, Set.of());
  }

  /**
   * A record of which all components are in the object, but for those that are as usual.
   *
   * @param elsewhere keys that are understood, but were taken out
   */
  static <T> T read(JsonObject json, Class<T> type, Set<String> elsewhere) {
    RecordDefaults defaults = RecordDefaults.of(type);
    List<String> names = names(type);
    Set<String> optional = new TreeSet<>(names.subList(defaults.required(), names.size()));
    optional.addAll(elsewhere);
    checkKeys(json, new TreeSet<>(names.subList(0, defaults.required())), optional);
    return read(json, type, defaults, new Object[names.size()], 0);
  }

  /** A record of which the first component is known, and all others may be as usual. */
  static <T> T read(JsonObject json, Class<T> type, Object first) {
    Object[] values = new Object[names(type).size()];
    values[0] = first;
    return read(json, type, RecordDefaults.of(type), values, 1);
  }

  private static <T> T read(
      JsonObject json, Class<T> type, RecordDefaults defaults, Object[] values, int known) {
    RecordComponent[] components = type.getRecordComponents();
    for (int i = known; i < defaults.required(); i++) {
      values[i] = readValue(json, components[i].getName(), components[i].getGenericType());
    }
    boolean complete = defaults.required() == values.length;
    Object usual = complete ? null : defaults.create(values);
    for (int i = defaults.required(); i < values.length; i++) {
      String name = components[i].getName();
      values[i] =
          json.has(name)
              ? readValue(json, name, components[i].getGenericType())
              : get(usual, components[i]);
    }
    return type.cast(RecordDefaults.whole(type).create(values));
  }

  /** The value of a key. */
  static <T> T readValue(JsonObject json, String name, Class<T> type) {
    Object value = readValue(json, name, (Type) type);
    @SuppressWarnings("unchecked") // a primitive type has no cast of its own
    T typed = (T) value;
    return typed;
  }

  private static Object readValue(JsonObject json, String name, Type type) {
    return value(json.get(name), type, "'" + name + "'");
  }

  private static Object value(JsonElement json, Type type, String what) {
    if (type instanceof ParameterizedType list) {
      return list(json, list.getActualTypeArguments()[0], what);
    }
    Class<?> plain = (Class<?>) type;
    if (plain.isRecord()) {
      return read(object(json), plain);
    }
    Optional<Object> value =
        json instanceof JsonPrimitive primitive ? primitive(primitive, plain) : Optional.empty();
    return value.orElseThrow(
        () ->
            new IllegalArgumentException(
                String.format(
                    Locale.ROOT,
                    "%s must be %s, but is %s.",
                    what,
                    expected(plain),
                    quote(String.valueOf(json)))));
  }

  private static List<Object> list(JsonElement json, Type type, String what) {
    if (!(json instanceof JsonArray array)) {
      throw new IllegalArgumentException(
          what + " must be a JSON array, but is " + quote(String.valueOf(json)) + ".");
    }
    List<Object> values = new ArrayList<>();
    array.forEach(element -> values.add(value(element, type, what)));
    return values;
  }

  private static Optional<Object> primitive(JsonPrimitive json, Class<?> type) {
    if (type == String.class) {
      return json.isString() ? Optional.of(json.getAsString()) : Optional.empty();
    }
    if (type == boolean.class) {
      return json.isBoolean() ? Optional.of(json.getAsBoolean()) : Optional.empty();
    }
    if (type.isEnum()) {
      return json.isString() ? constant(type, json.getAsString()) : Optional.empty();
    }
    if (!json.isNumber()) {
      return Optional.empty();
    }
    // The text, because the numbers of a tree wrap round where they are too large.
    try {
      if (type == float.class) {
        float value = Float.parseFloat(json.getAsString());
        return Float.isFinite(value) ? Optional.of(value) : Optional.empty();
      }
      if (type == double.class) {
        double value = Double.parseDouble(json.getAsString());
        return Double.isFinite(value) ? Optional.of(value) : Optional.empty();
      }
      return Optional.of(
          type == long.class
              ? (Object) Long.parseLong(json.getAsString())
              : Integer.valueOf(json.getAsString()));
    } catch (NumberFormatException e) {
      return Optional.empty();
    }
  }

  private static Optional<Object> constant(Class<?> type, String label) {
    return Arrays.stream(type.getEnumConstants())
        .filter(constant -> label((Enum<?>) constant).equals(label))
        .map(Object.class::cast)
        .findFirst();
  }

  private static String expected(Class<?> type) {
    if (type.isEnum()) {
      return Arrays.stream(type.getEnumConstants())
          .map(constant -> label((Enum<?>) constant))
          .collect(Collectors.joining(", ", "one of ", ""));
    }
    if (type == float.class) {
      return "a number that a float can hold";
    }
    if (type == double.class) {
      return "a finite number";
    }
    if (type == boolean.class) {
      return "true or false";
    }
    if (type == String.class) {
      return "a text";
    }
    return "a whole number below " + (type == long.class ? "2^63" : "2^31");
  }

  /** An object, or a sentence. */
  static JsonObject object(JsonElement json) {
    if (json instanceof JsonObject object) {
      return object;
    }
    throw new IllegalArgumentException(
        "There must be a JSON object, but there is " + quote(String.valueOf(json)) + ".");
  }

  /** Refuses keys that are missing or unknown. */
  static void checkKeys(JsonObject json, Set<String> required, Set<String> optional) {
    Set<String> unknown = new TreeSet<>(json.keySet());
    unknown.removeAll(required);
    unknown.removeAll(optional);
    if (!json.keySet().containsAll(required) || !unknown.isEmpty()) {
      throw new IllegalArgumentException(
          String.format(
              Locale.ROOT,
              "The keys must be %s%s, but are %s.",
              new TreeSet<>(required),
              optional.isEmpty() ? "" : " and may be " + new TreeSet<>(optional),
              quote(json.keySet().toString())));
    }
  }

  private static Object get(Object record, RecordComponent component) {
    try {
      return component.getAccessor().invoke(record);
    } catch (ReflectiveOperationException e) {
      throw new IllegalStateException("Records in files must be public.", e);
    }
  }
}
