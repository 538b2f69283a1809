package io.cellbelt.vad;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;

final class AnswerTest {
  @Test
  void isReadAsItWasWritten() {
    Answer answer =
        new Answer(
            7,
            List.of(0.1f, Float.MIN_VALUE, 1f, Math.nextUp(0.3f)),
            List.of(new Segments.Event(true, 0.224), new Segments.Event(false, 1.28)),
            true);
    assertThat(Answer.parse(answer.json())).isEqualTo(answer);
  }

  @Test
  void saysNoMoreThanThereIs() {
    assertThat(new Answer(0, List.of(0.25f), List.of(), false).json())
        .isEqualTo("{\"frame\":0,\"probabilities\":[0.25]}");
  }
}
