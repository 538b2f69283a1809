package io.cellbelt.graphs;

import java.util.List;

/** An attribute of a node. Immutable, thread-safe. */
public sealed interface Attribute {
  /** An integer. */
  record Whole(long value) implements Attribute {}

  /** A float. */
  record Real(float value) implements Attribute {}

  /** A text. */
  record Text(String value) implements Attribute {
    /** Checks that there is one. */
    public Text {
      Given.value("a text", value);
    }
  }

  /** Integers. */
  record Wholes(List<Long> values) implements Attribute {
    /** Copies the list. */
    public Wholes {
      values = Given.list("integers", values);
    }
  }

  /** Floats. */
  record Reals(List<Float> values) implements Attribute {
    /** Copies the list. */
    public Reals {
      values = Given.list("floats", values);
    }
  }

  /** Texts. */
  record Texts(List<String> values) implements Attribute {
    /** Copies the list. */
    public Texts {
      values = Given.list("texts", values);
    }
  }

  /** A constant. */
  record Constant(Tensor value) implements Attribute {
    /** Checks that there is one. */
    public Constant {
      Given.value("a tensor", value);
    }
  }

  /** A graph that the node runs, or not, as its operator says. */
  record Body(Graph value) implements Attribute {
    /** Checks that there is one. */
    public Body {
      Given.value("a graph", value);
    }
  }
}
