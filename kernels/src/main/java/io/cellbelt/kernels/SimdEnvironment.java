package io.cellbelt.kernels;

import com.sun.management.HotSpotDiagnosticMXBean;
import io.cellbelt.kernels.product.Products;
import io.cellbelt.kernels.simd.Lanes;
import io.cellbelt.kernels.simd.Settings;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Optional;

/**
 * What this CPU and JVM give to vector code, and whether that is enough.
 *
 * <p>Where the Vector API is not compiled to SIMD instructions it runs on boxed objects, hundreds
 * of times slower than scalar code; the library refuses to start there rather than surprise.
 * Immutable, thread-safe.
 *
 * @param cpu model of the CPU
 * @param cores processors this JVM may use
 * @param jdk version of the Java runtime
 * @param vm name and version of the virtual machine
 * @param vectorBits width the kernels use; 0 if this JVM cannot load them at all
 * @param supportedBits width the JVM compiles to SIMD instructions; 0 if it compiles none
 * @param fma whether fused multiply-add is an instruction
 * @param c2 whether the optimising compiler that knows the Vector API is there and on
 * @param checked whether the kernels run on bounds-checked segments, for tests
 */
public record SimdEnvironment(
    String cpu,
    int cores,
    String jdk,
    String vm,
    int vectorBits,
    int supportedBits,
    boolean fma,
    boolean c2,
    boolean checked) {

  private static final class Holder {
    /** What keeps the kernels from being loaded; empty if nothing does. */
    static final Optional<String> OBSTACLE = obstacle();

    static final SimdEnvironment CURRENT = detect(OBSTACLE.isEmpty());
  }

  /** What this JVM gives: found out once, then the same object at every call. */
  public static SimdEnvironment current() {
    return Holder.CURRENT;
  }

  /**
   * Refuses an environment in which kernels would be slow or could not be loaded. Everything that
   * holds memory for kernels starts with this.
   *
   * @throws IllegalStateException with a sentence that says what to do, also about a property of
   *     the library with a value that it does not take; if the kernels would only be slow, the
   *     system property {@code cellbelt.allowSlow} = true lets them
   */
  public static void require() {
    Optional<String> wrong = Settings.problem().or(() -> Holder.OBSTACLE);
    if (wrong.isPresent()) {
      throw new IllegalStateException(wrong.get());
    }
    Optional<String> problem = current().problem();
    if (problem.isPresent() && !Settings.allowSlow()) {
      throw new IllegalStateException(
          problem.get()
              + " To run all the same, hundreds of times slower, set -D"
              + Settings.ALLOW_SLOW
              + "=true.");
    }
  }

  /** Why kernels would not run as SIMD instructions here, as a sentence that says what to do. */
  public Optional<String> problem() {
    if (vectorBits == 0 && Holder.OBSTACLE.isPresent()) {
      return Holder.OBSTACLE;
    }
    if (!c2) {
      return Optional.of(
          "Cellbelt needs HotSpot's C2 compiler, which alone turns the Vector API into SIMD"
              + " instructions, but it is missing or off in '"
              + vm
              + "'; use a HotSpot JDK 25 without -Xint, -XX:TieredStopAtLevel or JVMCI.");
    }
    if (supportedBits < 128 || (isX86() && supportedBits < 256)) {
      return Optional.of(
          "Cellbelt needs AVX2 on x86-64 or NEON on AArch64, but this JVM offers vectors of "
              + supportedBits
              + " bits on '"
              + cpu
              + "'; remove -XX:UseAVX and -XX:MaxVectorSize, or let the virtual machine pass the"
              + " CPU's features on.");
    }
    if (!fma) {
      return Optional.of(
          "Cellbelt needs fused multiply-add, but this JVM does not use it on '"
              + cpu
              + "'; remove -XX:-UseFMA, or use a CPU from 2013 or later.");
    }
    return Optional.empty();
  }

  /** Whether the forced width is wider than the CPU's, and so emulated: right, but slow. */
  public boolean emulated() {
    return vectorBits > supportedBits;
  }

  /** The register tiles of the products, rows x vectors: those of one row, and of many. */
  public String tiles() {
    return vectorBits == 0 ? "none" : Products.TILES;
  }

  /** One line for reports and logs. */
  public String summary() {
    return String.format(
        Locale.ROOT,
        "%s, %d cores, JDK %s, %s%s, tiles %s%s",
        cpu,
        cores,
        jdk,
        vectorBits == 0 ? "no vectors" : vectorBits + "-bit vectors",
        emulated() ? " (emulated)" : "",
        tiles(),
        checked ? ", checked segments" : "");
  }

  private static Optional<String> obstacle() {
    if (ModuleLayer.boot().findModule("jdk.incubator.vector").isEmpty()) {
      return Optional.of(
          "Cellbelt needs the module of the Vector API, which the JVM leaves out on the class path;"
              + " start it with --add-modules jdk.incubator.vector.");
    }
    try {
      // The kernels do the same with all of memory.
      reinterpret(MemorySegment.NULL);
      return Optional.empty();
    } catch (IllegalCallerException e) {
      return Optional.of(
          "Cellbelt needs native access, which this JVM denies; start it with"
              + " --enable-native-access=io.cellbelt.kernels, or ALL-UNNAMED on the class path.");
    }
  }

  @SuppressWarnings({"restricted", "ReturnValueIgnored"})
  private static void reinterpret(MemorySegment segment) {
    segment.reinterpret(1);
  }

  private static SimdEnvironment detect(boolean loadable) {
    boolean x86 = isX86();
    int avx = Integer.parseInt(option("UseAVX", "0"));
    boolean vectors = Boolean.parseBoolean(option("EnableVectorSupport", "true"));
    int widest = 8 * Integer.parseInt(option("MaxVectorSize", "0"));
    boolean c2 =
        System.getProperty("java.vm.info", "").contains("mixed mode")
            && option("TieredStopAtLevel", "0").equals("4")
            && !Boolean.parseBoolean(option("UseJVMCICompiler", "false"));
    return new SimdEnvironment(
        cpuModel(),
        Runtime.getRuntime().availableProcessors(),
        System.getProperty("java.runtime.version", "?"),
        System.getProperty("java.vm.name", "?") + " " + System.getProperty("java.vm.version", "?"),
        loadable ? Lanes.SPECIES.vectorBitSize() : 0,
        vectors && (!x86 || avx >= 2) ? widest : 0,
        Boolean.parseBoolean(option("UseFMA", x86 ? "false" : "true")),
        c2,
        Settings.checkedSegments());
  }

  private static boolean isX86() {
    String arch = System.getProperty("os.arch", "");
    return arch.equals("amd64") || arch.equals("x86_64");
  }

  /** A flag of HotSpot, or the default where the virtual machine does not have it. */
  private static String option(String name, String absent) {
    try {
      return ManagementFactory.getPlatformMXBean(HotSpotDiagnosticMXBean.class)
          .getVMOption(name)
          .getValue();
    } catch (IllegalArgumentException | NullPointerException e) {
      return absent;
    }
  }

  private static String cpuModel() {
    try (var lines = Files.lines(Path.of("/proc/cpuinfo"))) {
      return lines
          .filter(line -> line.startsWith("model name"))
          .map(line -> line.substring(line.indexOf(':') + 1).strip())
          .findFirst()
          .orElse(System.getProperty("os.arch", "?"));
    } catch (IOException e) {
      return System.getProperty("os.arch", "?");
    }
  }
}
