package io.cellbelt.propertytests.conformance;

import java.io.IOException;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.DynamicNode;
import org.junit.jupiter.api.TestFactory;

/** That the double reference, and with it the readers, agree with all others' cases. */
class OnnxReferenceConformanceTest {
  private static final Conformance CONFORMANCE =
      new Conformance("conformance of the reference", new OnnxReference());

  @TestFactory
  List<DynamicNode> everyCasePasses() throws IOException {
    return CONFORMANCE.tests();
  }

  @AfterAll
  static void print() {
    CONFORMANCE.print();
  }
}
