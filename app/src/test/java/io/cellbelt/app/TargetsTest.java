package io.cellbelt.app;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class TargetsTest {
  @TempDir Path folder;

  private void refused(String name, String sentence) {
    assertThatThrownBy(() -> Targets.require(folder.resolve(name)))
        .isInstanceOf(Failure.class)
        .hasMessageContaining(sentence);
  }

  @Test
  void takesAFileThatIsThereOrNot() throws IOException {
    Targets.require(folder.resolve("new.safetensors"));
    Targets.require(Files.createFile(folder.resolve("old.safetensors")));
    Targets.require(folder.resolve("é".repeat(127)));
  }

  @Test
  void refusesWhatCouldNotBeWritten() throws IOException {
    refused("a".repeat(256), "a shorter name");
    refused("é".repeat(128), "a shorter name");
    refused("none/model", "There is no folder");
    refused(".", "is a folder");
    Files.createSymbolicLink(folder.resolve("broken"), Path.of("nowhere"));
    refused("broken", "is a link to a file that is not there");
    Files.createFile(folder.resolve("file"));
    refused("file/model", "There is no folder");
  }

  @Test
  void refusesOneFileByTwoNames() throws IOException {
    Files.createFile(folder.resolve("there"));
    Files.createDirectory(folder.resolve("sub"));
    Files.createSymbolicLink(folder.resolve("link"), Path.of("there"));
    Files.createLink(folder.resolve("hard"), folder.resolve("there"));
    Files.createSymbolicLink(folder.resolve("loop"), Path.of("sub/.."));
    for (String other : new String[] {"there", "./there", "sub/../there", "link", "hard"}) {
      same("there", other);
    }
    for (String other : new String[] {"new.png", "./new.png", "NEW.PNG", "loop/new.png"}) {
      same("new.png", other);
    }
    same("caf\u00e9.png", "cafe\u0301.png");
    Targets.requireDifferent(files("there", "new.png"));
  }

  private void same(String first, String second) {
    assertThatThrownBy(() -> Targets.requireDifferent(files(first, second)))
        .isInstanceOf(Failure.class)
        .hasMessageEndingWith(
            second + " is the model itself and cannot be the plot too; name another file.");
  }

  private Map<String, Path> files(String first, String second) {
    Map<String, Path> files = new LinkedHashMap<>();
    files.put("the model", folder.resolve(first));
    files.put("the plot", folder.resolve(second));
    return files;
  }

  @Test
  void oneTrainingAtATime() throws IOException {
    Path model = folder.resolve("m.safetensors");
    Files.createSymbolicLink(folder.resolve("here"), folder);
    try (TrainingLock _ = TrainingLock.take(model)) {
      assertThat(folder.resolve("m.safetensors.lock")).exists();
      assertThatThrownBy(() -> TrainingLock.take(folder.resolve("here/m.safetensors")))
          .isInstanceOf(Failure.class)
          .hasMessageContaining("Another training is writing m.safetensors");
      TrainingLock.take(folder.resolve("other.safetensors")).close();
    }
    assertThat(folder.resolve("m.safetensors.lock")).doesNotExist();
    Files.createFile(folder.resolve("m.safetensors.lock"));
    TrainingLock.take(model).close();
  }
}
