package io.cellbelt.app;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/**
 * Keeps a second training away from a model. The system gives the lock back when the process ends
 * in whatever way, so that the file {@code MODEL.lock} which a kill has left stops nobody.
 */
final class TrainingLock implements AutoCloseable {
  private final Path file;
  private final FileChannel channel;

  private TrainingLock(Path file, FileChannel channel) {
    this.file = file;
    this.channel = channel;
  }

  /** The file that is locked. */
  static Path path(Path model) {
    return model.resolveSibling(model.getFileName() + ".lock");
  }

  /**
   * Takes the lock of a model.
   *
   * @param model by any of its names, in a folder that exists
   * @throws Failure if another training has it, or the file cannot be written
   */
  static TrainingLock take(Path model) {
    try {
      Path file = path(Targets.real(model));
      while (true) {
        FileChannel channel =
            FileChannel.open(file, StandardOpenOption.CREATE, StandardOpenOption.WRITE);
        TrainingLock lock = new TrainingLock(file, channel);
        if (!lock.held()) {
          channel.close();
          throw new Failure(
              "Another training is writing "
                  + model.getFileName()
                  + " at this moment; wait for its end, stop it, or name another --out.");
        }
        // The one before may have deleted the file between our opening and our locking it.
        if (Files.exists(file)) {
          return lock;
        }
        channel.close();
      }
    } catch (IOException e) {
      throw new Failure(
          "The lock "
              + path(model)
              + " cannot be taken: "
              + e.getMessage()
              + ". Delete the file, or name an --out in another folder.",
          e);
    }
  }

  private boolean held() {
    try {
      return channel.tryLock() != null;
    } catch (OverlappingFileLockException e) {
      return false;
    } catch (IOException e) {
      // A file system without locks: better a training without one than none.
      return true;
    }
  }

  /** Deletes the file first, while nobody else can have it locked. */
  @Override
  public void close() {
    try (channel) {
      Files.deleteIfExists(file);
    } catch (IOException e) {
      // Harmless: a file that nobody has locked.
    }
  }
}
