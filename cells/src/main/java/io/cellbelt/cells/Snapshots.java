package io.cellbelt.cells;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Objects;
import java.util.StringJoiner;
import java.util.zip.CRC32C;

/**
 * States of streams as bytes that outlive their process: readable at any vector width, on any
 * machine, and with weights of any format, as long as the layers are the same.
 *
 * <p>All numbers are little-endian:
 *
 * <table>
 * <caption>Version 1</caption>
 * <tr><td>4 bytes</td><td>{@code CBST}</td></tr>
 * <tr><td>int</td><td>the version, 1</td></tr>
 * <tr><td>int, UTF-8</td><td>length and text of what the state is of</td></tr>
 * <tr><td>int, floats</td><td>their number, and the state</td></tr>
 * <tr><td>int</td><td>CRC-32C of all bytes before</td></tr>
 * </table>
 *
 * <p>Damaged bytes and states of something else are refused with an {@link
 * IllegalArgumentException}. Thread-safe.
 */
public final class Snapshots {
  private static final int MAGIC = 0x54534243;
  private static final int VERSION = 1;

  /** Magic, version, two lengths and the checksum. */
  private static final int FRAME = 5 * Integer.BYTES;

  private static final String STREAM = "A snapshot is of a stream, but got null.";

  private Snapshots() {}

  private static String describe(Network network) {
    Objects.requireNonNull(network, "A stream belongs to a network, but got null.");
    return describe(network.architecture());
  }

  /**
   * What the states of a network are of: the kind, sizes and direction of each layer. Weights and
   * what lies around the layers may differ.
   */
  public static String describe(Architecture architecture) {
    Objects.requireNonNull(architecture, "States are those of an architecture, but got null.");
    StringJoiner all = new StringJoiner(", ");
    for (Layer layer : architecture.layers()) {
      Cell cell = layer.cell();
      all.add(
          cell.getClass().getSimpleName()
              + " "
              + cell.inputSize()
              + " -> "
              + cell.schedule().states().subList(0, cell.schedule().carried())
              + (cell.clock() > 0 ? " clock " + cell.clock() : "")
              + (layer.direction() == Layer.Direction.FORWARD ? "" : " " + layer.direction()));
    }
    return all.toString();
  }

  /**
   * The state of a stream as bytes.
   *
   * @param network whose stream it is
   */
  public static byte[] take(Network network, Stream stream) {
    String what = describe(network);
    Objects.requireNonNull(stream, STREAM);
    float[] state = new float[stream.stateSize()];
    stream.saveState(state);
    return encode(what, state);
  }

  /**
   * Sets the state of a stream to that of a snapshot, of this network or another one of the same
   * layers. What is refused changes nothing.
   *
   * @param network whose stream it is
   */
  public static void restore(Network network, Stream stream, byte[] snapshot) {
    float[] state = decode(describe(network), snapshot);
    Objects.requireNonNull(stream, STREAM).restoreState(state);
  }

  /** The state of one of several streams as bytes, as {@link #take(Network, Stream)}. */
  public static byte[] take(Network network, Streams streams, int stream) {
    String what = describe(network);
    Objects.requireNonNull(streams, STREAM);
    float[] state = new float[streams.stateSize()];
    streams.saveState(stream, state);
    return encode(what, state);
  }

  /** Sets the state of one of several streams, as {@link #restore(Network, Stream, byte[])}. */
  public static void restore(Network network, Streams streams, int stream, byte[] snapshot) {
    float[] state = decode(describe(network), snapshot);
    Objects.requireNonNull(streams, STREAM).restoreState(stream, state);
  }

  /**
   * A state as bytes.
   *
   * @param what the state is of, such as {@link #describe}
   * @param state as {@code saveState} gave it
   */
  public static byte[] encode(String what, float[] state) {
    Objects.requireNonNull(what, "A snapshot says what it is of, but got null.");
    Objects.requireNonNull(state, "A state is an array of floats, but got null.");
    byte[] text = what.getBytes(StandardCharsets.UTF_8);
    int size = Math.addExact(FRAME + text.length, Math.multiplyExact(Float.BYTES, state.length));
    ByteBuffer bytes = ByteBuffer.allocate(size).order(ByteOrder.LITTLE_ENDIAN);
    bytes.putInt(MAGIC).putInt(VERSION).putInt(text.length).put(text).putInt(state.length);
    bytes.asFloatBuffer().put(state);
    bytes.putInt(size - Integer.BYTES, checksum(bytes.array()));
    return bytes.array();
  }

  /**
   * The state in a snapshot, as {@code restoreState} takes it.
   *
   * @param what the state must be of
   * @param snapshot as {@link #encode} made it
   */
  public static float[] decode(String what, byte[] snapshot) {
    Objects.requireNonNull(what, "A snapshot is of something, but got null.");
    Objects.requireNonNull(snapshot, "A snapshot is an array of bytes, but got null.");
    ByteBuffer bytes = ByteBuffer.wrap(snapshot).order(ByteOrder.LITTLE_ENDIAN);
    if (snapshot.length < FRAME || bytes.getInt() != MAGIC) {
      throw refused("it does not begin as one; " + snapshot.length + " bytes came");
    }
    int version = bytes.getInt();
    if (version != VERSION) {
      throw refused(
          "its version is "
              + version
              + ", and this library reads "
              + VERSION
              + "; use a newer one");
    }
    if (bytes.getInt(snapshot.length - Integer.BYTES) != checksum(snapshot)) {
      throw refused("its checksum is another one, so it was cut or changed; take another copy");
    }
    String text = new String(part(bytes, bytes.getInt()), StandardCharsets.UTF_8);
    if (!text.equals(what)) {
      throw refused("it is of " + text + ", not of " + what + "; restore it where it came from");
    }
    float[] state = new float[count(bytes)];
    bytes.asFloatBuffer().get(state);
    return state;
  }

  private static byte[] part(ByteBuffer bytes, int length) {
    if (length < 0 || length > bytes.remaining() - 2 * Integer.BYTES) {
      throw refused("its lengths do not fit");
    }
    byte[] part = new byte[length];
    bytes.get(part);
    return part;
  }

  private static int count(ByteBuffer bytes) {
    int count = bytes.getInt();
    if (count < 0 || (long) Float.BYTES * count != bytes.remaining() - Integer.BYTES) {
      throw refused("its lengths do not fit");
    }
    return count;
  }

  private static int checksum(byte[] snapshot) {
    CRC32C checksum = new CRC32C();
    checksum.update(snapshot, 0, snapshot.length - Integer.BYTES);
    return (int) checksum.getValue();
  }

  private static IllegalArgumentException refused(String why) {
    return new IllegalArgumentException("The bytes are no snapshot of this stream: " + why + ".");
  }
}
