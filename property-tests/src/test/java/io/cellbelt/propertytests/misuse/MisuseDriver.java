package io.cellbelt.propertytests.misuse;

import io.cellbelt.kernels.PanelMatrix;
import io.cellbelt.kernels.Slab;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.lang.reflect.Constructor;
import java.lang.reflect.Executable;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.nio.MappedByteBuffer;
import java.nio.channels.FileChannel.MapMode;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Calls every public entry with what nobody should pass, on subjects that are open, closed, being
 * closed, or used by two threads at once, and reports whatever is neither a result nor a sentence.
 *
 * <p>Arguments: seed, seconds, folder for files, then where the modules lie. Each call is written
 * to the file {@code last-call} before it is made, for whoever finds this JVM dead.
 */
public final class MisuseDriver {
  private static final long STUCK_SECONDS = 30;
  private static final int MOST_TRIES = 50;
  private static final int LOG_BYTES = 4096;

  private final SplittableRandom random;
  private final Values values;
  private final MappedByteBuffer log;
  private final List<Executable> entries;
  private final Map<String, TreeSet<Integer>> lengths = new HashMap<>();
  private final Map<Executable, Long> spent = new HashMap<>();
  private final Map<String, Long> calls = new TreeMap<>();
  private final Map<String, Long> results = new TreeMap<>();
  private final Map<String, String> findings = Collections.synchronizedMap(new TreeMap<>());
  private final AtomicLong progress = new AtomicLong();

  private MisuseDriver(long seed, Path folder, List<Executable> entries) throws IOException {
    random = new SplittableRandom(seed);
    this.entries = entries;
    values = new Values(random, folder);
    try (var file = new RandomAccessFile(folder.resolve("last-call").toFile(), "rw")) {
      log = file.getChannel().map(MapMode.READ_WRITE, 0, LOG_BYTES);
    }
  }

  /** Runs it; the exit code is the number of findings, at most 100. */
  public static void main(String[] arguments) throws IOException {
    Path folder = Path.of(arguments[2]);
    Files.createDirectories(folder.resolve("folder"));
    Files.writeString(folder.resolve("bad.safetensors"), "not a model");
    Path[] locations = Arrays.stream(arguments).skip(3).map(Path::of).toArray(Path[]::new);
    List<Executable> entries =
        PublicEntries.of(locations).stream()
            .filter(entry -> PublicEntries.reason(entry) == null)
            .toList();
    MisuseDriver driver = new MisuseDriver(Long.parseLong(arguments[0]), folder, entries);
    driver.watch();
    driver.run(Double.parseDouble(arguments[1]));
    driver.calls.forEach(
        (name, count) ->
            System.out.println(
                "called " + count + " " + driver.results.getOrDefault(name, 0L) + " " + name));
    System.exit(Math.min(100, driver.findings.size()));
  }

  private void watch() {
    Thread.ofPlatform()
        .daemon()
        .start(
            () -> {
              long before = -1;
              while (true) {
                long now = progress.get();
                if (now == before) {
                  Thread.getAllStackTraces()
                      .forEach(
                          (thread, stack) -> {
                            System.out.println(thread);
                            Arrays.stream(stack)
                                .limit(30)
                                .forEach(f -> System.out.println("  " + f));
                          });
                  System.out.println("finding stuck");
                  Runtime.getRuntime().halt(101);
                }
                before = now;
                try {
                  Thread.sleep(1000 * STUCK_SECONDS);
                } catch (InterruptedException e) {
                  return;
                }
              }
            });
  }

  private void run(double seconds) {
    long end = System.nanoTime() + (long) (1e9 * seconds);
    int next = 0;
    while (System.nanoTime() < end || next < entries.size()) {
      // All in order first, so that each is called at least once; then at random.
      Executable entry = next < entries.size() ? entries.get(next++) : quick();
      long began = System.nanoTime();
      long open = Slab.open();
      try {
        call(entry);
      } finally {
        try {
          values.closeOpened();
        } catch (IllegalStateException e) {
          finding(entry, "cannot be closed", e);
        }
      }
      spent.merge(entry, System.nanoTime() - began, Long::sum);
      if (Slab.open() != open) {
        finding(entry, "leaks " + (Slab.open() - open) + " slabs", null);
      }
    }
  }

