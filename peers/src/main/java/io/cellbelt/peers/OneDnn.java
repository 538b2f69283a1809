package io.cellbelt.peers;

import java.util.List;
import org.bytedeco.dnnl.dnnl_exec_arg_t;
import org.bytedeco.dnnl.engine;
import org.bytedeco.dnnl.global.dnnl;
import org.bytedeco.dnnl.memory;
import org.bytedeco.dnnl.primitive;
import org.bytedeco.dnnl.reorder;
import org.bytedeco.dnnl.stream;
import org.bytedeco.javacpp.FloatPointer;

/** What calls of oneDNN have in common: one CPU engine, one stream, memory of 32-bit floats. */
final class OneDnn {
  private static final engine CPU = new engine(engine.kind.cpu, 0);
  private static final stream STREAM = new stream(CPU);

  /**
   * A primitive with its memory, ready to be called.
   *
   * @param list keeps the memory that the native arguments point to from being freed
   */
  record Call(primitive operation, dnnl_exec_arg_t arguments, List<Argument> list) {
    void run() {
      int status =
          dnnl.dnnl_primitive_execute(operation.get(), STREAM.get(), list.size(), arguments);
      if (status != dnnl.dnnl_success) {
        throw new IllegalStateException("oneDNN ended with status " + status + ".");
      }
    }
  }

  /** One argument of a primitive. */
  record Argument(int index, memory block) {}

  private OneDnn() {}

  static engine cpu() {
    return CPU;
  }

  static memory.desc desc(memory.format_tag tag, long... sizes) {
    return new memory.desc(sizes, memory.data_type.f32, tag);
  }

  /** Memory of that form, zero. */
  static memory zeros(memory.desc form) {
    return of(form, new float[Math.toIntExact(form.get_size() / Float.BYTES)]);
  }

  /** Memory of a plain form with numbers. */
  static memory of(memory.desc form, float[] values) {
    memory block = new memory(form, CPU);
    floats(block).put(values);
    return block;
  }

  /** The same numbers in another form. */
  static memory to(memory.desc form, memory from) {
    memory to = new memory(form, CPU);
    new reorder(from, to).execute(STREAM, from, to);
    STREAM._wait();
    return to;
  }

  /** The numbers of memory of a plain form. */
  static float[] array(memory block) {
    float[] values = new float[Math.toIntExact(block.get_desc().get_size() / Float.BYTES)];
    floats(block).get(values);
    return values;
  }

  private static FloatPointer floats(memory block) {
    return new FloatPointer(block.get_data_handle());
  }

  static Call call(primitive operation, List<Argument> arguments) {
    dnnl_exec_arg_t all = new dnnl_exec_arg_t(arguments.size());
    for (int i = 0; i < arguments.size(); i++) {
      Argument argument = arguments.get(i);
      all.getPointer(i).arg(argument.index).memory(argument.block.get());
    }
    return new Call(operation, all, List.copyOf(arguments));
  }
}
