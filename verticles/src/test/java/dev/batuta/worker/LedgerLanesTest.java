package dev.batuta.worker;

import static org.assertj.core.api.Assertions.assertThat;

import dev.batuta.codec.TaskMessage.Operation;
import dev.batuta.codec.TaskMessage.Payload;
import dev.batuta.codec.TaskMessage.Query;
import dev.batuta.codec.TaskMessage.Transfer;
import dev.batuta.codec.TaskMessage.Update;
import dev.batuta.codec.WorkerMessage.Assignment;
import dev.batuta.worker.LedgerLanes.Batch;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

class LedgerLanesTest {
  private static final int LANES = 3;
  private static final int BATCH = 4;

  private final LedgerLanes lanes = new LedgerLanes(LANES, BATCH);
  private long ids;

  private Assignment add(Payload payload) {
    Assignment task = new Assignment(++ids, 1, 0, payload);
    lanes.add(task);
    return task;
  }

  private Assignment deposit(String user) {
    return add(new Update(user, Operation.DEPOSIT, "1"));
  }

  private List<Batch> begun() {
    List<Batch> begun = new ArrayList<>();
    for (Batch batch; (batch = lanes.next().orElse(null)) != null; ) {
      begun.add(batch);
    }
    return begun;
  }

  @Test
  void batchesThatRunSideBySideShareNoAccount() {
    for (int i = 0; i < 200; i++) {
      deposit("user-" + i % 20);
    }
    int executed = 0;
    for (List<Batch> side = begun(); !side.isEmpty(); side = begun()) {
      Set<String> seen = new HashSet<>();
      for (Batch batch : side) {
        assertThat(batch.tasks()).hasSizeLessThanOrEqualTo(BATCH);
        Set<String> accounts = new HashSet<>();
        batch.tasks().forEach(task -> accounts.add(((Update) task.payload()).user()));
        assertThat(seen).doesNotContainAnyElementsOf(accounts);
        seen.addAll(accounts);
        executed += batch.tasks().size();
        lanes.ended(batch);
      }
    }
    assertThat(executed).isEqualTo(200);
  }

  @Test
  void tasksOfAnAccountAreExecutedInTheirOrderAndOneBatchAtATime() {
    List<Assignment> given = new ArrayList<>();
    for (int i = 0; i < 3 * BATCH; i += 3) {
      given.add(deposit("ana"));
      given.add(add(new Query("ana")));
      given.add(add(new Transfer("ana", "rui", "1")));
    }
    List<Assignment> executed = new ArrayList<>();
    while (executed.size() < given.size()) {
      List<Batch> begun = begun();
      assertThat(begun).hasSize(1);
      assertThat(lanes.executing()).isTrue();
      executed.addAll(begun.getFirst().tasks());
      lanes.ended(begun.getFirst());
    }
    assertThat(executed).isEqualTo(given);
    assertThat(lanes.executing()).isFalse();
    assertThat(lanes.next()).isEmpty();
  }

  @Test
  void whatIsTakenOutIsNotExecuted() {
    Assignment unwanted = deposit("ana");
    Assignment wanted = deposit("ana");
    assertThat(lanes.remove(task -> task.id() == unwanted.id())).containsExactly(unwanted);
    assertThat(begun().stream().flatMap(batch -> batch.tasks().stream())).containsExactly(wanted);
  }

  @Test
  void twoAttemptsOfATaskAreOfTwoBatches() {
    Assignment before = deposit("ana");
    Assignment givenUp = deposit("ana");
    Assignment next = new Assignment(givenUp.id(), 2, 0, givenUp.payload());
    lanes.add(next);
    Batch first = begun().getFirst();
    assertThat(first.tasks()).containsExactly(before, givenUp);
    lanes.ended(first);
    assertThat(begun().getFirst().tasks()).containsExactly(next);
  }
}
