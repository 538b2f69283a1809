package io.cellbelt.kernels;

import java.lang.management.ManagementFactory;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import javax.management.JMException;
import javax.management.ObjectName;

/**
 * What HotSpot's compiler has in hand of this library's methods at one moment, as the JVM's own
 * diagnostic commands tell.
 *
 * <p>Asking takes some tenths of a millisecond and allocates. Immutable, thread-safe.
 *
 * @param known whether the JVM told; if not, the lists are empty
 * @param compiling methods that are being compiled, such as {@code
 *     io.cellbelt.kernels.product.Gemv.twoGroups}
 * @param queued methods that wait for the compiler
 */
public record JitState(boolean known, List<String> compiling, List<String> queued) {
  /** Copies the lists. */
  public JitState {
    Objects.requireNonNull(compiling, "What is compiled is a list, but got null.");
    Objects.requireNonNull(queued, "What waits is a list, but got null.");
    if (compiling.stream().anyMatch(Objects::isNull) || queued.stream().anyMatch(Objects::isNull)) {
      throw new IllegalArgumentException("A method has a name, but one is null.");
    }
    compiling = List.copyOf(compiling);
    queued = List.copyOf(queued);
  }

  /** The level of code that C2 has made: below it, vectors are boxed. */
  public static final int C2 = 4;

  private static final String LIBRARY = "io.cellbelt.";
  private static final String KERNELS = "io.cellbelt.kernels.";
  private static final String COMMANDS = "com.sun.management:type=DiagnosticCommand";

  /** What the JIT compiler is doing now; a snapshot, old as soon as it is taken. */
  public static JitState now() {
    List<String> compiling = new ArrayList<>();
    List<String> queued = new ArrayList<>();
    String answer = ask("compilerQueue");
    // Two headed lists, "Current compiles:" and then the queues, of lines such as
    // "C2 CompilerThread0  812 %     4       io.cellbelt.A::b @ 4 (325 bytes)".
    List<String> section = compiling;
    for (String line : answer.split("\n")) {
      if (line.endsWith("compile queue:")) {
        section = queued;
      }
      for (String word : line.split(" ")) {
        if (word.startsWith(LIBRARY) && word.contains("::")) {
          section.add(word.replace("::", "."));
        }
      }
    }
    return new JitState(!answer.isEmpty(), compiling, queued);
  }

  /** Whether a method of this library is being compiled or waits for it. */
  public boolean busy() {
    return !compiling.isEmpty() || !queued.isEmpty();
  }

  /**
   * The level at which each kernel is compiled, by the method's name: 1 to 3 for C1's code, {@value
   * #C2} for C2's; methods that are only interpreted are not there. Takes some milliseconds.
   */
  public static Map<String, Integer> levels() {
    Map<String, Integer> levels = new TreeMap<>();
    // Lines such as "812 4 0 io.cellbelt.A.b(JI)V [0x... - 0x...]": number, level, state, method.
    for (String line : ask("compilerCodelist").split("\n")) {
      String[] words = line.strip().split(" ");
      if (words.length > 3 && words[2].equals("0") && words[3].startsWith(KERNELS)) {
        int parameters = words[3].indexOf('(');
        String method = parameters < 0 ? words[3] : words[3].substring(0, parameters);
        levels.merge(method, Integer.parseInt(words[1]), Math::max);
      }
    }
    return levels;
  }

  /** The answer to a diagnostic command, empty where the JVM does not know it. */
  private static String ask(String command) {
    try {
      Object answer =
          ManagementFactory.getPlatformMBeanServer()
              .invoke(new ObjectName(COMMANDS), command, null, null);
      return String.valueOf(answer);
    } catch (JMException | RuntimeException e) {
      return "";
    }
  }
}
