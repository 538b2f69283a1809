package io.cellbelt.propertytests.kernels;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.classfile.ClassFile;
import java.lang.classfile.ClassModel;
import java.lang.classfile.attribute.CodeAttribute;
import java.lang.classfile.instruction.InvokeInstruction;
import java.lang.module.ModuleReader;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Predicate;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * HotSpot inlines no hot method of more than 325 bytecodes (FreqInlineSize), which would box the
 * vectors that cross its border, and compiles none of more than 8000 (HugeMethodLimit).
 */
class BytecodeSizeTest {
  private static final int INLINED = 325;
  private static final int COMPILED = 8000;

  private static final List<String> KERNELS =
      List.of(
          "/Blocks.mixLoop(",
          "/Gating.",
          "/LayerNorm.",
          "/LstmPointwise.",
          "/RnnPointwise.",
          "/Elu.",
          "/Exp.",
          "/Piecewise.",
          "/Sigmoid.",
          "/Softplus.",
          "/Softsign.",
          "/Tanh.",
          "/Log.",
          "/Erf.",
          "/BinaryLoops.",
          "/UnaryLoops.",
          "/ReductionLoops.",
          "/Softmax.",
          "/Normalise.");

  @Test
  void methodsThatVectorsGoThroughCanBeInlined() {
    var sizes = sizes(classes("io.cellbelt.kernels"));
    sizes.keySet().removeIf(method -> !method.contains("Ljdk/incubator/vector/"));
    assertThat(sizes.keySet())
        .anyMatch(method -> method.contains("/simd/Lanes.load("))
        .anyMatch(method -> method.contains("/activation/Tanh.apply("));
    assertThat(sizes).allSatisfy((method, size) -> assertThat(size).isLessThanOrEqualTo(INLINED));
  }

  /** Loops over vectors, too: what is compiled for itself is small, and of one piece. */
  @Test
  void methodsThatUseVectorsOutsideOfProductsAreSmall() {
    var sizes = sizes(classes("io.cellbelt.kernels"), BytecodeSizeTest::usesVectors);
    sizes.keySet().removeIf(method -> !method.matches(".*/(pointwise|activation|elementwise)/.*"));
    for (String kernel : KERNELS) {
      assertThat(sizes.keySet()).anyMatch(method -> method.contains(kernel));
    }
    assertThat(sizes).allSatisfy((method, size) -> assertThat(size).isLessThan(INLINED));
  }

  private static boolean usesVectors(CodeAttribute code) {
    return code.elementStream()
        .anyMatch(
            element ->
                element instanceof InvokeInstruction call
                    && call.type().stringValue().contains("Ljdk/incubator/vector/"));
  }

  @ParameterizedTest
  @ValueSource(strings = {"kernels", "cells", "bptt", "models", "app"})
  void everyMethodCanBeCompiled(String module) {
    assertThat(sizes(classes("io.cellbelt." + module)))
        .isNotEmpty()
        .allSatisfy((method, size) -> assertThat(size).isLessThanOrEqualTo(COMPILED));
  }

  private static Map<String, Integer> sizes(List<ClassModel> classes) {
    return sizes(classes, _ -> true);
  }

  private static Map<String, Integer> sizes(
      List<ClassModel> classes, Predicate<CodeAttribute> which) {
    Map<String, Integer> sizes = new TreeMap<>();
    for (ClassModel c : classes) {
      for (var method : c.methods()) {
        if (method.code().orElse(null) instanceof CodeAttribute code && which.test(code)) {
          String name = c.thisClass().asInternalName() + "." + method.methodName().stringValue();
          sizes.put(name + method.methodType().stringValue(), code.codeLength());
        }
      }
    }
    return sizes;
  }

  private static List<ClassModel> classes(String module) {
    var reference = ModuleLayer.boot().configuration().findModule(module).orElseThrow().reference();
    try (ModuleReader reader = reference.open()) {
      return reader
          .list()
          .filter(name -> name.endsWith(".class") && !name.endsWith("-info.class"))
          .map(name -> parse(reader, name))
          .toList();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static ClassModel parse(ModuleReader reader, String name) {
    try {
      ByteBuffer buffer = reader.read(name).orElseThrow();
      byte[] bytes = new byte[buffer.remaining()];
      buffer.get(bytes);
      return ClassFile.of().parse(bytes);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
