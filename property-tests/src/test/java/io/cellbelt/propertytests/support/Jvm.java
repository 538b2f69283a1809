package io.cellbelt.propertytests.support;

import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/** Runs a main class of the tests, or a source file, in a JVM of its own, from the class path. */
public record Jvm(int exitCode, String output) {
  private static final List<String> MODULES =
      List.of("io.cellbelt.kernels", "io.cellbelt.cells", "io.cellbelt.bptt", "io.cellbelt.models");

  /** Runs a main class with these options. */
  public static Jvm run(Class<?> main, String... options) {
    return run(main, List.of(options));
  }

  /** Runs a main class with these options of the JVM and arguments. */
  public static Jvm run(Class<?> main, List<String> options, String... arguments) {
    String name = main.getName().replace('.', '/') + ".class";
    String url = main.getClassLoader().getResource(name).toString();
    URI tests = URI.create(url.substring(0, url.length() - name.length()));
    List<String> all = new ArrayList<>(List.of(main.getName()));
    all.addAll(List.of(arguments));
    return start(Path.of(tests).toString(), options, all);
  }

  /** Runs a source file with these arguments. */
  public static Jvm run(Path source, String... arguments) {
    List<String> all = new ArrayList<>(List.of(source.toString()));
    all.addAll(List.of(arguments));
    return start("", List.of(), all);
  }

  /** Where the classes of the library's modules that others may use lie. */
  public static List<Path> modules() {
    return MODULES.stream().map(Jvm::location).toList();
  }

  private static Jvm start(String tests, List<String> options, List<String> main) {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(List.of("--add-modules", "jdk.incubator.vector", "-cp", classPath(tests)));
    command.add("--enable-native-access=ALL-UNNAMED");
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
  private static String classPath(String tests) {
    Stream<String> library =
        Stream.concat(modules().stream(), Stream.of(location("com.google.gson")))
            .map(Path::toString);
    return String.join(
        File.pathSeparator, Stream.concat(library, Stream.of(tests)).toArray(String[]::new));
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
