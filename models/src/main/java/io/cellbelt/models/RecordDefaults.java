package io.cellbelt.models;

import java.lang.reflect.Constructor;
import java.lang.reflect.Executable;
import java.lang.reflect.Field;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.lang.reflect.RecordComponent;
import java.util.Arrays;
import java.util.Comparator;
import java.util.stream.Stream;

/**
 * How a record comes to be from its first components.
 *
 * @param how a constructor, a static method, or null for a constant
 * @param constant where there is no other way
 */
record RecordDefaults(Class<?> type, Executable how, Object constant) {
  /** The way that asks for the least. */
  static RecordDefaults of(Class<?> type) {
    Object constant = constant(type);
    if (constant != null) {
      return new RecordDefaults(type, null, constant);
    }
    Stream<Executable> factories =
        Arrays.stream(type.getMethods())
            .filter(method -> Modifier.isStatic(method.getModifiers()))
            .filter(method -> method.getName().equals("of") && method.getReturnType() == type)
            .map(method -> method);
    return Stream.concat(Arrays.stream(type.getConstructors()), factories)
        .filter(how -> how.getParameterCount() > 0 && startsWith(type, how))
        .min(Comparator.comparingInt(Executable::getParameterCount))
        .map(how -> new RecordDefaults(type, how, null))
        .orElseThrow(() -> new IllegalStateException(type + " has no public constructor."));
  }

  private static boolean startsWith(Class<?> type, Executable how) {
    Class<?>[] parameters = how.getParameterTypes();
    return parameters.length <= types(type).length
        && Arrays.equals(parameters, Arrays.copyOf(types(type), parameters.length));
  }

  /** The types of a record's components. */
  static Class<?>[] types(Class<?> type) {
    return Arrays.stream(type.getRecordComponents())
        .map(RecordComponent::getType)
        .toArray(Class<?>[]::new);
  }

  private static Object constant(Class<?> type) {
    try {
      Field field = type.getField("DEFAULT");
      return field.getType() == type ? field.get(null) : null;
    } catch (NoSuchFieldException e) {
      return null;
    } catch (IllegalAccessException e) {
      throw new IllegalStateException(e);
    }
  }

  /** The way that asks for all of them. */
  static RecordDefaults whole(Class<?> type) {
    try {
      return new RecordDefaults(type, type.getConstructor(types(type)), null);
    } catch (NoSuchMethodException e) {
      throw new IllegalStateException("Records in files must be public.", e);
    }
  }

  int required() {
    return how == null ? 0 : how.getParameterCount();
  }

  /** A record from as many of the values as it takes. */
  Object create(Object[] values) {
    Object[] first = Arrays.copyOf(values, required());
    try {
      return switch (how) {
        case null -> constant;
        case Method factory -> factory.invoke(null, first);
        case Constructor<?> constructor -> constructor.newInstance(first);
      };
    } catch (InvocationTargetException e) {
      if (e.getCause() instanceof IllegalArgumentException refusal) {
        throw new IllegalArgumentException(refusal.getMessage(), refusal);
      }
      throw new IllegalArgumentException(
          type.getSimpleName() + " cannot be made of its numbers: " + e.getCause() + ".", e);
    } catch (ReflectiveOperationException e) {
      throw new IllegalStateException("Records in files must be public.", e);
    }
  }
}
