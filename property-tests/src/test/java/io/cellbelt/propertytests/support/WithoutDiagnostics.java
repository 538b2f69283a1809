package io.cellbelt.propertytests.support;

import io.cellbelt.cells.Architecture;
import io.cellbelt.cells.Lstm;
import io.cellbelt.cells.Network;
import io.cellbelt.cells.Weights;
import io.cellbelt.kernels.JitState;
import java.lang.management.ManagementFactory;
import javax.management.JMException;
import javax.management.ObjectName;

/** Warms up in a JVM that does not tell what its compiler does. */
public final class WithoutDiagnostics {
  private WithoutDiagnostics() {}

  /** Prints whether the compiler's state is known, and whether a warm-up finished. */
  public static void main(String[] args) throws JMException {
    ManagementFactory.getPlatformMBeanServer()
        .unregisterMBean(new ObjectName("com.sun.management:type=DiagnosticCommand"));
    try (Network network = new Network(Weights.random(Architecture.of(new Lstm(2, 3)), 1))) {
      System.out.println(
          "known " + JitState.now().known() + ", finished " + network.warmUp().finished());
    }
  }
}
