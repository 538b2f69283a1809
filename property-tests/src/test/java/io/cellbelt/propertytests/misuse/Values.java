package io.cellbelt.propertytests.misuse;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.reflect.Array;
import java.lang.reflect.Constructor;
import java.lang.reflect.GenericArrayType;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.lang.reflect.ParameterizedType;
import java.lang.reflect.Proxy;
import java.lang.reflect.Type;
import java.lang.reflect.TypeVariable;
import java.lang.reflect.WildcardType;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.random.RandomGenerator;

/**
 * Arguments of any type, at random: good ones and such as nobody should pass. What it opens it
 * closes; good objects of the library come from {@link Subjects}.
 */
final class Values implements AutoCloseable {
  private static final int[] INTS = {0, 1, 1, 2, 2, 3, 3, 4, 4, 5, 5, 6, 7, 8, 16, 64};
  private static final int[] ODD_INTS = {
    -1, -7, Integer.MIN_VALUE, Integer.MAX_VALUE, Integer.MAX_VALUE - 1, 1 << 30, 65536, 46341, 0
  };
  private static final long[] ODD_LONGS = {
    -1, Long.MIN_VALUE, Long.MAX_VALUE, Long.MAX_VALUE / 4, 1L << 44, 1L << 32, 1L << 31, 0
  };
  private static final double[] DOUBLES = {0, 0.1, 0.5, 0.9, 1, 2, 3.5};
  private static final double[] ODD_DOUBLES = {
    Double.NaN,
    Double.POSITIVE_INFINITY,
    Double.NEGATIVE_INFINITY,
    -1,
    -0.0,
    1e300,
    1e-300,
    Double.MIN_VALUE,
    Float.MAX_VALUE
  };
  private static final String[] STRINGS = {
    "", "a", "i", "LSTM", "GRU", "RNN", "weight_ih", "lstm.weight_ih_l0", "x", "W", "R", "ä\n\u0000"
  };
  private static final int LARGEST_ARRAY = 100_000;
  private static final int DEEPEST = 6;

  private final MemorySegment foreign = foreign();

  private final RandomGenerator random;
  private final Subjects subjects;
  private final Path folder;
  private Arena arena = Arena.ofConfined();
  private final List<AutoCloseable> opened = new ArrayList<>();

  /** Lengths that refusals of the entry at hand have named: the way to good arguments. */
  private Set<Integer> lengths = new TreeSet<>();

  /** Whether odd values are drawn at all. */
  private boolean hostile;

  /** All numbers of a call, to provoke products that overflow; 0 for any. */
  private int everyInt;

  /** Thrown by callbacks, and by nothing else. */
  static final class CallbackException extends RuntimeException {
    private static final long serialVersionUID = 1;

    CallbackException() {
      super("A callback of the test threw this.");
    }
  }

  Values(RandomGenerator random, Path folder) {
    this.random = random;
    this.folder = folder;
    subjects = new Subjects(random, this);
  }

  /** Begins the arguments of a call. */
  void begin(Set<Integer> known) {
    lengths = known;
    hostile = random.nextInt(3) > 0;
    everyInt = random.nextInt(20) == 0 ? (random.nextBoolean() ? 65536 : 46341) : 0;
  }

  /** Whether this call's arguments are meant well. */
  boolean friendly() {
    return !hostile;
  }

  private boolean odd() {
    return hostile && random.nextInt(5) == 0;
  }

  /** Remembers what a result or argument has to be closed by. */
  <T> T opened(T value) {
    if (value instanceof AutoCloseable closeable) {
      opened.add(closeable);
    }
    return value;
  }

  /** Arguments of a call. */
  Object[] arguments(java.lang.reflect.Executable entry) {
    return Arrays.stream(entry.getGenericParameterTypes()).map(type -> of(type, 0)).toArray();
  }

  /** A value of a type, null where there is none or by bad luck. */
  Object of(Type type, int depth) {
    return switch (type) {
      case Class<?> simple -> ofClass(simple, depth);
      case ParameterizedType generic -> ofGeneric(generic, depth);
      case GenericArrayType array -> array(ofClassOf(array.getGenericComponentType()), depth);
      case WildcardType wildcard -> of(wildcard.getUpperBounds()[0], depth);
      case TypeVariable<?> variable -> of(variable.getBounds()[0], depth);
      default -> null;
    };
  }

  private static Class<?> ofClassOf(Type type) {
    return switch (type) {
      case Class<?> simple -> simple;
      case ParameterizedType generic -> (Class<?>) generic.getRawType();
      default -> Object.class;
    };
  }

