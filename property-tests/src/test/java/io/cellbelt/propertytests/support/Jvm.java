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
    List<String> all = new ArrayList<>();
    all.addAll(List.of("--add-modules", "jdk.incubator.vector"));
    all.add("--enable-native-access=ALL-UNNAMED");
    all.addAll(List.of(options));
    return runWithoutModules(main, all.toArray(String[]::new));
  }

  /** Runs it with these options alone, and so without those that the library asks for. */
  public static Jvm runWithoutModules(Class<?> main, String... options) {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(List.of("-cp", classPath(main)));
    command.addAll(List.of(options));
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
  private static String classPath(Class<?> main) {
    String name = main.getName().replace('.', '/') + ".class";
    String url = main.getClassLoader().getResource(name).toString();
    URI tests = URI.create(url.substring(0, url.length() - name.length()));
    return String.join(
        File.pathSeparator,
        location("io.cellbelt.kernels"),
        location("io.cellbelt.cells"),
        location("io.cellbelt.bptt"),
        Path.of(tests).toString());
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
