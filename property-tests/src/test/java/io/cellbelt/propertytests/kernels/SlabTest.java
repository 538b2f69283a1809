package io.cellbelt.propertytests.kernels;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import io.cellbelt.kernels.MachineLimits;
import io.cellbelt.kernels.PanelMatrix;
import io.cellbelt.kernels.PanelShape;
import io.cellbelt.kernels.Slab;
import io.cellbelt.kernels.simd.Lanes;
import io.cellbelt.kernels.simd.LibrarySlab;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class SlabTest {
  @ParameterizedTest
  @ValueSource(longs = {0, 1, 15, 16, 17, 1000})
  void isZeroedAlignedAndPaddedToWholeLines(long floats) {
    try (Slab slab = Slab.allocate(floats)) {
      assertThat(slab.address() % Slab.ALIGNMENT).isZero();
      assertThat(slab.byteSize()).isGreaterThanOrEqualTo(Float.BYTES * floats);
      for (long i = 0; i < floats; i++) {
        assertThat(slab.get(i)).isZero();
      }
    }
  }

  @ParameterizedTest
  @ValueSource(longs = {-1, Long.MIN_VALUE, Long.MAX_VALUE, 1L << 62, 1L << 61})
  void refusesImpossibleSizes(long floats) {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Slab.allocate(floats))
        .withMessageContaining("floats, but got " + floats);
  }

  @Test
  void rowsAreAnOddNumberOfLinesApart() {
    for (int floats = 0; floats < 300; floats++) {
      int stride = Slab.rowStride(floats);
      assertThat(stride).isGreaterThanOrEqualTo(floats);
      assertThat(stride % Slab.LINE).isZero();
      assertThat(stride / Slab.LINE % 2).isEqualTo(1);
    }
  }

  @Test
  void refusesIndicesOutsideAndUseAfterClose() {
    Slab slab = Slab.allocate(16);
    assertThatExceptionOfType(IndexOutOfBoundsException.class).isThrownBy(() -> slab.get(16));
    assertThatExceptionOfType(IndexOutOfBoundsException.class).isThrownBy(() -> slab.set(-1, 0));
    slab.close();
    assertThatIllegalStateException().isThrownBy(() -> slab.get(0));
    slab.close();
  }

  @Test
  void isNotClosedWhileInUseNorUsedOnceClosed() {
    LibrarySlab slab = new LibrarySlab(16);
    slab.acquire();
    slab.acquire();
    assertThatIllegalStateException()
        .isThrownBy(slab::close)
        .withMessageContaining("still in use by 2");
    slab.release();
    slab.release();
    slab.close();
    assertThatIllegalStateException()
        .isThrownBy(slab::acquire)
        .withMessageContaining("is closed; open another one");
  }

  @Test
  void aMatrixClosesItsOwnMemoryAndNoOneElses() {
    long before = Slab.allocated();
    PanelShape shape = new PanelShape(2, 1, 3);
    try (Slab slab = Slab.allocate(shape.floats());
        PanelMatrix owner = PanelMatrix.allocate(shape)) {
      new PanelMatrix(shape, slab, 0).close();
      owner.prefix(1).close();
      owner.pack(new float[6]);
      assertThat(slab.get(0)).isZero();
    }
    assertThat(Slab.allocated()).isEqualTo(before);
  }

  @Test
  void aLoadDoesNotRunOnceItIsClosed() {
    MachineLimits.Load load = MachineLimits.reading(1);
    load.run();
    load.close();
    assertThatIllegalStateException().isThrownBy(load::run).withMessageContaining("is closed");
  }

  @Test
  @EnabledIfSystemProperty(
      named = "cellbelt.checkedSegments",
      matches = "true",
      disabledReason = "without the switch, a wrong address ends the JVM")
  void checkedSegmentsTurnAWrongAddressIntoAnException() {
    try (Slab slab = Slab.allocate(16)) {
      assertThat(Lanes.get(slab.address(15))).isZero();
      assertThatExceptionOfType(IndexOutOfBoundsException.class)
          .isThrownBy(() -> Lanes.get(slab.address(16)));
      assertThatExceptionOfType(IndexOutOfBoundsException.class)
          .isThrownBy(() -> Lanes.load(slab.address(17 - Lanes.COUNT)));
      assertThatExceptionOfType(IndexOutOfBoundsException.class)
          .isThrownBy(() -> Lanes.store(Lanes.load(slab.address()), slab.address(-1)));
    }
  }
}