  private Object ofClass(Class<?> type, int depth) {
    if (type.isPrimitive()) {
      return primitive(type);
    }
    if (odd() && random.nextBoolean() || depth > DEEPEST) {
      return null;
    }
    if (type.isArray()) {
      return array(type.getComponentType(), depth);
    }
    if (type == MemorySegment.class) {
      return segment();
    }
    if (type == Path.class) {
      String[] names = {"model.safetensors", "no/such/file", "", "folder", "bad.safetensors"};
      return folder.resolve(names[random.nextInt(names.length)]);
    }
    if (type == Duration.class) {
      return Duration.ofMillis(odd() ? random.nextInt(-2, 1) : random.nextInt(1, 20));
    }
    if (type == String.class || type == Object.class || type == CharSequence.class) {
      return STRINGS[random.nextInt(STRINGS.length)];
    }
    Class<?> primitive = unboxed(type);
    if (primitive != null) {
      return primitive(primitive);
    }
    if (type.isEnum()) {
      return type.getEnumConstants()[random.nextInt(type.getEnumConstants().length)];
    }
    if (random.nextInt(4) > 0 && subjects.makes(type)) {
      return subjects.of(type);
    }
    return composed(type, depth);
  }

  private Object ofGeneric(ParameterizedType type, int depth) {
    if (odd() && random.nextBoolean()) {
      return null;
    }
    Class<?> raw = (Class<?>) type.getRawType();
    Type[] of = type.getActualTypeArguments();
    int size = random.nextInt(4);
    if (raw == Map.class) {
      Map<Object, Object> map = new LinkedHashMap<>();
      for (int i = 0; i < size; i++) {
        map.put(of(of[0], depth + 1), of(of[1], depth + 1));
      }
      return map;
    }
    if (raw.isAssignableFrom(List.class) || Collection.class.isAssignableFrom(raw)) {
      List<Object> list = new ArrayList<>();
      for (int i = 0; i < size; i++) {
        list.add(of(of[0], depth + 1));
      }
      return list;
    }
    if (raw == Optional.class) {
      return Optional.ofNullable(of(of[0], depth + 1));
    }
    return ofClass(raw, depth);
  }

  private Object primitive(Class<?> type) {
    return switch (type.getName()) {
      case "int" -> integer();
      case "long" -> odd() ? ODD_LONGS[random.nextInt(ODD_LONGS.length)] : (long) integer();
      case "double" -> number();
      case "float" -> (float) number();
      case "boolean" -> random.nextBoolean();
      case "char" -> "iofgrznha\0".charAt(random.nextInt(10));
      case "byte" -> (byte) random.nextInt();
      case "short" -> (short) random.nextInt();
      default -> throw new IllegalStateException("No value of " + type + ".");
    };
  }

  private int integer() {
    if (everyInt > 0) {
      return everyInt;
    }
    if (odd()) {
      return ODD_INTS[random.nextInt(ODD_INTS.length)];
    }
    return INTS[random.nextInt(INTS.length)];
  }

  private double number() {
    return odd()
        ? ODD_DOUBLES[random.nextInt(ODD_DOUBLES.length)]
        : DOUBLES[random.nextInt(DOUBLES.length)];
  }

  private static Class<?> unboxed(Class<?> type) {
    try {
      return (Class<?>) type.getField("TYPE").get(null);
    } catch (ReflectiveOperationException | ClassCastException e) {
      return null;
    }
  }

  private int length() {
    int known = lengths.size();
    if (known > 0 && random.nextInt(4) > 0) {
      return lengths.stream().skip(random.nextInt(known)).findFirst().orElse(0);
    }
    return random.nextInt(3) == 0 ? random.nextInt(200) : INTS[random.nextInt(INTS.length)];
  }

  private Object array(Class<?> of, int depth) {
    Object array = Array.newInstance(of, of.isPrimitive() ? length() : random.nextInt(6));
    for (int i = 0; i < Array.getLength(array); i++) {
      if (of == int.class && !odd()) {
        Array.setInt(array, i, random.nextInt(3));
      } else {
        Array.set(array, i, of(of, depth + 1));
      }
    }
    return array;
  }

  private MemorySegment segment() {
    int floats = length();
    long bytes = (long) Float.BYTES * floats;
    MemorySegment good = arena.allocate(Math.max(1, bytes), Float.BYTES);
    return switch (random.nextInt(hostile ? 9 : 3)) {
      case 0 -> MemorySegment.ofArray(new float[floats]);
      case 1 -> good.asSlice(0, bytes);
      case 2 -> MemorySegment.ofArray(new byte[(int) bytes]);
      case 3 -> MemorySegment.ofArray(new byte[(int) bytes + 3]).asSlice(1);
      case 4 -> good.asReadOnly();
      case 5 -> MemorySegment.NULL;
      case 6 -> closed(bytes);
      case 7 -> foreign.asSlice(0, Math.min(bytes, foreign.byteSize()));
      default -> null;
    };
  }

