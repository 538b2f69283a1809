package io.cellbelt.propertytests.cells;

import static io.cellbelt.propertytests.support.Floats.bits;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.cellbelt.cells.Architecture;
import io.cellbelt.cells.Gru;
import io.cellbelt.cells.Lstm;
import io.cellbelt.cells.Network;
import io.cellbelt.cells.Snapshots;
import io.cellbelt.cells.Stream;
import io.cellbelt.cells.Streams;
import io.cellbelt.kernels.WeightFormat;
import io.cellbelt.propertytests.support.Cells;
import io.cellbelt.propertytests.support.Feed;
import io.cellbelt.propertytests.support.Nets;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** States that leave a stream as bytes come back as they were, or are refused. */
@Tag("any-width")
class SnapshotsTest {
  @ParameterizedTest
  @EnumSource
  void aStreamGoesOnInAnotherNetworkOfTheSameLayers(Cells kind) {
    Architecture architecture = Architecture.of(kind.of(4, 4));
    Feed feed = Feed.random(architecture, 12, 1, 3);
    try (Network network = Nets.network(architecture, 5);
        Stream stream = network.newStream()) {
      float[] expected = feed.stepped(stream);
      stream.reset();
      feed.part(0, 7).stepped(stream);
      byte[] bytes = Snapshots.take(network, stream);
      try (Network again = Nets.network(architecture, 5);
          Stream moved = again.newStream()) {
        Snapshots.restore(again, moved, bytes);
        assertThat(bits(feed.part(7, 12).stepped(moved)))
            .containsExactly(bits(feed.outputs(expected, 7, 12)));
      }
      try (Streams streams = network.newStreams(3)) {
        Snapshots.restore(network, streams, 1, bytes);
        assertThat(Snapshots.take(network, streams, 1)).containsExactly(bytes);
      }
      try (Network rounded = Nets.network(architecture, WeightFormat.BF16, 5);
          Stream moved = rounded.newStream()) {
        Snapshots.restore(rounded, moved, bytes);
        assertThat(Snapshots.take(rounded, moved)).containsExactly(bytes);
      }
    }
  }

  @Test
  void theFormIsFixed() {
    byte[] bytes = Snapshots.encode("Gru 2 -> [3]", new float[] {1, -2, Float.NaN});
    assertThat(HexFormat.of().formatHex(bytes))
        .isEqualTo(
            "43425354"
                + "01000000"
                + "0c000000"
                + "4772752032202d3e205b335d"
                + "03000000"
                + "0000803f000000c00000c07f"
                + "e93e3406");
    assertThat(Snapshots.describe(Architecture.of(new Gru(2, 3)))).isEqualTo("Gru 2 -> [3]");
  }

  @Test
  void everyChangeOfABitIsFound() {
    byte[] bytes = Snapshots.encode("Lstm 1 -> [2, 2]", new float[] {1, 2, 3, 4});
    for (int bit = 0; bit < 8 * bytes.length; bit++) {
      byte[] changed = bytes.clone();
      changed[bit / 8] ^= (byte) (1 << bit % 8);
      assertThatThrownBy(() -> Snapshots.decode("Lstm 1 -> [2, 2]", changed))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageStartingWith("The bytes are no snapshot of this stream: ");
    }
    for (int length = 0; length < bytes.length; length++) {
      byte[] cut = Arrays.copyOf(bytes, length);
      assertThatThrownBy(() -> Snapshots.decode("Lstm 1 -> [2, 2]", cut))
          .isInstanceOf(IllegalArgumentException.class);
    }
    SplittableRandom random = new SplittableRandom(1);
    for (int i = 0; i < 1000; i++) {
      byte[] noise = Arrays.copyOf(bytes, random.nextInt(64));
      for (int k = 4; k < noise.length; k++) {
        noise[k] = (byte) random.nextInt();
      }
      assertThatThrownBy(() -> Snapshots.decode("Lstm 1 -> [2, 2]", noise))
          .isInstanceOf(IllegalArgumentException.class);
    }
  }

  @Test
  void otherLayersAreRefused() {
    String lstm = Snapshots.describe(Architecture.of(new Lstm(3, 4)));
    String wider = Snapshots.describe(Architecture.of(new Lstm(3, 5)));
    byte[] bytes = Snapshots.encode(lstm, new float[8]);
    assertThatThrownBy(() -> Snapshots.decode(wider, bytes))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("it is of Lstm 3 -> [4, 4], not of Lstm 3 -> [5, 5]");
  }
}
