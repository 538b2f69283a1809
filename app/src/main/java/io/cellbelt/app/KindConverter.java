package io.cellbelt.app;

import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/** Names on the command line, in any case, as {@code toString} gives them. */
abstract class KindConverter<K> implements ITypeConverter<K> {
  private final List<K> kinds;

  KindConverter(K[] kinds) {
    this.kinds = List.of(kinds);
  }

  @Override
  public final K convert(String name) {
    return kinds.stream()
        .filter(kind -> kind.toString().equals(name.toLowerCase(Locale.ROOT)))
        .findFirst()
        .orElseThrow(
            () -> new TypeConversionException("it is one of " + names() + ", not '" + name + "'"));
  }

  private String names() {
    return kinds.stream().map(Object::toString).collect(Collectors.joining(", "));
  }
}
