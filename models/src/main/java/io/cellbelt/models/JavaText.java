package io.cellbelt.models;

import java.util.Locale;

/** Text from a file as Java source that means the same and is harmless on a terminal. */
final class JavaText {
  private JavaText() {}

  /** A string literal. */
  static String literal(String text) {
    StringBuilder literal = new StringBuilder("\"");
    text.codePoints()
        .forEach(
            c -> {
              if (c == '"' || c == '\\') {
                literal.append('\\').appendCodePoint(c);
              } else if (Character.isISOControl(c)) {
                // Not as four digits after a 'u': the compiler would see the control itself.
                literal.append(String.format(Locale.ROOT, "\\%03o", c));
              } else if (ModelFileException.isHarmless(c)) {
                literal.appendCodePoint(c);
              } else {
                for (char unit : Character.toChars(c)) {
                  literal.append(String.format(Locale.ROOT, "\\u%04x", (int) unit));
                }
              }
            });
    return literal.append('"').toString();
  }
}
