package io.cellbelt.cells;

/** What a network is fed at each step: a vector, or a token of a vocabulary. */
public sealed interface Input {
  /** Length of the x that the first layer sees. */
  int size();

  /**
   * A vector of floats.
   *
   * @param size I, 1 or more
   */
  record Dense(int size) implements Input {
    /**
     * Checks the size.
     *
     * @throws IllegalArgumentException if the size is under 1
     */
    public Dense {
      check("A dense input", "size", size);
    }
  }

  /**
   * A token, seen by the first layer as a vector of zeros with a single one. It costs a look-up,
   * not a product.
   *
   * @param vocabulary number of tokens, 1 or more
   */
  record OneHot(int vocabulary) implements Input {
    /**
     * Checks the size.
     *
     * @throws IllegalArgumentException if the size is under 1
     */
    public OneHot {
      check("A one-hot input", "vocabulary", vocabulary);
    }

    @Override
    public int size() {
      return vocabulary;
    }
  }

  /**
   * A token, replaced by its row of a trained table.
   *
   * @param vocabulary number of tokens, 1 or more
   * @param size length of a row, 1 or more
   */
  record Embedding(int vocabulary, int size) implements Input {
    /**
     * Checks the sizes.
     *
     * @throws IllegalArgumentException if a size is under 1 or an option does not fit it
     */
    public Embedding {
      check("An embedding", "vocabulary", vocabulary);
      check("An embedding", "size", size);
    }
  }

  /** Number of tokens, or 0 if the input is a vector. */
  default int tokens() {
    return switch (this) {
      case Dense dense -> 0;
      case OneHot oneHot -> oneHot.vocabulary();
      case Embedding embedding -> embedding.vocabulary();
    };
  }

  private static void check(String what, String name, int value) {
    if (value < 1) {
      throw new IllegalArgumentException(
          what + " needs a " + name + " of 1 or more, but got " + value + ".");
    }
  }
}
