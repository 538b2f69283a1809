package io.cellbelt.propertytests;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.module.ModuleDescriptor.Exports;
import java.lang.module.ModuleReader;
import java.lang.reflect.Constructor;
import java.lang.reflect.Executable;
import java.lang.reflect.Field;
import java.lang.reflect.GenericArrayType;
import java.lang.reflect.Member;
import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.lang.reflect.ParameterizedType;
import java.lang.reflect.Type;
import java.lang.reflect.TypeVariable;
import java.lang.reflect.WildcardType;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * What the library offers to everyone: the public types of the packages that its modules export to
 * all, and what can be called on them. Read from the module descriptors, so that nothing is
 * forgotten.
 */
public final class PublicApi {
  /** The modules that users depend on. */
  public static final List<String> MODULES =
      List.of(
          "io.cellbelt.kernels",
          "io.cellbelt.cells",
          "io.cellbelt.bptt",
          "io.cellbelt.graphs",
          "io.cellbelt.models");

  private PublicApi() {}

  /** All public types, nested ones too, by name. */
  public static List<Class<?>> types() {
    return MODULES.stream()
        .flatMap(PublicApi::types)
        .sorted(Comparator.comparing(Class::getName))
        .collect(Collectors.toList());
  }

  private static Stream<Class<?>> types(String name) {
    Module module = ModuleLayer.boot().findModule(name).orElseThrow();
    Set<String> exported =
        module.getDescriptor().exports().stream()
            .filter(exports -> !exports.isQualified())
            .map(Exports::source)
            .collect(Collectors.toSet());
    try (ModuleReader reader =
        module.getLayer().configuration().findModule(name).orElseThrow().reference().open()) {
      return reader
          .list()
          .filter(file -> file.endsWith(".class") && file.contains("/"))
          .map(file -> file.substring(0, file.length() - ".class".length()).replace('/', '.'))
          .filter(type -> exported.contains(type.substring(0, type.lastIndexOf('.'))))
          .<Class<?>>map(type -> Class.forName(module, type))
          .filter(PublicApi::isPublic)
          .toList()
          .stream();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static boolean isPublic(Class<?> type) {
    return Modifier.isPublic(type.getModifiers())
        && (type.getEnclosingClass() == null || isPublic(type.getEnclosingClass()));
  }

  /** Whether everyone can name a type: a public one, of a package that is exported to all. */
  public static boolean isForEveryone(Class<?> type) {
    Class<?> element = type.isArray() ? type.componentType() : type;
    return element.isArray()
        ? isForEveryone(element)
        : element.isPrimitive()
            || isPublic(element) && element.getModule().isExported(element.getPackageName());
  }

  /** The methods and constructors of a type that everyone can call, those of the JDK left out. */
  public static List<Executable> executables(Class<?> type) {
    List<Executable> all = new ArrayList<>();
    Stream.of(type.getDeclaredConstructors(), type.getDeclaredMethods(), type.getMethods())
        .flatMap(Arrays::stream)
        .filter(executable -> isReachable(type, executable))
        .filter(
            executable -> MODULES.contains(executable.getDeclaringClass().getModule().getName()))
        .filter(executable -> !executable.isSynthetic())
        .distinct()
        .sorted(Comparator.comparing(Executable::toGenericString))
        .forEach(all::add);
    return all;
  }

  /** What is protected is reachable where everyone can write a subclass. */
  private static boolean isReachable(Class<?> type, Member member) {
    return Modifier.isPublic(member.getModifiers())
        || Modifier.isProtected(member.getModifiers())
            && !Modifier.isFinal(type.getModifiers())
            && !type.isSealed();
  }

  /** All types that a type's declaration and what everyone can reach of it mention. */
  public static Set<Class<?>> mentioned(Class<?> type) {
    Set<Type> all = new HashSet<>();
    add(all, type.getGenericSuperclass());
    add(all, type.getGenericInterfaces());
    add(all, type.getTypeParameters());
    for (Field field : type.getDeclaredFields()) {
      if (isReachable(type, field)) {
        add(all, field.getGenericType());
      }
    }
    for (Executable executable : executables(type)) {
      add(all, executable.getGenericParameterTypes());
      add(all, executable.getGenericExceptionTypes());
      add(all, executable.getTypeParameters());
      if (executable instanceof Method method) {
        add(all, method.getGenericReturnType());
      } else if (executable instanceof Constructor<?> constructor) {
        add(all, constructor.getDeclaringClass());
      }
    }
    return all.stream()
        .filter(Class.class::isInstance)
        .map(mentioned -> (Class<?>) mentioned)
        .collect(Collectors.toSet());
  }

  /** A type and all that it is made of; a record's components come with its accessors. */
  private static void add(Set<Type> all, Type... types) {
    for (Type type : types) {
      if (type == null || !all.add(type)) {
        continue;
      }
      switch (type) {
        case ParameterizedType generic -> {
          add(all, generic.getRawType());
          add(all, generic.getActualTypeArguments());
        }
        case GenericArrayType array -> add(all, array.getGenericComponentType());
        case TypeVariable<?> variable -> add(all, variable.getBounds());
        case WildcardType wildcard -> {
          add(all, wildcard.getUpperBounds());
          add(all, wildcard.getLowerBounds());
        }
        default -> {}
      }
    }
  }
}
