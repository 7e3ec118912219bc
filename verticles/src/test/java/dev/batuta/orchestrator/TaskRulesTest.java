package dev.batuta.orchestrator;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.batuta.codec.Refused;
import dev.batuta.codec.TaskMessage.NewTask;
import dev.batuta.codec.TaskMessage.Query;
import dev.batuta.codec.TaskMessage.Submit;
import java.util.List;
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
}