  /** The one of a few entries that has taken least time so far. */
  private Executable quick() {
    return java.util.stream.Stream.generate(() -> entries.get(random.nextInt(entries.size())))
        .limit(2)
        .min(Comparator.comparing(entry -> spent.getOrDefault(entry, 0L)))
        .orElseThrow();
  }

  private void call(Executable entry) {
    boolean statically = entry instanceof Constructor<?> || Modifier.isStatic(entry.getModifiers());
    TreeSet<Integer> known =
        lengths.computeIfAbsent(PublicEntries.name(entry), name -> new TreeSet<>());
    values.begin(known);
    Object subject = null;
    if (!statically) {
      // What a subject is made of may be refused, but some of it is not.
      for (int i = 0; i < MOST_TRIES && subject == null; i++) {
        subject = values.of(entry.getDeclaringClass(), 0);
        values.begin(known);
      }
      if (subject == null) {
        return;
      }
    }
    int way = random.nextInt(8);
    if (way == 1 && subject != null) {
      together(entry, subject);
      return;
    }
    // Refusals name the sizes that would be right, and some entries need another one first.
    List<Executable> others =
        statically
            ? List.of(entry)
            : methods(entry.getDeclaringClass()).stream()
                .filter(one -> !one.getName().equals("close"))
                .toList();
    Object[] arguments = values.arguments(entry);
    int tries = values.friendly() ? 50 : random.nextInt(1, 10);
    for (int successes = 0; tries > 0 && successes < 3; tries--) {
      if (tries % 8 == 3 && !others.isEmpty()) {
        Executable other = others.get(random.nextInt(others.size()));
        once(other, subject, values.arguments(other), known, "");
      }
      successes += once(entry, subject, arguments, known, "") == null ? 1 : 0;
      if (arguments.length == 0) {
        break;
      }
      int changed = random.nextInt(arguments.length);
      arguments[changed] = values.of(entry.getGenericParameterTypes()[changed], 0);
    }
    if (way == 0 && closeSubject(subject)) {
      once(entry, subject, arguments, known, "closed ");
    }
  }

  private List<Executable> methods(Class<?> type) {
    return entries.stream()
        .filter(one -> one instanceof Method && !Modifier.isStatic(one.getModifiers()))
        .filter(one -> one.getDeclaringClass() == type)
        .toList();
  }

  private Throwable once(
      Executable entry, Object subject, Object[] arguments, Set<Integer> known, String how) {
    log(entry, how + text(arguments));
    String before = Subjects.state(subject);
    Throwable thrown = invoke(entry, subject, arguments, known);
    if (thrown != null && before != null) {
      String after = Subjects.state(subject);
      if (after != null && !after.equals(before)) {
        finding(entry, "threw and changed the state", thrown);
      }
    }
    return thrown;
  }

  private static boolean closeSubject(Object subject) {
    try {
      switch (subject) {
        case PanelMatrix matrix -> matrix.slab().close();
        case AutoCloseable closeable -> closeable.close();
        case null, default -> {
          return false;
        }
      }
      return true;
    } catch (Exception e) {
      return false;
    }
  }

  /** Two threads on one subject, and mostly one that closes it. */
  private void together(Executable entry, Object subject) {
    List<Thread> threads = new ArrayList<>();
    List<Executable> methods = methods(entry.getDeclaringClass());
    StringBuilder all = new StringBuilder("together");
    for (int t = 0; t < 2; t++) {
      List<Runnable> tasks = new ArrayList<>();
      for (int i = 0; i < 6; i++) {
        Executable method = i % 2 == 0 ? entry : methods.get(random.nextInt(methods.size()));
        Object[] arguments = values.arguments(method);
        all.append(" ").append(PublicEntries.name(method));
        tasks.add(() -> invoke(method, subject, arguments, null));
      }
      threads.add(new Thread(() -> tasks.forEach(Runnable::run)));
    }
    if (random.nextInt(3) > 0) {
      threads.add(new Thread(() -> closeSubject(subject)));
    }
    log(entry, all.toString());
    threads.forEach(Thread::start);
    for (Thread thread : threads) {
      try {
        thread.join();
      } catch (InterruptedException e) {
        throw new IllegalStateException(e);
      }
    }
  }

