package io.cellbelt.models.onnx;

import static io.cellbelt.models.onnx.Protos.bytes;
import static io.cellbelt.models.onnx.Protos.tensor;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import com.google.protobuf.ByteString;
import com.google.protobuf.MessageLite;
import io.cellbelt.graphs.ElementType;
import io.cellbelt.graphs.Tensor;
import io.cellbelt.models.ModelFileException;
import io.cellbelt.models.onnx.OnnxProto.TensorProto;
import io.cellbelt.models.onnx.OnnxProto.TensorProto.DataType;
import io.cellbelt.models.onnx.OnnxProto.TensorProto.Segment;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

final class OnnxTensorsTest {
  @TempDir Path folder;

  static Stream<Arguments> raw() {
    return Stream.of(
        arguments(DataType.FLOAT, ElementType.F32, "0000c03f 000020c0", new double[] {1.5, -2.5}),
        arguments(
            DataType.DOUBLE,
            ElementType.F64,
            "000000000000f83f 00000000000004c0",
            new double[] {1.5, -2.5}),
        arguments(DataType.FLOAT16, ElementType.F16, "003e 00c1", new double[] {1.5, -2.5}),
        arguments(DataType.BFLOAT16, ElementType.BF16, "c03f 20c0", new double[] {1.5, -2.5}),
        arguments(DataType.INT8, ElementType.I8, "7f 80", new double[] {127, -128}),
        arguments(DataType.UINT8, ElementType.U8, "7f 80", new double[] {127, 128}),
        arguments(DataType.INT16, ElementType.I16, "ff7f 0080", new double[] {32767, -32768}),
        arguments(DataType.UINT16, ElementType.U16, "ff7f 0080", new double[] {32767, 32768}),
        arguments(DataType.INT32, ElementType.I32, "01000000 00000080", new double[] {1, -0x1p31}),
        arguments(DataType.UINT32, ElementType.U32, "01000000 00000080", new double[] {1, 0x1p31}),
        arguments(
            DataType.INT64,
            ElementType.I64,
            "0100000000000000 0000000000000080",
            new double[] {1, -0x1p63}),
        // The bits of the largest unsigned numbers are those of negative ones.
        arguments(
            DataType.UINT64,
            ElementType.U64,
            "0100000000000000 0000000000000080",
            new double[] {1, -0x1p63}),
        arguments(DataType.BOOL, ElementType.BOOL, "00 02", new double[] {0, 1}),
        arguments(DataType.INT4, ElementType.I8, "87 0f", new double[] {7, -8, -1}),
        arguments(DataType.UINT4, ElementType.U8, "87 0f", new double[] {7, 8, 15}),
        arguments(DataType.INT2, ElementType.I8, "e4 01", new double[] {0, 1, -2, -1, 1}),
        arguments(DataType.UINT2, ElementType.U8, "e4 01", new double[] {0, 1, 2, 3, 1}));
  }

  @ParameterizedTest
  @MethodSource("raw")
  void readsRawElements(DataType type, ElementType expected, String hex, double[] values)
      throws IOException {
    Tensor tensor =
        read(tensor("t", type, values.length).setRawData(ByteString.fromHex(hex.replace(" ", ""))))
            .tensor();
    assertThat(tensor.type()).isEqualTo(expected);
    assertThat(tensor.shape()).containsExactly(values.length);
    assertThat(tensor.doubles()).containsExactly(values);
  }

  static Stream<Arguments> listed() {
    return Stream.of(
        arguments(list(DataType.FLOAT).addFloatData(1.5f), ElementType.F32, 1.5),
        arguments(list(DataType.DOUBLE).addDoubleData(0.1), ElementType.F64, 0.1),
        arguments(list(DataType.FLOAT16).addInt32Data(0xc100), ElementType.F16, -2.5),
        arguments(list(DataType.BFLOAT16).addInt32Data(0xc020), ElementType.BF16, -2.5),
        arguments(list(DataType.INT8).addInt32Data(-128), ElementType.I8, -128.0),
        arguments(list(DataType.UINT8).addInt32Data(255), ElementType.U8, 255.0),
        arguments(list(DataType.INT16).addInt32Data(-32768), ElementType.I16, -32768.0),
        arguments(list(DataType.UINT16).addInt32Data(65535), ElementType.U16, 65535.0),
        arguments(list(DataType.INT32).addInt32Data(1 << 31), ElementType.I32, -0x1p31),
        arguments(list(DataType.BOOL).addInt32Data(1), ElementType.BOOL, 1.0),
        arguments(list(DataType.INT64).addInt64Data(1L << 40), ElementType.I64, 0x1p40),
        arguments(list(DataType.UINT32).addUint64Data(1L << 31), ElementType.U32, 0x1p31),
        arguments(list(DataType.UINT64).addUint64Data(1L << 40), ElementType.U64, 0x1p40),
        arguments(list(DataType.INT4).addInt32Data(0xf), ElementType.I8, -1.0),
        arguments(list(DataType.UINT4).addInt32Data(0xf), ElementType.U8, 15.0));
  }

  private static TensorProto.Builder list(DataType type) {
    return tensor("t", type);
  }

