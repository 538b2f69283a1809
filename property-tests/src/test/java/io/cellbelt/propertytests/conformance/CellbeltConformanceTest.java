package io.cellbelt.propertytests.conformance;

import java.io.IOException;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.DynamicNode;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.TestFactory;

/** That the library agrees with all others' cases. */
@Tag("any-width")
class CellbeltConformanceTest {
  private static final Conformance CONFORMANCE =
      new Conformance("conformance", new CellbeltEngine());

  @TestFactory
  List<DynamicNode> everyCasePasses() throws IOException {
    return CONFORMANCE.tests();
  }

  @AfterAll
  static void print() {
    CONFORMANCE.print();
  }
}