  private static MemorySegment closed(long bytes) {
    try (Arena short1 = Arena.ofConfined()) {
      return short1.allocate(Math.max(1, bytes));
    }
  }

  /** Confined to a thread that is no more. */
  private static MemorySegment foreign() {
    MemorySegment[] result = new MemorySegment[1];
    Thread other =
        Thread.ofPlatform().start(() -> result[0] = Arena.ofConfined().allocate(1 << 16));
    try {
      other.join();
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
    return result[0];
  }

  /** By a constructor or a static method of the type, or one of those that are permitted. */
  private Object composed(Class<?> type, int depth) {
    if (type.isSealed()) {
      List<Class<?>> permitted =
          Arrays.stream(type.getPermittedSubclasses())
              .filter(one -> !one.getSimpleName().startsWith("Custom"))
              .<Class<?>>map(one -> one)
              .toList();
      return ofClass(permitted.get(random.nextInt(permitted.size())), depth + 1);
    }
    if (type.isInterface()) {
      return callback(type);
    }
    List<java.lang.reflect.Executable> makers = new ArrayList<>();
    for (Constructor<?> constructor : type.getConstructors()) {
      if (!Modifier.isAbstract(type.getModifiers())) {
        makers.add(constructor);
      }
    }
    for (Method method : type.getDeclaredMethods()) {
      boolean fits = Modifier.isStatic(method.getModifiers()) && method.getReturnType() == type;
      if (fits && Modifier.isPublic(method.getModifiers())) {
        makers.add(method);
      }
    }
    if (makers.isEmpty()) {
      return subjects.makes(type) ? subjects.of(type) : null;
    }
    java.lang.reflect.Executable maker = makers.get(random.nextInt(makers.size()));
    Object[] arguments =
        Arrays.stream(maker.getGenericParameterTypes()).map(t -> of(t, depth + 1)).toArray();
    try {
      return opened(
          maker instanceof Constructor<?> constructor
              ? constructor.newInstance(arguments)
              : ((Method) maker).invoke(null, arguments));
    } catch (InvocationTargetException e) {
      return null; // its own entry says how it refuses
    } catch (ReflectiveOperationException e) {
      throw new IllegalStateException(e);
    }
  }

  /** Answers at random, throws, or runs what it is given, as an executor does. */
  private Object callback(Class<?> type) {
    return Proxy.newProxyInstance(
        Values.class.getClassLoader(),
        new Class<?>[] {type},
        (proxy, method, arguments) -> {
          if (method.getDeclaringClass() == Object.class) {
            return switch (method.getName()) {
              case "equals" -> isSame(proxy, arguments[0]);
              case "hashCode" -> System.identityHashCode(proxy);
              default -> "a callback";
            };
          }
          if (random.nextInt(6) == 0) {
            throw new CallbackException();
          }
          for (Object argument : arguments == null ? new Object[0] : arguments) {
            if (argument instanceof Runnable task) {
              for (int i = random.nextInt(3); i > 0; i--) {
                task.run();
              }
            }
          }
          Class<?> result = method.getReturnType();
          if (result == int.class) {
            return random.nextInt(-1, 4);
          }
          return result == void.class ? null : of(method.getGenericReturnType(), 1);
        });
  }

  /** Learns from a refusal: the numbers in its sentence. */
  static void learn(String message, Collection<Integer> lengths) {
    for (String number : message.split("\\D+")) {
      if (!number.isEmpty() && number.length() < 7 && Integer.parseInt(number) <= LARGEST_ARRAY) {
        lengths.add(Integer.parseInt(number));
      }
    }
  }

  /** Closes what was opened, last first; what is still in use by others, after those. */
  void closeOpened() {
    arena.close();
    arena = Arena.ofConfined();
    int left = opened.size() + 1;
    RuntimeException failure = null;
    while (!opened.isEmpty() && opened.size() < left) {
      left = opened.size();
      failure = null;
      for (AutoCloseable closeable : List.copyOf(opened.reversed())) {
        try {
          closeable.close();
          opened.removeIf(one -> isSame(one, closeable));
        } catch (Exception e) {
          failure = new IllegalStateException("Closing " + closeable + " failed: " + e, e);
        }
      }
    }
    boolean all = opened.isEmpty();
    opened.clear();
    if (!all) {
      throw failure;
    }
  }

  @Override
  public void close() {
    closeOpened();
    arena.close();
  }

  @SuppressWarnings(
      "ReferenceEquality") // of what equals() itself, or a closed object, says nothing
  private static boolean isSame(Object a, Object b) {
    return a == b;
  }
}
