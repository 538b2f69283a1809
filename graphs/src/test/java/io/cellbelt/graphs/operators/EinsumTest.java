package io.cellbelt.graphs.operators;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.cellbelt.graphs.Attribute;
import io.cellbelt.graphs.ElementType;
import io.cellbelt.graphs.Node;
import io.cellbelt.graphs.Tensor;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/** Einstein's sums against loops over all labels. */
final class EinsumTest {
  private static final Map<Character, Integer> SIZES =
      Map.of('b', 2, 'h', 3, 'i', 4, 'j', 5, 'k', 6, 'l', 1, 'A', 2, 'Z', 3);

  /** What is written without an ellipsis on the right, in SIZES, is calculated on the right too. */
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "ij,jk->ik | ij,jk->ik",
        " i j , j k -> i k | ij,jk->ik",
        "ij,jk | ij,jk->ik",
        "ij,jk->ki | ij,jk->ki",
        "bij,bjk->bik | bij,bjk->bik",
        "bhid,bhjd->bhij | bhik,bhjk->bhij",
        "bij,jk->bik | bij,jk->bik",
        "bij,bij->b | bij,bij->b",
        "bij,bij->bij | bij,bij->bij",
        "i,j->ij | i,j->ij",
        "i,i-> | i,i->",
        "i,i | i,i->",
        "ij->ji | ij->ji",
        "ji | ji->ij",
        "ij->j | ij->j",
        "ij-> | ij->",
        "ii->i | ii->i",
        "ii-> | ii->",
        "ii | ii->",
        "bii,i->bi | bii,i->bi",
        "bjl,bjk->blk | bjl,bjk->blk",
        "ib,jk->k | ib,jk->k",
        "ij,jk,kb->ib | ij,jk,kb->ib",
        "i,j,k->kij | i,j,k->kij",
        "...ij,...jk->...ik | bhij,bhjk->bhik",
        "b...,b...->b... | bij,bij->bij",
        "...ij->...ji | bij->bji",
        "i... | ijk->jki",
        "Aj,jZ | Aj,jZ->AZ"
      })
  void sums(String equation, String plain) {
    check(ElementType.F32, equation, plain, 1e-5);
  }

  @ParameterizedTest
  @EnumSource(
      value = ElementType.class,
      names = {"F64", "F16", "I64", "I32"})
  void sumsOtherTypes(ElementType type) {
    double tolerance = type == ElementType.F16 ? 2e-3 : type.isFloating() ? 1e-13 : 0;
    for (String equation : List.of("bij,bjk->bik", "ij->j", "ji->ij", "ii->", "i,j,k->kij")) {
      check(type, equation, equation, tolerance);
    }
  }

  private static void check(ElementType type, String equation, String plain, double tolerance) {
    Random random = new Random(equation.hashCode());
    String[] sides = plain.split("->", -1);
    String[] terms = sides[0].split(",");
    Map<String, Tensor> given = new LinkedHashMap<>();
    for (int i = 0; i < terms.length; i++) {
      int[] shape = terms[i].chars().map(label -> SIZES.get((char) label)).toArray();
      double[] values = new double[Reruns.size(shape)];
      for (int j = 0; j < values.length; j++) {
        values[j] = type.isFloating() ? random.nextDouble(-1, 1) : random.nextInt(-9, 10);
      }
      given.put("x" + i, Reruns.tensor(type, values, shape));
    }
    int[] shape = sides[1].chars().map(label -> SIZES.get((char) label)).toArray();
    double[] expected = new double[Reruns.size(shape)];
    List<Character> labels = new ArrayList<>();
    plain.chars().filter(Character::isLetter).distinct().forEach(one -> labels.add((char) one));
    add(labels, new HashMap<>(), terms, List.copyOf(given.values()), sides[1], expected);
    Node node = node(equation, given.keySet());
    for (Set<String> known : List.of(given.keySet(), Set.of("x1"), Set.<String>of())) {
      Tensor y = Reruns.of(node, given, known).get("y");
      Reruns.check(equation + ", known " + known, y, tolerance, type, expected, shape);
      Tensor turned = Reruns.turned(node, given, known).get("y");
      Reruns.check(equation + ", turned", turned, tolerance, type, expected, shape);
    }
  }

  /** Adds the product of every index of the labels that have none yet. */
  private static void add(
      List<Character> labels,
      Map<Character, Integer> index,
      String[] terms,
      List<Tensor> operands,
      String output,
      double[] sums) {
    if (index.size() == labels.size()) {
      double product = 1;
      for (int i = 0; i < terms.length; i++) {
        product *= operands.get(i).doubleAt(at(terms[i], index));
      }
      sums[at(output, index)] += product;
      return;
    }
    char label = labels.get(index.size());
    for (int i = 0; i < SIZES.get(label); i++) {
      index.put(label, i);
      add(labels, index, terms, operands, output, sums);
    }
    index.remove(label);
  }

  private static int at(String term, Map<Character, Integer> index) {
    int at = 0;
    for (int i = 0; i < term.length(); i++) {
      char label = term.charAt(i);
      at = at * SIZES.get(label) + index.get(label);
    }
    return at;
  }

  private static Node node(String equation, Set<String> inputs) {
    return OperatorCase.node(
        "Einsum",
        List.copyOf(inputs),
        List.of("y"),
        Map.of("equation", new Attribute.Text(equation)));
  }

  @Test
  void refusesWhatDoesNotFit() {
    refuse("names the dimensions of its 2 operands", "ij->ij");
    refuse("names the dimensions of its 2 operands", "ij,jk->ik->k");
    refuse("\"ijk\" names 3 dimensions", "ijk,jk->ik");
    refuse("\"i\" names 1 dimensions", "i,jk->ik");
    refuse("has each dimension once", "ij,jk->il");
    refuse("has each dimension once", "ij,jk->ii");
    refuse("a dimension is a letter", "i1,jk->i");
    refuse("a dimension is a letter", "i..,jk->i");
    refuse("'i' has 2 and 3", "ij,ik->ik");
    refuse("two different sizes", "ii,jk->ik");
    assertThatThrownBy(
            () ->
                Reruns.of(
                    node("i,i->", new LinkedHashSet<>(List.of("a", "b"))),
                    Map.of("a", Tensor.of(new float[2], 2), "b", Tensor.of(new double[2], 2)),
                    Set.of()))
        .hasMessageContaining("of one type");
  }

  private static void refuse(String sentence, String equation) {
    Map<String, Tensor> given = new LinkedHashMap<>();
    given.put("a", Tensor.of(new float[6], 2, 3));
    given.put("b", Tensor.of(new float[12], 3, 4));
    assertThatThrownBy(() -> Reruns.of(node(equation, given.keySet()), given, Set.of()))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining(sentence);
  }
}
