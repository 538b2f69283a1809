package io.cellbelt.cells.engine;

import io.cellbelt.kernels.Slab;
import java.util.Arrays;

/**
 * What an unrolled network carries from one pass to the next: the states at its step 0. Outside of
 * it the state of a sequence is packed: {@link #save}.
 *
 * <p>Allocates nothing after construction. Belongs to one {@link Unrolled} and has its user.
 */
public final class CarriedStates {
  private final NetworkPlan plan;
  private final Slab slab;

  /** Holds a packed state on its way between the tracks and an array. */
  private final long packed;

  private final int[] lengths;
  private final TrackStates[] tracks;
  private final boolean canBorrow;

  CarriedStates(NetworkPlan plan, Slab slab, long packed, int[] lengths, TrackStates[] tracks) {
    this.plan = plan;
    this.slab = slab;
    this.packed = packed;
    this.lengths = lengths;
    this.tracks = tracks;
    canBorrow = Arrays.stream(tracks).allMatch(TrackStates::canBorrow);
  }

  /** Makes the states after the last pass those that the next one starts from. */
  public void carry() {
    carry(Integer.MAX_VALUE);
  }

  /**
   * Makes the states after some of the last pass's steps those that the next one starts from.
   *
   * @param steps how many, 0 or more; a sequence that has fewer stops at its end
   */
  public void carry(int steps) {
    for (TrackStates track : tracks) {
      track.carry(lengths, steps);
    }
  }

  /** Takes over the states at step 0 of another one of the same network and batch. */
  public void copy(CarriedStates other) {
    for (int i = 0; i < tracks.length; i++) {
      tracks[i].copy(other.tracks[i]);
    }
  }

  /** Sets the states of one sequence at step 0 to zero. */
  public void reset(int sequence) {
    for (TrackStates track : tracks) {
      track.reset(sequence);
    }
  }

  /** Sets the states of one sequence at step 0 to those that are packed at a raw address. */
  public void load(int sequence, long address) {
    long at = address;
    for (TrackStates track : tracks) {
      at = track.load(sequence, at);
    }
  }

  /**
   * Lets a pass of one step of one sequence start from the states that are packed at a raw address,
   * without a copy where their layout allows it; {@link #giveBack} must follow.
   */
  public void borrow(long address) {
    if (!canBorrow) {
      load(0, address);
      return;
    }
    long at = address;
    for (TrackStates track : tracks) {
      at = track.borrow(at);
    }
  }

  /** Ends what {@link #borrow} began. */
  public void giveBack() {
    if (canBorrow) {
      for (TrackStates track : tracks) {
        track.giveBack();
      }
    }
  }

  /** Packs the states of one sequence after the last pass to a raw address. */
  public void store(int sequence, long address) {
    store(sequence, lengths[sequence], address);
  }

  private void store(int sequence, int steps, long address) {
    long at = address;
    for (TrackStates track : tracks) {
      at = track.store(sequence, steps, at);
    }
  }

  /** Floats in the state of one sequence. */
  public int size() {
    return plan.stateSize();
  }

  /**
   * Copies the states of one sequence at step 0 out: for every layer and direction h, then what
   * else the cell carries, and for cells with a clock the steps taken, modulo its period.
   */
  public void save(int sequence, float[] state) {
    save(sequence, 0, state);
  }

  /**
   * Copies the states of one sequence after some steps of the last pass out.
   *
   * @param steps how many, 0 or more; a sequence that has fewer stops at its end
   */
  public void save(int sequence, int steps, float[] state) {
    store(sequence, Math.min(steps, lengths[sequence]), packed);
    slab.get((packed - slab.address()) / Float.BYTES, state, 0, size());
  }

  /**
   * Sets the states of one sequence at step 0 to what {@link #save} gave.
   *
   * @throws IllegalArgumentException if a clock is not a whole number from 0 to its period; then
   *     nothing has changed
   */
  public void restore(int sequence, float[] state) {
    check(state);
    slab.put((packed - slab.address()) / Float.BYTES, state, 0, size());
    load(sequence, packed);
  }

  /**
   * Refuses a state that {@link #restore} does not take.
   *
   * @throws IllegalArgumentException if a clock is not a whole number from 0 to its period
   */
  public void check(float[] state) {
    plan.checkClocks(state);
  }
}
