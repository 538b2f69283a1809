package io.cellbelt.models.audio;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.gson.JsonParser;
import io.cellbelt.models.ModelFileException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What is wrong in a file is a sentence, and harms nobody. */
class AudioRefusalTest {
  private static final String DENSE =
      "{'in_shape':[null,null,1],'layers':[{'type':'dense','activation':'tanh','shape':[null,2],"
          + "'weights':[[[1,2]],[3,4]]}]}";

  private static final String LSTM =
      "{'architecture':'LSTM','config':{'input_size':1,'hidden_size':1,'num_layers':1},"
          + "'weights':[1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16]}";

  private static final String WAVE_NET =
      "{'architecture':'WaveNet','config':{'head':null,'layers':[{'input_size':1,"
          + "'condition_size':1,'channels':1,'head_size':1,'head_bias':false,'kernel_size':2,"
          + "'dilations':[1],'activation':'Tanh','gated':false}]},'weights':[1,2,3,4,5,6,7,8,9]}";

  private static final String TORCH =
      "{'a.weight_ih_l0':[[1]],'a.weight_hh_l0':[[1]],'b.weight':[[1]],'b.bias':[1]}";

  @TempDir Path folder;

  private static String quoted(String text) {
    return text.replace('\'', '"');
  }

  private AudioModel read(String text) throws IOException {
    return AudioJsonReader.read(Files.writeString(folder.resolve("a.json"), quoted(text)));
  }

  private void refused(String text, String... parts) {
    assertThatThrownBy(() -> read(text))
        .isInstanceOf(ModelFileException.class)
        .message()
        .startsWith("Cannot read " + folder.resolve("a.json") + ": ")
        .contains(parts)
        .endsWith(".");
  }

  @Test
  void whatTheCasesAreMadeOfIsGood() throws IOException {
    for (String text : List.of(DENSE, LSTM, WAVE_NET, TORCH)) {
      assertThat(read(text).graph().nodes()).isNotEmpty();
      assertThat(AudioJsonReader.recognises(JsonParser.parseString(quoted(text)).getAsJsonObject()))
          .isTrue();
    }
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '~',
      value = {
        "'tanh' | 'gelu' | Layer 1 (\"dense\"): The activation \"gelu\" is not known",
        "'dense' | 'attention' | Layer 1 (\"attention\"): This type is not known; those that are: dense,",
        "'type':'dense', | '' : 1, | Layer 1: 'type' is missing; the keys are",
        "[null,2] | [null,3] | The kernel must have the shape [1, 3], but have [1, 2].",
        "[null,2] | [null,2147483647] | The kernel must have the shape [1, 2147483647]",
        "[null,2] | [null,null] | 'shape' must be a whole number from 1 to 2^31 - 1",
        "[null,2] | [] | 'shape' must have a dimension or more",
        "[null,2] | 2 | 'shape' must be an array, but is \"2\"",
        "[null,2] | [1,1,65536,65536] | 'shape' tells 4294967296 values a sample, which are too many",
        "[[1,2]],[3,4] | [[1,2],[3]],[3,4] | must be regular: all of the shape [2, 2], like its first",
        "[[1,2]],[3,4] | [[1,2]] | 'weights' must be 2 arrays, but are 1.",
        "[3,4] | [3,'x'] | numbers that floats can hold, but one is \"\"x\"\"",
        "[3,4] | [3,1e39] | numbers that floats can hold, but one is \"1e39\"",
        "[3,4] | [3,NaN] | hold NaN or Infinity, which JSON has not",
        "[3,4] | [[[[[[[[[1]]]]]]]]] | must be at most 8 arrays in each other",
        "[null,null,1] | [null,null,99999999] | may have 65536 inputs, but there are 99999999",
        "[null,null,1] | [null,null,0] | 'in_shape' must be a whole number from 1",
        "'in_shape' | 'in_skip':1,'in_shape' | can be added to one output, but there are 2",
        "'in_shape' | 'in_skip':2,'in_shape' | It must be 0 or 1, but is 2.0.",
        "'in_shape' | 'in_gain':'x','in_shape' | 'in_gain' must be a finite number",
      })
  void ofRtNeural(String part, String wrong, String sentence) {
    refused(DENSE.replace(part, wrong), sentence);
  }

