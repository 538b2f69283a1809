package io.cellbelt.cells.reference;

import io.cellbelt.cells.Architecture;
import io.cellbelt.cells.Cell;
import io.cellbelt.cells.Schedule;
import io.cellbelt.cells.Schedule.Group;
import java.util.Locale;
import java.util.function.Predicate;

/**
 * The parameters of one layer in one direction, by name and by gate. Their gradients add up in
 * arrays of the same shape; tied layers share them.
 *
 * <p>Not thread-safe: it belongs to one run through a network.
 */
public final class ReferenceParameters {
  private final Architecture architecture;
  private final int layer;
  private final int direction;
  private final Cell cell;
  private final Schedule schedule;
  private final Tensors tensors;
  private final Vec recurrentMask;

  /**
   * Those of a layer.
   *
   * @param recurrentMask what U's input is multiplied by, or null for nothing
   */
  ReferenceParameters(
      Architecture architecture,
      int layer,
      int direction,
      Tensors tensors,
      double[] recurrentMask) {
    this.architecture = architecture;
    this.layer = layer;
    this.direction = direction;
    this.tensors = tensors;
    this.cell = architecture.layers().get(layer).checkedCell();
    this.schedule = cell.schedule();
    this.recurrentMask = recurrentMask == null ? null : Vec.constant(recurrentMask);
  }

  /**
   * The product of a gate's rows of a matrix, such as {@code Ui h'}. U never sees what recurrent
   * dropout hides.
   *
   * @param parameter such as {@code weight_hh}
   * @param gate its letter in the schedule
   * @param source as long as the matrix has columns
   * @return as long as the gate
   * @throws IllegalArgumentException if the schedule has no such matrix for the gate, or the source
   *     has another length
   */
  public Vec product(String parameter, char gate, Vec source) {
    Rows rows =
        rows(
            parameter,
            gate,
            group -> group.products().stream().anyMatch(p -> p.parameter().equals(parameter)));
    checkColumns(parameter, source.length());
    boolean hidden = recurrentMask != null && parameter.equals("weight_hh");
    Vec seen = hidden ? source.times(recurrentMask) : source;
    return tensors.product(name(parameter), rows.first, rows.count, seen);
  }

  private void checkColumns(String parameter, int length) {
    for (Group group : schedule.groups()) {
      for (Schedule.Product product : group.products()) {
        int columns = schedule.length(product.source(), cell);
        if (product.parameter().equals(parameter) && length != columns) {
          throw new IllegalArgumentException(
              String.format(
                  Locale.ROOT,
                  "By the schedule, '%s' multiplies a vector of %d numbers, but the reference gives one"
                      + " of %d.",
                  parameter,
                  columns,
                  length));
        }
      }
    }
  }

  /**
   * The products of some gates, one after the other.
   *
   * @param parameter such as {@code weight_hh}
   * @param gates their letters, in the order wanted
   * @param source as long as the matrix has columns
   */
  public Vec product(String parameter, String gates, Vec source) {
    return Vec.concat(
        gates
            .chars()
            .mapToObj(gate -> product(parameter, (char) gate, source))
            .toArray(Vec[]::new));
  }

  /**
   * The bias of a gate, as long as the gate.
   *
   * @param gate its letter in the schedule
   * @throws IllegalArgumentException if the gate has no bias
   */
  public Vec bias(char gate) {
    Rows rows = rows(Schedule.BIAS, gate, Group::bias);
    return tensors.vector(name(Schedule.BIAS), rows.first, rows.count);
  }

  /**
   * A vector of length H.
   *
   * @param parameter such as {@code peephole}
   */
  public Vec vector(String parameter, char letter) {
    for (Schedule.Vectors vectors : schedule.vectors()) {
      int index = vectors.names().indexOf(letter);
      if (vectors.parameter().equals(parameter) && index >= 0) {
        int length = cell.hiddenSize();
        return tensors.vector(name(parameter), index * length, length);
      }
    }
    throw missing(parameter, letter);
  }

  /**
   * Some vectors of length H, one after the other.
   *
   * @param parameter such as {@code peephole}
   * @param letters of the vectors, in the order wanted
   */
  public Vec vector(String parameter, String letters) {
    return Vec.concat(
        letters.chars().mapToObj(letter -> vector(parameter, (char) letter)).toArray(Vec[]::new));
  }

  private record Rows(int first, int count) {}

  /** Of the groups that have a part in a tensor, all gates follow each other in it. */
  private Rows rows(String parameter, char gate, Predicate<Group> hasPart) {
    int first = 0;
    for (Group group : schedule.groups().stream().filter(hasPart).toList()) {
      int index = group.gates().indexOf(gate);
      if (index >= 0) {
        return new Rows(first + index * group.size(), group.size());
      }
      first += group.gates().length() * group.size();
    }
    throw missing(parameter, gate);
  }

  private IllegalArgumentException missing(String parameter, char letter) {
    return new IllegalArgumentException(
        String.format(
            Locale.ROOT,
            "The schedule of %s has no '%s' for '%c'; it has the gates '%s'. Change the schedule or"
                + " what the reference asks for.",
            cell,
            parameter,
            letter,
            schedule.gates()));
  }

  private String name(String parameter) {
    return architecture.name(layer, direction, parameter);
  }
}
