package io.cellbelt.propertytests.support;

import io.cellbelt.bptt.Adam;
import io.cellbelt.bptt.Bptt;
import io.cellbelt.bptt.Loss;
import io.cellbelt.bptt.Trainer;
import io.cellbelt.cells.Architecture;
import io.cellbelt.cells.Input;
import io.cellbelt.cells.Lstm;
import io.cellbelt.cells.Network;
import io.cellbelt.cells.Parameter;
import io.cellbelt.cells.Weights;
import io.cellbelt.kernels.Kernels;
import io.cellbelt.kernels.MachineLimits;
import io.cellbelt.kernels.PanelMatrix;
import io.cellbelt.kernels.PanelShape;
import io.cellbelt.kernels.SimdEnvironment;
import io.cellbelt.kernels.Slab;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Enters the library by each of its doors, twice, and prints for each what was thrown: the first
 * failure of a static initialiser is another error than those after it.
 */
public final class FirstUse {
  private static final Architecture ARCHITECTURE =
      new Architecture(new Input.Dense(2), List.of(new Lstm(2, 3)), 1);
  private static final Trainer.Options OPTIONS =
      new Trainer.Options(2, 3, Loss.MEAN_SQUARED_ERROR, Adam.of(0.01), 1);

  /** What leads to kernels, with nothing before it. */
  private static Map<String, Runnable> doors() {
    Map<String, Runnable> doors = new LinkedHashMap<>();
    doors.put("MachineLimits.reading", () -> MachineLimits.reading(1).close());
    doors.put("MachineLimits.multiplying", () -> MachineLimits.multiplying().close());
    doors.put("Slab.allocate", () -> Slab.allocate(1).close());
    doors.put("PanelMatrix.allocate", () -> PanelMatrix.allocate(new PanelShape(1, 1, 1)));
    doors.put("Kernels", () -> new Kernels(1).close());
    doors.put("Network", () -> new Network(Weights.of(ARCHITECTURE, values())).close());
    doors.put("Trainer", () -> new Trainer(Weights.random(ARCHITECTURE, 1), OPTIONS).close());
    doors.put("SimdEnvironment.require", SimdEnvironment::require);
    doors.put("Trainer.bytes", () -> Trainer.bytes(ARCHITECTURE, OPTIONS));
    doors.put("Bptt.bytes", () -> Bptt.bytes(ARCHITECTURE, 3, 2, true));
    return doors;
  }

  private static Map<String, float[]> values() {
    Map<String, float[]> values = new LinkedHashMap<>();
    for (Parameter parameter : ARCHITECTURE.parameters()) {
      values.put(parameter.name(), new float[parameter.size()]);
    }
    return values;
  }

  private FirstUse() {}

  /** Tries all doors, and then again. */
  public static void main(String[] arguments) {
    for (int i = 0; i < 2; i++) {
      System.out.println(SimdEnvironment.current().summary());
      doors().forEach((name, use) -> System.out.println(name + ": " + thrown(use)));
    }
  }

  private static String thrown(Runnable use) {
    try {
      use.run();
      return "fine";
    } catch (RuntimeException | LinkageError e) {
      return e.toString();
    }
  }
}