  private Throwable invoke(
      Executable entry, Object subject, Object[] arguments, Set<Integer> known) {
    String name = PublicEntries.name(entry);
    synchronized (calls) {
      calls.merge(name, 1L, Long::sum);
    }
    progress.incrementAndGet();
    try {
      Object result =
          entry instanceof Constructor<?> constructor
              ? constructor.newInstance(arguments)
              : ((Method) entry).invoke(subject, arguments);
      synchronized (calls) {
        results.merge(name, 1L, Long::sum);
        values.opened(result);
      }
      return null;
    } catch (InvocationTargetException e) {
      Throwable cause = e.getCause();
      if (!isAllowed(cause) && !isPlain(entry, cause)) {
        finding(entry, text(arguments), cause);
      } else if (known != null && cause.getMessage() != null) {
        known.clear();
        Values.learn(cause.getMessage(), known);
      }
      return cause;
    } catch (ReflectiveOperationException e) {
      throw new IllegalStateException(e);
    }
  }

  private static boolean isAllowed(Throwable thrown) {
    boolean known =
        thrown instanceof OutOfMemoryError
            || thrown instanceof AssertionError
                && isSentence(thrown.getMessage().lines().findFirst().orElse(""))
            || thrown instanceof Values.CallbackException
            || thrown.getCause() instanceof Values.CallbackException;
    return known || thrown instanceof Exception && isSentence(thrown.getMessage());
  }

  /** Arithmetic on plain arrays, close to formulas: there the JDK's own words must do. */
  private static boolean isPlain(Executable entry, Throwable thrown) {
    String owner = entry.getDeclaringClass().getName();
    return thrown instanceof RuntimeException
        && owner.startsWith("io.cellbelt.cells.reference.")
        && !owner.endsWith(".ReferenceNetwork");
  }

  private static boolean isSentence(String message) {
    if (message == null || message.isEmpty() || message.length() < 10) {
      return false;
    }
    char first = message.charAt(0);
    boolean begins = Character.isUpperCase(first) || first == '\'' || first == '"';
    boolean ends = message.endsWith(".") || message.endsWith(".\"") || message.endsWith("?");
    return begins && ends;
  }

  private void finding(Executable entry, String what, Throwable thrown) {
    StringBuilder text = new StringBuilder(PublicEntries.name(entry)).append(": ").append(what);
    if (thrown != null) {
      text.append(": ").append(thrown);
      Arrays.stream(thrown.getStackTrace())
          .filter(frame -> !frame.getClassName().startsWith("java"))
          .limit(4)
          .forEach(frame -> text.append("\n    at ").append(frame));
    }
    String at = "";
    if (thrown != null) {
      at =
          Arrays.stream(thrown.getStackTrace())
              .filter(frame -> frame.getClassName().startsWith("io.cellbelt"))
              .findFirst()
              .map(StackTraceElement::toString)
              .orElse("");
    }
    String kind = thrown == null ? what : thrown.getClass().getName() + at;
    if (findings.putIfAbsent(PublicEntries.name(entry) + kind, text.toString()) == null) {
      System.out.println("finding " + text);
    }
  }

  private static String text(Object[] arguments) {
    StringBuilder text = new StringBuilder("[");
    for (Object argument : arguments) {
      String one =
          switch (argument) {
            case float[] array -> "float[" + array.length + "]";
            case double[] array -> "double[" + array.length + "]";
            case int[] array -> "int" + Arrays.toString(array);
            case Object[] array -> array.getClass().getSimpleName() + array.length;
            case null, default -> String.valueOf(argument);
          };
      text.append(one, 0, Math.min(150, one.length())).append("; ");
    }
    return text.append("]").toString();
  }

  private void log(Executable entry, String what) {
    byte[] line = (PublicEntries.name(entry) + " " + what + "\n").getBytes(StandardCharsets.UTF_8);
    log.put(0, line, 0, Math.min(line.length, LOG_BYTES - 1));
    log.put(Math.min(line.length, LOG_BYTES - 1), (byte) 0);
  }
}
