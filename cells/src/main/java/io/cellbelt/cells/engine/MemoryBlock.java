package io.cellbelt.cells.engine;

import io.cellbelt.cells.Activation;
import io.cellbelt.cells.Block;
import io.cellbelt.kernels.Slab;
import io.cellbelt.kernels.pointwise.Blocks;
import io.cellbelt.kernels.simd.Lanes;

/** A block of a {@link MemoryRow}: the passes of {@link Blocks} behind checks. */
public final class MemoryBlock implements Block {
  /** What a kernel may do with a block. */
  enum Use {
    /** Read it. */
    READ,
    /** Read and write it. */
    WRITE,
    /** Add to it, as to a gradient that others add to as well. */
    ADD
  }

  private final MemoryRow row;
  private final String name;
  private final Use use;
  private final int size;
  private final int width;
  private long address;

  MemoryBlock(MemoryRow row, String name, Use use, int size) {
    this.row = row;
    this.name = name;
    this.use = use;
    this.size = size;
    width = Slab.pad(size);
  }

  /** Moves the block; to 0, where nobody wants what is added to it. */
  void moveTo(long to) {
    address = to;
  }

  /** Sets what is nearly nothing to 0. */
  void flush() {
    Blocks.copy(address, address, width);
  }

  /** Zeroes what a pass may have left behind the last float. */
  void clearPadding() {
    if (address != 0) {
      Blocks.clearPadding(address, size, width);
    }
  }

  @Override
  public int size() {
    return size;
  }

  @Override
  public float get(int index) {
    requireReadable();
    return Lanes.get(at(index));
  }

  @Override
  public void set(int index, float value) {
    requireWritable();
    Lanes.set(at(index), value);
  }

  @Override
  public void add(int index, float value) {
    long at = at(index);
    if (isAddedTo()) {
      Lanes.set(at, Lanes.get(at) + value);
    }
  }

  @Override
  public Block fill(float value) {
    requireWritable();
    Blocks.fill(address, width, value);
    return this;
  }

  @Override
  public Block copy(Block a) {
    requireWritable();
    Blocks.copy(operand(a), address, width);
    return this;
  }

  @Override
  public Block add(Block a) {
    long from = operand(a);
    if (isAddedTo()) {
      Blocks.add(from, address, width);
    }
    return this;
  }

  @Override
  public Block addScaled(Block a, float factor) {
    long from = operand(a);
    if (isAddedTo()) {
      Blocks.addScaled(from, address, width, factor);
    }
    return this;
  }

  @Override
  public Block subtract(Block a) {
    return addScaled(a, -1);
  }

  @Override
  public Block multiply(Block a) {
    requireWritable();
    Blocks.multiply(operand(a), address, address, width);
    return this;
  }

  @Override
  public Block multiplyAdd(Block a, Block b) {
    long left = operand(a);
    long right = operand(b);
    if (isAddedTo()) {
      Blocks.multiplyAdd(left, right, address, width);
    }
    return this;
  }

  @Override
  public Block mix(Block share, Block a, Block b) {
    requireWritable();
    Blocks.mix(operand(share), operand(a), operand(b), address, width);
    return this;
  }

  @Override
  public Block complement() {
    requireWritable();
    Blocks.complement(address, address, width);
    return this;
  }

  @Override
  public Block scale(float factor) {
    requireWritable();
    Blocks.scale(address, width, factor);
    return this;
  }

  @Override
  public Block clamp(float limit) {
    requireWritable();
    Blocks.clamp(address, width, limit);
    return this;
  }

  @Override
  public Block apply(Activation f) {
    requireWritable();
    row.kernel(f).apply(address, width);
    return this;
  }

  @Override
  public Block derivative(Activation f) {
    requireWritable();
    row.kernel(f).derivative(address, width);
    return this;
  }

  /** The address of a float, for {@link Lanes}. */
  private long at(int index) {
    if (index < 0 || index >= size) {
      throw new IndexOutOfBoundsException(
          "There are floats 0 to " + (size - 1) + " in " + name + ", but got " + index + ".");
    }
    return Lanes.base(address + (long) Float.BYTES * index);
  }

  /** The address of another block that is read, of as many floats as this one. */
  private long operand(Block block) {
    if (!(block instanceof MemoryBlock other)) {
      throw new NullPointerException("An operand of " + name + " is a block, but got null.");
    }
    other.requireReadable();
    if (other.size != size) {
      throw new IllegalArgumentException(
          "Operands of "
              + name
              + " have its "
              + size
              + " floats, but "
              + other.name
              + " has "
              + other.size
              + ".");
    }
    return other.address;
  }

  private void requireReadable() {
    row.requireUser(name);
    if (use == Use.ADD) {
      throw new IllegalStateException(
          "A kernel adds to " + name + ", as others do, but does not read it.");
    }
  }

  private void requireWritable() {
    row.requireUser(name);
    if (use != Use.WRITE) {
      throw new IllegalStateException(
          use == Use.READ
              ? "A kernel only reads " + name + " here; write to another block."
              : "A kernel adds to " + name + ", as others do, and must not overwrite it.");
    }
  }

  /** Whether what is added goes anywhere; refuses where it must not. */
  private boolean isAddedTo() {
    row.requireUser(name);
    if (use == Use.READ) {
      throw new IllegalStateException(
          "A kernel only reads " + name + " here; add to another block.");
    }
    return address != 0;
  }
}
