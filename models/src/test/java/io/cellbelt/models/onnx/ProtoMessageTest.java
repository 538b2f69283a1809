package io.cellbelt.models.onnx;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.Descriptors.Descriptor;
import com.google.protobuf.Descriptors.FieldDescriptor;
import io.cellbelt.models.onnx.OnnxProto.ModelProto;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** What this library says of the messages is what was generated from their definition. */
class ProtoMessageTest {
  private final Map<Descriptor, ProtoMessage> seen = new HashMap<>();

  @Test
  void fieldsAreThoseOfTheDefinition() {
    check(ModelProto.getDescriptor(), ProtoMessage.MODEL);
    assertThat(EnumSet.copyOf(seen.values())).isEqualTo(EnumSet.allOf(ProtoMessage.class));
  }

  private void check(Descriptor type, ProtoMessage message) {
    if (seen.put(type, message) != null) {
      return;
    }
    for (int number = 1; number < 100; number++) {
      FieldDescriptor field = type.findFieldByNumber(number);
      Object found = message.field(number);
      String what = type.getName() + " " + number;
      switch (field == null ? null : field.getJavaType()) {
        case MESSAGE -> {
          assertThat(found).as(what).isInstanceOf(ProtoMessage.class);
          check(field.getMessageType(), (ProtoMessage) found);
        }
        case STRING -> assertThat(found).as(what).isEqualTo(ProtoMessage.Plain.TEXT);
        case BYTE_STRING -> assertThat(found).as(what).isEqualTo(ProtoMessage.Plain.BYTES);
        case null -> assertThat(found).as(what).isNull();
        // A single number has no length.
        default -> {
          boolean real =
              Set.of(FieldDescriptor.JavaType.FLOAT, FieldDescriptor.JavaType.DOUBLE)
                  .contains(field.getJavaType());
          ProtoMessage.Plain list = real ? ProtoMessage.Plain.REALS : ProtoMessage.Plain.INTEGERS;
          assertThat(found).as(what).isEqualTo(field.isRepeated() ? list : null);
        }
      }
    }
  }
}
