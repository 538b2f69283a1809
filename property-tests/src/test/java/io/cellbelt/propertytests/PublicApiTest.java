package io.cellbelt.propertytests;

import static org.assertj.core.api.Assertions.assertThat;

import io.cellbelt.bptt.Trainer;
import io.cellbelt.cells.Network;
import io.cellbelt.kernels.Slab;
import io.cellbelt.models.ModelFiles;
import java.lang.reflect.Executable;
import java.util.Arrays;
import java.util.Collection;
import java.util.List;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;

/** Everyone gets what everyone can name, and nobody outside works on raw addresses. */
class PublicApiTest {
  @Test
  void typesOfEveryModuleAreSeen() {
    assertThat(PublicApi.types())
        .contains(
            Slab.class, Network.class, Trainer.class, Trainer.Options.class, ModelFiles.class);
  }

  @Test
  void nothingPublicMentionsWhatIsNotForEveryone() {
    TreeSet<String> hidden = new TreeSet<>();
    for (Class<?> type : PublicApi.types()) {
      for (Class<?> mentioned : PublicApi.mentioned(type)) {
        if (!PublicApi.isForEveryone(mentioned)) {
          hidden.add(type.getName() + " mentions " + mentioned.getName());
        }
      }
    }
    assertThat(hidden).isEmpty();
  }

  /**
   * Raw addresses are longs, so every method that takes a long is listed here by someone who knows
   * that its longs are none: counts, indices that are checked, seeds.
   */
  @Test
  void noPublicMethodTakesARawAddress() {
    assertThat(
            PublicApi.types().stream()
                .map(PublicApi::executables)
                .flatMap(Collection::stream)
                .filter(executable -> List.of(executable.getParameterTypes()).contains(long.class))
                .map(PublicApiTest::shortName)
                .distinct())
        .containsExactlyInAnyOrder("?");
  }

  private static String shortName(Executable executable) {
    String type = executable.getDeclaringClass().getName();
    return type.substring(type.lastIndexOf('.') + 1)
        + (executable.getName().equals(type) ? "" : "." + executable.getName())
        + Arrays.stream(executable.getParameterTypes())
            .map(Class::getSimpleName)
            .reduce((a, b) -> a + ", " + b)
            .map(parameters -> "(" + parameters + ")")
            .orElse("()");
  }
}
