package io.cellbelt.propertytests.app;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Stream;

/**
 * The command line in a process of its own, as the launcher starts it.
 *
 * @param exitCode of the process
 * @param out what it printed to standard output
 * @param errors the lines on standard error, without the JVM's own warnings
 */
record Cellbelt(int exitCode, String out, List<String> errors) {
  /** Runs a command to its end. */
  static Cellbelt run(Path folder, String... arguments) {
    return run(folder, List.of(), arguments);
  }

  /** Runs a command to its end on a JVM with more options. */
  static Cellbelt run(Path folder, List<String> jvmOptions, String... arguments) {
    try {
      return await(start(folder, jvmOptions, arguments));
    } catch (IOException | InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }

  /** Starts a command. */
  static Process start(Path folder, List<String> jvmOptions, String... arguments)
      throws IOException {
    return prepare(folder, jvmOptions, arguments).start();
  }

  /** A command that is not started yet, in an environment that can still be changed. */
  static ProcessBuilder prepare(Path folder, List<String> jvmOptions, String... arguments) {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.add("--enable-native-access=io.cellbelt.kernels");
    command.addAll(jvmOptions);
    command.addAll(List.of("--module-path", System.getProperty("jdk.module.path")));
    command.addAll(List.of("--module", "io.cellbelt.app/io.cellbelt.app.Main"));
    command.addAll(List.of(arguments));
    return new ProcessBuilder(command).directory(folder.toFile());
  }

  /** Waits for the end of a command, whatever it prints. */
  static Cellbelt await(Process process) throws IOException, InterruptedException {
    process.getOutputStream().close();
    CompletableFuture<String> errors =
        CompletableFuture.supplyAsync(
            () -> text(process.errorReader(StandardCharsets.UTF_8).lines()));
    String out = text(process.inputReader(StandardCharsets.UTF_8).lines());
    List<String> lines =
        errors.join().lines().filter(line -> !line.startsWith("WARNING: Using incub")).toList();
    return new Cellbelt(process.waitFor(), out, lines);
  }

  private static String text(Stream<String> lines) {
    return String.join("\n", lines.toList());
  }
}
