package io.cellbelt.vad;

import com.google.gson.stream.JsonReader;
import com.google.gson.stream.JsonWriter;
import java.io.IOException;
import java.io.StringReader;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;

/**
 * What a client is told of the windows that a message completed.
 *
 * @param frame the number of the first of them, from 0
 * @param probabilities of speech, one for each
 * @param events where speech began or ended
 * @param done whether this is the last answer
 */
record Answer(long frame, List<Float> probabilities, List<Segments.Event> events, boolean done) {
  private static final String FRAME = "frame";
  private static final String PROBABILITIES = "probabilities";
  private static final String EVENTS = "events";
  private static final String DONE = "done";

  /** The shortest text from which the very same floats are read. */
  String json() {
    StringWriter text = new StringWriter(96);
    try (JsonWriter out = new JsonWriter(text)) {
      out.beginObject().name(FRAME).value(frame).name(PROBABILITIES).beginArray();
      for (float probability : probabilities) {
        out.value(probability);
      }
      out.endArray();
      if (!events.isEmpty()) {
        out.name(EVENTS).beginArray();
        for (Segments.Event event : events) {
          out.beginObject().name(event.begin() ? "begin" : "end").value(event.seconds());
          out.endObject();
        }
        out.endArray();
      }
      if (done) {
        out.name(DONE).value(true);
      }
      out.endObject();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return text.toString();
  }

  static Answer parse(CharSequence json) {
    long frame = 0;
    List<Float> probabilities = new ArrayList<>(1);
    List<Segments.Event> events = new ArrayList<>(0);
    boolean done = false;
    try (JsonReader in = new JsonReader(new StringReader(json.toString()))) {
      in.beginObject();
      while (in.hasNext()) {
        switch (in.nextName()) {
          case FRAME -> frame = in.nextLong();
          case PROBABILITIES -> {
            in.beginArray();
            while (in.hasNext()) {
              probabilities.add(Float.parseFloat(in.nextString()));
            }
            in.endArray();
          }
          case EVENTS -> {
            in.beginArray();
            while (in.hasNext()) {
              in.beginObject();
              events.add(new Segments.Event(in.nextName().equals("begin"), in.nextDouble()));
              in.endObject();
            }
            in.endArray();
          }
          case DONE -> done = in.nextBoolean();
          default -> in.skipValue();
        }
      }
      in.endObject();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return new Answer(frame, probabilities, events, done);
  }
}