  @ParameterizedTest
  @MethodSource("listed")
  void readsListedElements(TensorProto.Builder proto, ElementType expected, double value)
      throws IOException {
    Tensor tensor = read(proto).tensor();
    assertThat(tensor.type()).isEqualTo(expected);
    assertThat(tensor.rank()).as("without dimensions").isZero();
    assertThat(tensor.doubles()).containsExactly(value);
  }

  @Test
  void fourBitElementsShareAListedNumber() throws IOException {
    TensorProto.Builder proto = tensor("", DataType.INT4, 3).addInt32Data(0x87).addInt32Data(0x0f);
    assertThat(read(proto).tensor().longs()).containsExactly(7, -8, -1);
  }

  @Test
  void listsMayBeUnpacked() throws IOException {
    // dims: 2, data_type: FLOAT, and twice float_data with a tag of its own.
    byte[] file = ByteString.fromHex("08021001" + "250000803f" + "2500000040").toByteArray();
    Path path = Files.write(folder.resolve("input_0.pb"), file);
    assertThat(OnnxTensors.read(path).tensor().floats()).containsExactly(1, 2);
  }

  @Test
  void keepsTheNameAndTheShape() throws IOException {
    OnnxTensors.Named named =
        read(
            tensor("weights", DataType.INT8, 2, 1, 2)
                .setRawData(bytes((byte) 1, (byte) 2, (byte) 3, (byte) 4)));
    assertThat(named.name()).isEqualTo("weights");
    assertThat(named.tensor().shape()).containsExactly(2, 1, 2);
    assertThat(read(tensor("", DataType.FLOAT, 3, 0)).tensor().size()).isZero();
  }

  static Stream<Arguments> refused() {
    return Stream.of(
        arguments(tensor("t", DataType.STRING, 1), "tensor \"t\" has elements of the type STRING"),
        arguments(tensor("t", DataType.COMPLEX64, 1), "COMPLEX64"),
        arguments(tensor("t", DataType.FLOAT8E4M3FN, 1), "FLOAT8E4M3FN"),
        arguments(tensor("t", DataType.FLOAT4E2M1, 1), "FLOAT4E2M1"),
        arguments(tensor("t", DataType.UNDEFINED, 1), "does not say what its elements are"),
        arguments(TensorProto.newBuilder().setDataType(99), "unknown data type 99"),
        arguments(
            tensor("t", DataType.FLOAT, 1).setSegment(Segment.newBuilder().setBegin(0)),
            "is a part of a tensor"),
        arguments(tensor("t", DataType.FLOAT, -1), "has the shape [-1]"),
        arguments(tensor("t", DataType.FLOAT, 1L << 31), "less than 2^31"),
        arguments(tensor("t", DataType.FLOAT, Integer.MAX_VALUE), "the limit of 2^31 elements"),
        arguments(tensor("t", DataType.INT8, 1 << 30), "but the file holds 0 values"),
        arguments(
            tensor("t", DataType.INT8, 1 << 30).setRawData(bytes((byte) 1)),
            "it needs 1073741824 bytes of data, but it has 1"),
        arguments(
            tensor("t", DataType.INT8, 1 << 20, 1 << 20, 1 << 20, 1 << 20),
            "the limit of 2^31 elements"),
        arguments(tensor("t", DataType.FLOAT, new long[33]), "has 33 dimensions; the limit is 32"),
        arguments(
            tensor("t", DataType.FLOAT, 1).setRawData(bytes((byte) 1)),
            "it needs 4 bytes of data, but it has 1"),
        arguments(tensor("t", DataType.FLOAT, 2).addFloatData(1), "holds 1 values"),
        arguments(tensor("t", DataType.FLOAT, 1).addInt64Data(1), "holds 0 values"),
        arguments(tensor("t", DataType.FLOAT), "holds 0 values"));
  }

  @ParameterizedTest
  @MethodSource("refused")
  void refusesOtherTensors(TensorProto.Builder proto, String sentence) {
    assertThatThrownBy(() -> read(proto))
        .isInstanceOf(ModelFileException.class)
        .hasMessageStartingWith("Cannot read " + folder)
        .hasMessageContaining(sentence)
        .hasMessageEndingWith(".");
  }

  /** Messages of other types, made by hand: the name, the kind of elements, and one element. */
  @Test
  void refusesSequencesAndOptionalValues() {
    String tensor = "0801" + "1001" + "4a040000803f";
    for (String hex :
        List.of(
            "1001" + "1a0a" + tensor,
            "0a0173" + "1001" + "1a0a" + tensor,
            "0a0173" + "1001",
            "1001",
            "0a0173" + "1003" + "2a04" + "1001" + "1a00",
            "")) {
      assertThatThrownBy(
              () ->
                  OnnxTensors.read(
                      Files.write(
                          folder.resolve("input_0.pb"), ByteString.fromHex(hex).toByteArray())))
          .as("bytes %s", hex)
          .isInstanceOf(ModelFileException.class)
          .hasMessageEndingWith(".");
    }
  }

  private OnnxTensors.Named read(TensorProto.Builder proto) throws IOException {
    MessageLite message = proto.build();
    return OnnxTensors.read(Files.write(folder.resolve("input_0.pb"), message.toByteArray()));
  }
}