  @Test
  void everythingUnknownIsListed() {
    refused(
        "{'in_shape':[1],'layers':[{'type':'a','shape':[2],'weights':[]},7,"
            + "{'type':'conv1d','shape':[1],'kernel_size':1,'strides':2,'weights':[[],[]]},"
            + "{'type':'gru','activation':'relu','shape':[1],'weights':"
            + "[[[1,1,1]],[[1,1,1]],[[1,1,1],[1,1,1]]]}]}",
        "Layer 1 (\"a\"): This type is not known",
        "Layer 2: 'a layer' must be an object, but is \"7\".",
        "Layer 3 (\"conv1d\"): 'strides' must be 1, but is 2.",
        "Layer 4 (\"gru\"): The activation must be tanh, as RTNeural has it, but is \"relu\".");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '~',
      value = {
        ",16] | ] | there are 15, and 1 are needed after the first 15.",
        ",16] | ,16,17] | 'weights' are too many for 'config': there are 17, and 16 are needed.",
        "'LSTM' | 'Transformer' | The architecture \"Transformer\" is not known; those that are: LSTM,",
        "'hidden_size':1 | 'hidden_size':2147483647 | needed after the first 0.",
        "'num_layers':1 | 'num_layers':0 | 'num_layers' must be a whole number from 1",
        "'num_layers':1 | 'num_layers':1.5 | 'num_layers' must be a whole number from 1",
        "'num_layers':1 | 'layers':1 | 'num_layers' is missing; the keys are",
        "'input_size':1 | 'input_size':2147483647 | A sample may have 65536 inputs",
        "'weights' | 'w' | 'weights' is missing",
        "[1,2, | [[1],2, | must be regular",
      })
  void ofAnLstm(String part, String wrong, String sentence) {
    refused(LSTM.replace(part, wrong), sentence);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '~',
      value = {
        "'dilations':[1] | 'dilations':[99999999] | may remember 4194304 values from call to call",
        "'dilations':[1] | 'dilations':[] | 'dilations' must be one or more",
        "'dilations':[1] | 'dilations':[1,'x'] | 'dilations' must be a whole number",
        "'Tanh' | 'Fasttanh' | The activation \"Fasttanh\" is not known",
        "'Tanh' | {'type':'PReLU','negative_slopes':[1,2]} | must have the shape [1], but have [2]",
        "'Tanh' | ['Tanh','Tanh'] | 'activation' must be one or as many as 'dilations', 1, but are 2",
        "'Tanh' | {} | 'type' is missing",
        "'kernel_size':2 | 'kernel_sizes':[2,2] | 'kernel_sizes' must be one or as many",
        "'kernel_size':2 | 'kernel_size':2147483647 | are too few for 'config'",
        "'input_size':1 | 'input_size':2 | 'input_size' must be 1, what comes in, but is 2.",
        "'condition_size':1 | 'condition_size':3 | 'condition_size' must be 1",
        "'head':null | 'condition_dsp':{} | A model that prepares the condition is not read",
        "'gated':false | 'conv_pre_film':{} | Array 1 of layers: 'conv_pre_film' is not read.",
        "'gated':false | 'gating_mode':'both' | must be none, gated or blended, but is \"both\"",
        "'gated':false | 'groups_input':2 | 2 groups must divide the 1 channels before and the 1 after",
        "'gated':false | 'bottleneck':2,'layer1x1':{'active':false} | 'bottleneck' must be 'channels'",
        "'gated':false | 'bottleneck':1000000 | 'bottleneck' is too large",
        "'layers':[ | 'layers':[7, | 'layers' must be an object",
      })
  void ofAWaveNet(String part, String wrong, String sentence) {
    refused(WAVE_NET.replace(part, wrong), sentence);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '~',
      value = {
        "{} | it is JSON, but no model of RTNeural ('in_shape' and 'layers'), PyTorch",
        "[] | or Keras ('class_name'): it is an array. Name another file",
        "{'a':1,'b':2} | it is an object in which the keys are \"a\", \"b\". Name another file",
        "{} | it is an object in which there are no keys. Name another file",
        "{} {} | not valid JSON",
        "{'a':1 | not valid JSON",
        "{'a': x} | it is not valid JSON at \"line 1 column 7 path $.a\". It may be cut off",
        "nothing | not valid JSON",
      })
  void ofOtherText(String text, String sentence) {
    refused(text, sentence);
  }

  @Test
  void deepNestingIsRefused() {
    refused("{'layers':" + "[".repeat(100_000), "more than 32 arrays and objects in each other");
  }

  @Test
  void textThatIsNoUtf8() throws IOException {
    Path file = Files.write(folder.resolve("a.json"), new byte[] {'{', '"', (byte) 0xff, '"'});
    assertThatThrownBy(() -> AudioJsonReader.read(file)).hasMessageContaining("not valid UTF-8");
    assertThatThrownBy(() -> AudioJsonReader.read(folder.resolve("no.json")))
        .isInstanceOf(ModelFileException.class);
  }

  /** A read model or a sentence, whatever becomes of a file. */
  @Test
  void brokenFilesEndInASentence() throws IOException {
    List<byte[]> whole = new ArrayList<>();
    for (String text : List.of(DENSE, LSTM, WAVE_NET, TORCH)) {
      whole.add(quoted(text).getBytes(StandardCharsets.UTF_8));
    }
    Random random = new Random(1);
    int refused = 0;
    for (byte[] bytes : whole) {
      for (int i = 0; i < bytes.length; i++) {
        refused += tryToRead(Arrays.copyOf(bytes, i));
        byte[] flipped = bytes.clone();
        flipped[i] ^= (byte) (1 << random.nextInt(7));
        refused += tryToRead(flipped);
        byte[] digit = bytes.clone();
        digit[i] = "0123456789-.eE,[]{}\"".getBytes(StandardCharsets.UTF_8)[random.nextInt(20)];
        refused += tryToRead(digit);
      }
    }
    assertThat(refused).isGreaterThan(whole.stream().mapToInt(bytes -> bytes.length).sum());
  }

  private int tryToRead(byte[] bytes) throws IOException {
    Path file = Files.write(folder.resolve("broken.json"), bytes);
    try {
      AudioModel model = AudioJsonReader.read(file);
      assertThat(model.graph().outputs()).isNotEmpty();
      return 0;
    } catch (ModelFileException e) {
      assertThat(e.getMessage()).startsWith("Cannot read ").matches("(?s).*[.]");
      return 1;
    }
  }

  @Test
  void formsAreToldApart() {
    Stream.of("{\"architecture\":{}}", "{\"layers\":[]}", "{\"state_dict\":[]}", "{\"weight\":1}")
        .forEach(
            text ->
                assertThat(
                        AudioJsonReader.recognises(JsonParser.parseString(text).getAsJsonObject()))
                    .isFalse());
  }
}
