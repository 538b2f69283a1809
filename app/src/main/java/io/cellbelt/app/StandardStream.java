package io.cellbelt.app;

import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.FilterOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.io.PrintWriter;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;

/**
 * Standard output or error as a writer, and whether all of it could be written.
 *
 * <p>Texts are UTF-8, and so is what goes to files and pipes; a terminal gets what it shows.
 */
final class StandardStream {
  private static final int FILE_TYPE = 0170000;
  private static final int PIPE = 0010000;
  private static final int SOCKET = 0140000;

  private final Path device;
  private final PrintWriter writer;
  private volatile IOException failure;

  private StandardStream(FileDescriptor descriptor, Path device, Charset terminal) {
    this.device = device;
    boolean utf8 = !Console.atTerminal() || terminal.equals(StandardCharsets.US_ASCII);
    Charset charset = utf8 ? StandardCharsets.UTF_8 : terminal;
    // A PrintStream, unlike the file itself, can tell that its reader has gone.
    PrintStream stream =
        new PrintStream(new Watched(new FileOutputStream(descriptor)), false, charset);
    writer = new PrintWriter(stream, false, charset);
  }

  static StandardStream out() {
    return new StandardStream(FileDescriptor.out, Path.of("/dev/stdout"), System.out.charset());
  }

  static StandardStream err() {
    return new StandardStream(FileDescriptor.err, Path.of("/dev/stderr"), System.err.charset());
  }

  PrintWriter writer() {
    return writer;
  }

  /**
   * Why not all could be written, such as a full disk. The reader of a pipe that has read enough,
   * as {@code head} has, is no failure.
   */
  Optional<String> failure() {
    writer.flush();
    return failure == null || isPipe() ? Optional.empty() : Optional.of(failure.getMessage());
  }

  /** The message of the failure would not do: it is in the language of the system. */
  private boolean isPipe() {
    try {
      int type = (int) Files.getAttribute(device, "unix:mode") & FILE_TYPE;
      return type == PIPE || type == SOCKET;
    } catch (IOException | UnsupportedOperationException e) {
      return "Broken pipe".equals(failure.getMessage());
    }
  }

  private final class Watched extends FilterOutputStream {
    Watched(OutputStream out) {
      super(out);
    }

    @Override
    public void write(int b) throws IOException {
      write(new byte[] {(byte) b}, 0, 1);
    }

    @Override
    public void write(byte[] bytes, int offset, int length) throws IOException {
      try {
        out.write(bytes, offset, length);
      } catch (IOException e) {
        failure = e;
        throw e;
      }
    }
  }
}
