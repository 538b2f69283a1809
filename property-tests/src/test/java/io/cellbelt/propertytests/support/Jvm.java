package io.cellbelt.propertytests.support;

import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** Runs a main class of the tests, or a source file, in a JVM of its own, from the class path. */
public record Jvm(int exitCode, String output) {
  private static final List<String> MODULES =
      List.of(
          "io.cellbelt.kernels",
          "io.cellbelt.cells",
          "io.cellbelt.bptt",
          "io.cellbelt.graphs",
          "io.cellbelt.models");

  /** What the library's modules need. */
  private static final List<String> LIBRARIES =
      List.of(
          "com.google.gson",
          "com.google.protobuf",
          "de.siegmar.fastcsv",
          "io.jhdf",
          "org.apache.commons.lang3",
          "org.slf4j");

  /** What the library asks for on the class path. */
  private static final List<String> FLAGS =
      List.of("--add-modules", "jdk.incubator.vector", "--enable-native-access=ALL-UNNAMED");

  /** Runs a main class with these options. */
  public static Jvm run(Class<?> main, String... options) {
    return run(main, List.of(options));
  }

  /** Runs a main class with these options of the JVM and arguments. */
  public static Jvm run(Class<?> main, List<String> options, String... arguments) {
    return start(FLAGS, classPath(modules(), main), options, named(main.getName(), arguments));
  }

  /**
   * Runs a main class of other libraries beside these tests.
   *
   * @param others files of those libraries
   */
  public static Jvm run(
      List<Path> others, String main, Class<?> tests, List<String> options, String... arguments) {
    String classPath = classPath(modules(), tests) + File.pathSeparator + paths(others);
    return start(FLAGS, classPath, options, named(main, arguments));
  }

  /** Runs a main class with these options alone, without those that the library asks for. */
  public static Jvm runWithoutModules(Class<?> main, String... options) {
    return start(List.of(), classPath(modules(), main), List.of(options), List.of(main.getName()));
  }

  /** Runs a main class with these options, and without what reads model files. */
  public static Jvm runWithoutModels(Class<?> main, String... options) {
    List<Path> modules = modules().subList(0, MODULES.size() - 1);
    return start(FLAGS, classPath(modules, main), List.of(options), List.of(main.getName()));
  }

  /** Runs a source file with these arguments. */
  public static Jvm run(Path source, String... arguments) {
    return start(FLAGS, joined(modules()), List.of(), named(source.toString(), arguments));
  }

  /** Where the classes of the library's modules that others may use lie. */
  public static List<Path> modules() {
    return MODULES.stream().map(Jvm::location).toList();
  }

  private static List<String> named(String name, String... arguments) {
    List<String> all = new ArrayList<>(List.of(name));
    all.addAll(List.of(arguments));
    return all;
  }

  private static Jvm start(
      List<String> flags, String classPath, List<String> options, List<String> main) {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(flags);
    command.addAll(List.of("-cp", classPath));
    command.addAll(options);
    command.addAll(main);
    try {
      Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
      process.getOutputStream().close();
      String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
      return new Jvm(process.waitFor(), output);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }

  /** The library and the tests; only the system's loader knows where patched modules lie. */
  private static String classPath(List<Path> modules, Class<?> main) {
    String name = main.getName().replace('.', '/') + ".class";
    String url = main.getClassLoader().getResource(name).toString();
    URI tests = URI.create(url.substring(0, url.length() - name.length()));
    return joined(modules) + File.pathSeparator + Path.of(tests);
  }

  private static String joined(List<Path> modules) {
    return paths(Stream.concat(modules.stream(), LIBRARIES.stream().map(Jvm::location)).toList());
  }

  private static String paths(List<Path> paths) {
    return paths.stream().map(Path::toString).collect(Collectors.joining(File.pathSeparator));
  }

  private static Path location(String module) {
    return ModuleLayer.boot()
        .configuration()
        .findModule(module)
        .flatMap(m -> m.reference().location())
        .map(Path::of)
        .orElseThrow();
  }
}
