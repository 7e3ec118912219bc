package dev.batuta.gateway.foreign;

import static org.assertj.core.api.Assertions.assertThat;

import dev.batuta.codec.TaskMessage.Query;
import dev.batuta.codec.TaskMessage.Result;
import dev.batuta.codec.TaskMessage.Status;
import dev.batuta.codec.WorkerMessage.Assignment;
import dev.batuta.codec.WorkerMessage.Outcome;
import java.math.BigDecimal;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ClaimsTest {
  private static final Assignment TASK = new Assignment(5, 1, 0, new Query("01234567890"));

  private static Said.Result claim(@Nullable String task, @Nullable String id, String user) {
    return new Said.Result(null, null, true, task, id, user, null, null);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"01234567890", "1234567890", "012.345.678-90", "012 345 678 90", " 01234567890 "})
  void anAccountMayBeWrittenAsANumberOrWithItsDotsAndDashes(String user) {
    assertThat(Claims.isOf(TASK, claim(null, null, user))).isTrue();
    assertThat(Claims.namesOtherwise(TASK, claim("query", "5", user))).isFalse();
  }

  @ParameterizedTest
  @CsvSource({
    "22222222222,false,false",
    "0123456789,false,false",
    "Ana,false,true",
    "-,false,true"
  })
  void whatIsNotThatAccountNeedsTheTasksIdAndMustNotBeAnother(
      String user, boolean without, boolean with) {
    assertThat(Claims.isOf(TASK, claim(null, null, user))).isEqualTo(without);
    assertThat(Claims.isOf(TASK, claim(null, "5", user))).isEqualTo(with);
    assertThat(Claims.isOf(TASK, claim(null, "6", user))).isFalse();
    assertThat(Claims.namesOtherwise(TASK, claim(null, "5", user))).isTrue();
  }

  @Test
  void accountsThatAreNamesAreOthersWhenTheyDiffer() {
    Assignment ofAna = new Assignment(5, 1, 0, new Query("ana"));
    assertThat(Claims.isOf(ofAna, claim(null, "5", "bob"))).isFalse();
    assertThat(Claims.isOf(ofAna, claim(null, null, "ana"))).isTrue();
    assertThat(Claims.isOf(ofAna, claim(null, "5", "7"))).isTrue();
  }

  @ParameterizedTest
  @CsvSource({
    "0.30000000000000004,0.30,false",
    "0.3,0.30,false",
    "119.99999999999999,120.00,false",
    "-0.0,0.00,false",
    "0.31,0.30,true",
    "0.305,0.30,true",
    "1e999999999,0.30,true",
    "-1e999999999,0.30,true",
    "1e-999999999,0.00,false"
  })
  void balancesAreComparedToTheCent(String claimed, String balance, boolean differ) {
    Said.Result said =
        new Said.Result(null, null, true, null, null, null, new BigDecimal(claimed), null);
    Outcome outcome = new Outcome(5, 1, true, new Result(Status.OK, balance, null), null, 1, 1);
    assertThat(Claims.differ(said, outcome)).isEqualTo(differ);
  }

  @Test
  void theIdOutweighsTheKind() {
    assertThat(Claims.isOf(TASK, claim("UPDATE", "5", "01234567890"))).isTrue();
    assertThat(Claims.isOf(TASK, claim("UPDATE", null, "01234567890"))).isFalse();
    assertThat(Claims.namesOtherwise(TASK, claim("UPDATE", "5", "01234567890"))).isTrue();
  }
}
