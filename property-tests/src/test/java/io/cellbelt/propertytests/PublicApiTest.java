package io.cellbelt.propertytests;

import static org.assertj.core.api.Assertions.assertThat;

import io.cellbelt.bptt.Trainer;
import io.cellbelt.cells.Network;
import io.cellbelt.kernels.Slab;
import io.cellbelt.models.ModelFiles;
import java.lang.reflect.Constructor;
import java.lang.reflect.Executable;
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
   * Raw addresses are longs, so whatever takes a long is listed here by someone who knows that it
   * is none, but a seed, a number of steps or bytes, or an index that is checked.
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
        .containsExactlyInAnyOrder(
            "Attribute$Whole",
            "ElementType.wrapped",
            "FileContents$TensorEntry",
            "ForwardComparison",
            "FunctionCheck.seed",
            "GradientCheck.run",
            "GradientFlow.of",
            "LearningRate.at",
            "LearningRate$Constant.at",
            "LearningRate$Cosine",
            "LearningRate$Cosine.at",
            "LearningRate$OneCycle",
            "LearningRate$OneCycle.at",
            "LearningRate$Plateau.at",
            "LearningRate$Step",
            "LearningRate$Step.at",
            "LearningRate$WarmCosine",
            "LearningRate$WarmCosine.at",
            "TokenWindows.withRestarts",
            "WarmUp",
            "Weights.random",
            "Kernels.exp",
            "Kernels.sigmoid",
            "Kernels.tanh",
            "MachineLimits.readBandwidth",
            "MachineLimits.reading",
            "PanelMatrix",
            "Segments.checkRead",
            "Segments.checkRoom",
            "Segments.checkWrite",
            "Slab.address",
            "Slab.allocate",
            "Slab.bytes",
            "Slab.get",
            "Slab.move",
            "Slab.pad",
            "Slab.put",
            "Slab.rowStride",
            "Slab.set");
  }

  /** A constructor is named like its type. */
  private static String shortName(Executable executable) {
    String type = executable.getDeclaringClass().getName();
    String simple = type.substring(type.lastIndexOf('.') + 1);
    return executable instanceof Constructor ? simple : simple + "." + executable.getName();
  }
}
