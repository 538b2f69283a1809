package io.cellbelt.propertytests.support;

import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** Runs a main class of the tests in a JVM of its own, from the class path. */
public record Jvm(int exitCode, String output) {
  /** Runs it with these options. */
  public static Jvm run(Class<?> main, String... options) {
    return run(List.of(), main, withModules(options));
  }

  /** Runs it with these options, and with what reads model files. */
  public static Jvm runWithModels(Class<?> main, String... options) {
    return run(List.of("io.cellbelt.models", "com.google.gson"), main, withModules(options));
  }

  /** Runs it with these options alone, and so without those that the library asks for. */
  public static Jvm runWithoutModules(Class<?> main, String... options) {
    return run(List.of(), main, List.of(options));
  }

  private static List<String> withModules(String... options) {
    List<String> all = new ArrayList<>();
    all.addAll(List.of("--add-modules", "jdk.incubator.vector"));
    all.add("--enable-native-access=ALL-UNNAMED");
    all.addAll(List.of(options));
    return all;
  }

  private static Jvm run(List<String> modules, Class<?> main, List<String> options) {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(List.of("-cp", classPath(modules, main)));
    command.addAll(options);
    command.add(main.getName());
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
  private static String classPath(List<String> modules, Class<?> main) {
    String name = main.getName().replace('.', '/') + ".class";
    String url = main.getClassLoader().getResource(name).toString();
    URI tests = URI.create(url.substring(0, url.length() - name.length()));
    List<String> entries = new ArrayList<>();
    entries.add(location("io.cellbelt.kernels"));
    entries.add(location("io.cellbelt.cells"));
    entries.add(location("io.cellbelt.bptt"));
    modules.forEach(module -> entries.add(location(module)));
    entries.add(Path.of(tests).toString());
    return String.join(File.pathSeparator, entries);
  }

  private static String location(String module) {
    return ModuleLayer.boot()
        .configuration()
        .findModule(module)
        .flatMap(m -> m.reference().location())
        .map(Path::of)
        .orElseThrow()
        .toString();
  }
}
