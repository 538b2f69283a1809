import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.lang.classfile.Attributes;
import java.lang.classfile.ClassBuilder;
import java.lang.classfile.ClassElement;
import java.lang.classfile.ClassFile;
import java.lang.classfile.ClassModel;
import java.lang.classfile.CodeModel;
import java.lang.classfile.FieldModel;
import java.lang.classfile.MethodModel;
import java.lang.classfile.MethodTransform;
import java.lang.classfile.attribute.NestHostAttribute;
import java.lang.classfile.attribute.NestMembersAttribute;
import java.lang.classfile.attribute.SourceFileAttribute;
import java.lang.classfile.constantpool.ClassEntry;
import java.lang.module.ModuleDescriptor;
import java.lang.reflect.AccessFlag;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.LocalDateTime;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;

/**
 * Writes the API of a module as a jar: the public classes of the packages it exports to everyone,
 * and their supertypes, with public and protected members only and without code.
 *
 * <p>Run as {@code java ApiJar.java CLASSES JAR}, where CLASSES holds the module's classes.
 */
final class ApiJar {
  private static final ClassFile CLASS_FILE =
      ClassFile.of(
          ClassFile.ConstantPoolSharingOption.NEW_POOL,
          ClassFile.DebugElementsOption.DROP_DEBUG,
          ClassFile.StackMapsOption.DROP_STACK_MAPS);

  private final Map<String, ClassModel> classes;

  private ApiJar(Map<String, ClassModel> classes) {
    this.classes = classes;
  }

  public static void main(String[] args) throws IOException {
    Path folder = Path.of(args[0]);
    Path jar = Path.of(args[1]);
    Map<String, ClassModel> classes = new TreeMap<>();
    try (Stream<Path> files = Files.walk(folder)) {
      for (Path file : files.filter(f -> f.toString().endsWith(".class")).toList()) {
        ClassModel model = CLASS_FILE.parse(file);
        classes.put(model.thisClass().asInternalName(), model);
      }
    }
    Files.createDirectories(jar.getParent());
    try (OutputStream out = Files.newOutputStream(jar)) {
      new ApiJar(classes).write(exports(folder), out);
    }
  }

  /** The internal names of the packages exported to everyone. */
  private static Set<String> exports(Path folder) throws IOException {
    try (InputStream in = Files.newInputStream(folder.resolve("module-info.class"))) {
      return ModuleDescriptor.read(in).exports().stream()
          .filter(e -> !e.isQualified())
          .map(e -> e.source().replace('.', '/'))
          .collect(Collectors.toUnmodifiableSet());
    }
  }

  private void write(Set<String> packages, OutputStream out) throws IOException {
    ZipOutputStream zip = new ZipOutputStream(out);
    for (ClassModel model : withSupertypes(packages)) {
      ZipEntry entry = new ZipEntry(model.thisClass().asInternalName() + ".class");
      // The same bytes whenever and wherever it runs.
      entry.setTimeLocal(LocalDateTime.of(2000, 1, 1, 0, 0));
      zip.putNextEntry(entry);
      zip.write(visible(model));
    }
    zip.finish();
  }

  private List<ClassModel> withSupertypes(Set<String> packages) {
    Map<String, ClassModel> api = new TreeMap<>();
    ArrayDeque<ClassModel> queue = new ArrayDeque<>();
    classes.values().stream()
        .filter(c -> packages.contains(packageOf(c)) && isAccessible(c))
        .forEach(queue::add);
    while (!queue.isEmpty()) {
      ClassModel model = queue.remove();
      if (api.put(model.thisClass().asInternalName(), model) == null) {
        List<ClassEntry> supertypes = new ArrayList<>(model.interfaces());
        model.superclass().ifPresent(supertypes::add);
        supertypes.stream()
            .map(type -> classes.get(type.asInternalName()))
            .filter(type -> type != null)
            .forEach(queue::add);
      }
    }
    return List.copyOf(api.values());
  }

  private static String packageOf(ClassModel model) {
    String name = model.thisClass().asInternalName();
    return name.substring(0, Math.max(0, name.lastIndexOf('/')));
  }

  /** Whether a class, and every class around it, is public or protected. */
  private boolean isAccessible(ClassModel model) {
    String name = model.thisClass().asInternalName();
    return model.findAttribute(Attributes.innerClasses()).stream()
        .flatMap(inner -> inner.classes().stream())
        .filter(inner -> inner.innerClass().asInternalName().equals(name))
        .findFirst()
        .map(
            inner ->
                isVisible(inner.flagsMask())
                    && inner
                        .outerClass()
                        .map(outer -> isAccessible(classes.get(outer.asInternalName())))
                        .orElse(false))
        .orElseGet(() -> isVisible(model.flags().flagsMask()));
  }

  private static boolean isVisible(int flags) {
    return (flags & (AccessFlag.PUBLIC.mask() | AccessFlag.PROTECTED.mask())) != 0;
  }

  private static byte[] visible(ClassModel model) {
    return CLASS_FILE.transformClass(model, ApiJar::keepVisible);
  }

  private static void keepVisible(ClassBuilder builder, ClassElement element) {
    switch (element) {
      case MethodModel method when isVisible(method.flags().flagsMask()) ->
          builder.transformMethod(method, MethodTransform.dropping(e -> e instanceof CodeModel));
      case MethodModel hidden -> {}
      case FieldModel hidden when !isVisible(hidden.flags().flagsMask()) -> {}
      case SourceFileAttribute source -> {}
      case NestHostAttribute host -> {}
      case NestMembersAttribute members -> {}
      default -> builder.with(element);
    }
  }
}
