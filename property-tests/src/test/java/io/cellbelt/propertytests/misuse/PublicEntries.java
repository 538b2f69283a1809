package io.cellbelt.propertytests.misuse;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.module.ModuleDescriptor.Exports;
import java.lang.module.ModuleFinder;
import java.lang.module.ModuleReader;
import java.lang.module.ModuleReference;
import java.lang.reflect.Constructor;
import java.lang.reflect.Executable;
import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** Every public entry of the exported packages of some modules, as their descriptors say. */
final class PublicEntries {
  /** Answered by the JDK for every record and enum, or for every object. */
  private static final Set<String> OF_EVERY_OBJECT =
      Set.of("equals", "hashCode", "toString", "values", "valueOf");

  /** What the property does not call, by the start of its name, and why. */
  static final Map<String, String> NOT_CALLED = notCalled();

  private PublicEntries() {}

  private static Map<String, String> notCalled() {
    Map<String, String> reasons = new LinkedHashMap<>();
    reasons.put("io.cellbelt.cells.reference.ReferenceParameters.", "given to a reference's step");
    reasons.put("io.cellbelt.cells.Row.", "there is one in a kernel's call only: CustomKernelTest");
    reasons.put(
        "io.cellbelt.cells.Block.", "there is one in a kernel's call only: CustomKernelTest");
    reasons.put("io.cellbelt.kernels.ExclusiveUse.enter(", "what is entered must be left");
    reasons.put("io.cellbelt.kernels.ExclusiveUse.hold(", "what is entered must be left");
    reasons.put("io.cellbelt.kernels.ExclusiveUse.exit(", "ends what another call began");
    reasons.put("io.cellbelt.kernels.MachineLimits.readBandwidth(", "takes seconds by design");
    reasons.put("io.cellbelt.kernels.MachineLimits.fmaPeak(", "takes seconds by design");
    reasons.put("io.cellbelt.cells.Network.warmUp()", "takes up to 30 seconds by design");
    return reasons;
  }

  /** Constructors and methods of all public classes in packages that are exported to everyone. */
  static List<Executable> of(Path... locations) {
    List<Executable> entries = new ArrayList<>();
    for (ModuleReference module : ModuleFinder.of(locations).findAll()) {
      for (Class<?> type : publicTypes(module)) {
        entries.addAll(of(type));
      }
    }
    entries.sort(Comparator.comparing(PublicEntries::name));
    return entries;
  }

  private static List<Class<?>> publicTypes(ModuleReference module) {
    Set<String> exported =
        module.descriptor().exports().stream()
            .filter(exports -> !exports.isQualified())
            .map(Exports::source)
            .collect(Collectors.toSet());
    try (ModuleReader reader = module.open()) {
      return reader
          .list()
          .filter(name -> name.endsWith(".class") && !name.contains("-info"))
          .map(name -> name.substring(0, name.length() - 6).replace('/', '.'))
          .filter(name -> exported.contains(name.substring(0, name.lastIndexOf('.'))))
          .<Class<?>>map(PublicEntries::load)
          .filter(PublicEntries::isPublic)
          .toList();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static Class<?> load(String name) {
    try {
      return Class.forName(name, false, PublicEntries.class.getClassLoader());
    } catch (ClassNotFoundException e) {
      throw new IllegalStateException(e);
    }
  }

  private static boolean isPublic(Class<?> type) {
    return Modifier.isPublic(type.getModifiers())
        && (type.getDeclaringClass() == null || isPublic(type.getDeclaringClass()));
  }

  private static List<Executable> of(Class<?> type) {
    Stream<Constructor<?>> constructors =
        Modifier.isAbstract(type.getModifiers())
            ? Stream.of()
            : Arrays.stream(type.getConstructors());
    Stream<Method> methods =
        Arrays.stream(type.getDeclaredMethods())
            .filter(method -> Modifier.isPublic(method.getModifiers()))
            .filter(method -> !method.isSynthetic() && !method.isBridge())
            .filter(method -> !OF_EVERY_OBJECT.contains(method.getName()));
    return Stream.concat(constructors, methods).map(Executable.class::cast).toList();
  }

  /** Such as {@code io.cellbelt.cells.Stream.step(float[], float[])}. */
  static String name(Executable entry) {
    String owner = entry.getDeclaringClass().getName().replace('$', '.');
    String method = entry instanceof Constructor<?> ? "new" : entry.getName();
    return owner
        + "."
        + method
        + Arrays.stream(entry.getParameterTypes())
            .map(Class::getSimpleName)
            .collect(Collectors.joining(", ", "(", ")"));
  }

  /** Why an entry is not called, or null where it is. */
  static String reason(Executable entry) {
    String name = name(entry);
    return NOT_CALLED.entrySet().stream()
        .filter(excluded -> name.startsWith(excluded.getKey()))
        .map(Map.Entry::getValue)
        .findFirst()
        .orElse(null);
  }
}
