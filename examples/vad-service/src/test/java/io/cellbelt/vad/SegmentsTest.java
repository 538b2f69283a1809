package io.cellbelt.vad;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

final class SegmentsTest {
  /** Events, each with the number of the window after which it was told. */
  private static List<String> events(String windows) {
    Segments segments = new Segments();
    List<String> all = new ArrayList<>();
    for (int i = 0; i < windows.length(); i++) {
      float probability =
          switch (windows.charAt(i)) {
            case '#' -> 0.9f;
            case '-' -> 0.4f;
            default -> 0.1f;
          };
      int now = i;
      segments.add(probability).ifPresent(event -> all.add(now + " " + text(event)));
    }
    segments.finish().ifPresent(event -> all.add("last " + text(event)));
    return all;
  }

  private static String text(Segments.Event event) {
    return (event.begin() ? "begin " : "end ") + Math.round(event.seconds() / Windows.SECONDS);
  }

  @Test
  void speechIsToldOfWhenItIsLongEnough() {
    assertThat(events("..########....")).containsExactly("9 begin 2", "13 end 10");
  }

  @Test
  void shortSpeechIsNot() {
    assertThat(events("..#######.....")).isEmpty();
  }

  @Test
  void shortPausesEndNothing() {
    assertThat(events("#########...###....")).containsExactly("7 begin 0", "18 end 15");
  }

  @Test
  void doubtEndsNothing() {
    assertThat(events("########-----....")).containsExactly("7 begin 0", "16 end 13");
  }

  @Test
  void speechEndsWithTheSound() {
    assertThat(events("##########")).containsExactly("7 begin 0", "last end 10");
    assertThat(events("##########..")).containsExactly("7 begin 0", "last end 10");
  }
}
