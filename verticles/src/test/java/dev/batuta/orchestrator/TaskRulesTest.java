package dev.batuta.orchestrator;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.batuta.codec.Refused;
import dev.batuta.codec.TaskMessage.External;
import dev.batuta.codec.TaskMessage.NewTask;
import dev.batuta.codec.TaskMessage.Query;
import dev.batuta.codec.TaskMessage.Submit;
import java.util.List;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;

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
    assertThatThrownBy(() -> checked(NOTE.repeat(65), "key"))
        .isInstanceOf(Refused.class)
        .hasMessageContaining("A user has 1 to 64 characters");
    assertThatThrownBy(() -> checked("bob", NOTE.repeat(201)))
        .isInstanceOf(Refused.class)
        .hasMessageContaining("1 to 200 characters, not 201");
  }

  @Test
  void whatTheDatabaseWouldKeepAsSomethingElseIsRefused() {
    assertRefused(() -> checked("bob ", "key"), "The user 'bob ' has blanks around it");
    assertRefused(() -> checked("bob\udc00", "key"), "(\\udc00) as its character 4");
    assertRefused(() -> checked("bob", "k\ud800"), "An idempotency key has half of a surrogate");
    assertRefused(
        () -> external("{\"a\":[{\"b\":\"x\\ud800y\"}]}"),
        "In a payload: The text at /a/0/b has half of a surrogate pair (\\ud800) as its character 2");
    assertRefused(() -> external("{\"a\":{\"\\udc00\":1}}"), "The name at /a/\uFFFD has half");
    assertRefused(() -> external("\"\ud800\""), "The text at / has half");
    assertThat(external("{\"\\ud83c\\udfbc\":\"🎼\\u0000\"}")).hasSize(1);
  }

  @Test
  void whatIsTooLongIsRepeatedInWholeCharacters() {
    assertRefused(() -> checked("a" + NOTE.repeat(65), "key"), "'a" + NOTE.repeat(39) + "..'");
  }

  private static List<NewTask> external(String json) {
    NewTask task = new NewTask(new External(json), 0, 0, 0, 0);
    return TaskRules.checked(new Submit("alice", null, List.of(task)), 5);
  }

  private static void assertRefused(ThrowingCallable call, String why) {
    assertThatThrownBy(call).isInstanceOf(Refused.class).hasMessageContaining(why);
  }
}
