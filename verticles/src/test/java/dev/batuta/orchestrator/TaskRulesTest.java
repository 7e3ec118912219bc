package dev.batuta.orchestrator;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.batuta.codec.Refused;
import dev.batuta.codec.TaskMessage.Compute;
import dev.batuta.codec.TaskMessage.External;
import dev.batuta.codec.TaskMessage.NewTask;
import dev.batuta.codec.TaskMessage.Operation;
import dev.batuta.codec.TaskMessage.Query;
import dev.batuta.codec.TaskMessage.Submit;
import dev.batuta.codec.TaskMessage.Update;
import java.util.List;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What a submission alone shows. */
class TaskRulesTest {
  /** One character, for which Java needs two. */
  private static final String NOTE = "\uD834\uDD1E";

  private static List<NewTask> checked(String user, String key) {
    NewTask task = new NewTask(new Query(user), 0, 0, 0, 0);
    return TaskRules.checked(new Submit("alice", key, List.of(task)), 5);
  }

  @Test
  void charactersAreCountedAsTheDatabaseCountsThem() {
    assertThat(checked(NOTE.repeat(64), NOTE.repeat(128))).hasSize(1);
    assertRefused(
        () -> checked(NOTE.repeat(65), "key"),
        "payload.user has 65 characters; use 1 to 64 visible ones");
    assertRefused(
        () -> checked("bob", NOTE.repeat(129)),
        "idempotencyKey has 129 characters; use 1 to 128 visible ones");
  }

  @Test
  void whatTheDatabaseWouldKeepAsSomethingElseIsRefused() {
    assertRefused(() -> checked("bob ", "key"), "payload.user \"bob \" has blanks around it");
    assertRefused(() -> checked("bob\udc00", "key"), "(\\udc00) as its character 4");
    assertRefused(
        () -> checked("bob", "k\ud800"), "The text at /idempotencyKey has half of a surrogate");
    assertRefused(
        () -> external("{\"a\":[{\"b\":\"x\\ud800y\"}]}"),
        "In payload: The text at /a/0/b has half of a surrogate pair (\\ud800) as its character 2");
    assertRefused(() -> external("{\"a\":{\"\\udc00\":1}}"), "The name at /a/\uFFFD has half");
    assertRefused(() -> external("\"\ud800\""), "The text at / has half");
    assertThat(external("{\"\\ud83c\\udfbc\":\"🎼\\u0000\"}")).hasSize(1);
  }

  @Test
  void whatIsTooLongIsRepeatedInWholeCharacters() {
    assertRefused(() -> checked("a" + NOTE.repeat(63) + " ", "key"), "has 65 characters");
    assertRefused(() -> external("a" + NOTE.repeat(65)), "a" + NOTE.repeat(39) + "..");
  }

  @Test
  void whatIsOutOfBoundsIsRefusedByItsFieldWhateverDoorItCameBy() {
    Query bob = new Query("bob");
    assertRefused(
        () -> all(new NewTask(bob, 0, 0, 0, 101)),
        "maxAttempts is 101; use a whole number from 1 to 100.");
    assertRefused(
        () -> all(new NewTask(bob, 10, 0, 0, 0)),
        "priority is 10; use a whole number from 0 to 9.");
    assertRefused(
        () -> all(new NewTask(bob, 0, 0, 86_400_001, 0)),
        "timeoutMillis is 86400001; use a whole number from 1 to 86400000.");
    assertRefused(() -> all(new NewTask(bob, 0, -1, 0, 0)), "notBefore \"-1\" is not an instant");
    assertRefused(
        () -> all(new NewTask(new Compute(-1, false), 0, 0, 0, 0)),
        "payload.durationMillis is -1; use");
    assertRefused(() -> all(), "tasks is missing");
    assertRefused(
        () -> all(new NewTask(bob, 0, 0, 0, 0), new NewTask(new Query("b\u0007"), 0, 0, 0, 0)),
        "tasks[1].payload.user \"b\uFFFD\" has control characters");
    assertRefused(() -> checked("bob", " "), "idempotencyKey has 1 characters");
    assertRefused(() -> checked("bob", "a\nb"), "idempotencyKey \"a\uFFFDb\" has control");
  }

  @ParameterizedTest
  @CsvSource({
    "SET,      12-5,   '\"12-5\" is not a decimal number'",
    "SET,      1.005,  1.005 has more than 2 decimals",
    "SET,      -1,     -1 is negative; use one that is at least 0",
    "DEPOSIT,  0.00,   0.00 is not above 0; use at least 0.01",
    "WITHDRAW, -0.01,  -0.01 is negative; use one that is above 0",
    "SET, 100000000000000000, 100000000000000000 is out of range",
  })
  void anAmountIsRefusedWithTheSentenceOfEveryDoor(
      Operation operation, String amount, String sentence) {
    NewTask task = new NewTask(new Update("bob", operation, amount), 0, 0, 0, 0);
    assertThatThrownBy(() -> all(task))
        .isInstanceOfSatisfying(
            Refused.class,
            refused -> {
              assertThat(refused.failure().code()).isEqualTo("invalid-amount");
              assertThat(refused).hasMessageStartingWith("payload.amount " + sentence);
            });
  }

  private static List<NewTask> all(NewTask... tasks) {
    return TaskRules.checked(new Submit("alice", null, List.of(tasks)), 5);
  }

  private static List<NewTask> external(String json) {
    NewTask task = new NewTask(new External(json), 0, 0, 0, 0);
    return TaskRules.checked(new Submit("alice", null, List.of(task)), 5);
  }

  private static void assertRefused(ThrowingCallable call, String why) {
    assertThatThrownBy(call).isInstanceOf(Refused.class).hasMessageContaining(why);
  }
}
