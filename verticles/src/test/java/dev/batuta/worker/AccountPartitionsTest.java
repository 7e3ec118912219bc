package dev.batuta.worker;

import static org.assertj.core.api.Assertions.assertThat;

import dev.batuta.codec.TaskMessage.Operation;
import dev.batuta.codec.TaskMessage.Payload;
import dev.batuta.codec.TaskMessage.Query;
import dev.batuta.codec.TaskMessage.Transfer;
import dev.batuta.codec.TaskMessage.Update;
import dev.batuta.codec.WorkerMessage.Assignment;
import dev.batuta.worker.AccountPartitions.Batch;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

class AccountPartitionsTest {
  private static final int PARTITIONS = 3;
  private static final int BATCH = 4;

  private final AccountPartitions partitions = new AccountPartitions(PARTITIONS, BATCH);
  private long ids;

  private Assignment add(Payload payload) {
    Assignment task = new Assignment(++ids, 1, 0, payload);
    partitions.add(task);
    return task;
  }

  private Assignment deposit(String user) {
    return add(new Update(user, Operation.DEPOSIT, "1"));
  }

  private List<Batch> begun() {
    List<Batch> begun = new ArrayList<>();
    for (Batch batch; (batch = partitions.next().orElse(null)) != null; ) {
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
        partitions.ended(batch);
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
      assertThat(partitions.executing()).isTrue();
      executed.addAll(begun.getFirst().tasks());
      partitions.ended(begun.getFirst());
    }
    assertThat(executed).isEqualTo(given);
    assertThat(partitions.executing()).isFalse();
    assertThat(partitions.next()).isEmpty();
  }

  @Test
  void whatIsTakenOutIsNotExecuted() {
    Assignment unwanted = deposit("ana");
    Assignment wanted = deposit("ana");
    assertThat(partitions.remove(task -> task.id() == unwanted.id())).containsExactly(unwanted);
    assertThat(begun().stream().flatMap(batch -> batch.tasks().stream())).containsExactly(wanted);
  }

  @Test
  void twoAttemptsOfATaskAreOfTwoBatches() {
    Assignment before = deposit("ana");
    Assignment givenUp = deposit("ana");
    Assignment next = new Assignment(givenUp.id(), 2, 0, givenUp.payload());
    partitions.add(next);
    Batch first = begun().getFirst();
    assertThat(first.tasks()).containsExactly(before, givenUp);
    partitions.ended(first);
    assertThat(begun().getFirst().tasks()).containsExactly(next);
  }
}
