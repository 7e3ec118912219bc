package dev.batuta.orchestrator;

import static dev.batuta.node.TestCluster.await;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.batuta.bus.Addresses;
import dev.batuta.codec.Done;
import dev.batuta.codec.Envelope;
import dev.batuta.codec.Message;
import dev.batuta.codec.Refused;
import dev.batuta.codec.TaskMessage.Accepted;
import dev.batuta.codec.TaskMessage.Cancel;
import dev.batuta.codec.TaskMessage.NewTask;
import dev.batuta.codec.TaskMessage.Query;
import dev.batuta.codec.TaskMessage.Read;
import dev.batuta.codec.TaskMessage.State;
import dev.batuta.codec.TaskMessage.StateCount;
import dev.batuta.codec.TaskMessage.Submit;
import dev.batuta.codec.TaskMessage.Task;
import dev.batuta.codec.TaskMessage.TryAgain;
import dev.batuta.codec.WorkerMessage.Assignment;
import dev.batuta.codec.WorkerMessage.Drop;
import dev.batuta.codec.WorkerMessage.Outcome;
import dev.batuta.codec.WorkerMessage.Report;
import dev.batuta.codec.WorkerMessage.Run;
import dev.batuta.codec.WorkerMessage.Unregister;
import dev.batuta.database.TestDatabase;
import io.vertx.core.Future;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** People decide about tasks of two clustered servers, which have only the workers of a test. */
class TaskControlClusterTest {
  private static final Duration LONG = Duration.ofSeconds(60);
  private static final TestDatabase DATABASE = TestDatabase.fresh();
  private static final TaskCluster CLUSTER = new TaskCluster(DATABASE.address(), "s1", "s2");
  private static int workers;

  private final List<Assignment> given = Collections.synchronizedList(new ArrayList<>());
  private final List<Drop> dropped = Collections.synchronizedList(new ArrayList<>());
  private String worker = "";
  private Runnable fallSilent = () -> {};

  @AfterAll
  static void stop() {
    CLUSTER.close();
    DATABASE.close();
  }

  @BeforeEach
  void aWorkerOfItsOwn() {
    worker = "by-hand-" + ++workers;
  }

  @AfterEach
  void fallSilent() {
    fallSilent.run();
  }

  private static long submit(Query payload, int attempts, long notBefore) {
    Submit submit =
        new Submit("alice", null, List.of(new NewTask(payload, 0, notBefore, 0, attempts)));
    return CLUSTER.ask("s1", "s1", submit, Accepted.class).ids().getFirst();
  }

  private static Task cancel(String server, long id) {
    return CLUSTER.ask("s2", server, new Cancel(id, "alice"), Task.class);
  }

  private static Task retry(long id, int lastAttempt) {
    return CLUSTER.ask("s2", "s1", new TryAgain(id, lastAttempt), Task.class);
  }

  private static Task read(long id) {
    return CLUSTER.ask("s2", "s2", new Read(id, 0), Task.class);
  }

  private static long count(State state) {
    return CLUSTER.counts("s1").states().stream()
        .filter(each -> each.state() == state)
        .mapToLong(StateCount::count)
        .sum();
  }

  /** Registers a worker that notes what it is given, and does nothing by itself. */
  private void register() {
    fallSilent = CLUSTER.playWorker(worker, "s1", 100, this::hear);
  }

  private void tell(Message message) {
    await(CLUSTER.node("s1").bus().request(Addresses.workers("s1"), message, Done.class, LONG));
  }

  private Future<Done> hear(Envelope envelope) {
    switch (envelope.message()) {
      case Run run -> given.addAll(run.tasks());
      case Drop drop -> dropped.add(drop);
      default -> throw new AssertionError(envelope);
    }
    return Future.succeededFuture(new Done());
  }

  private void report(long id, int attempt, String error) {
    tell(new Report(worker, 1, List.of(new Outcome(id, attempt, false, null, error, 0, 0))));
  }

  private Assignment awaitGiven(long id, int attempt) {
    return Awaitility.await()
        .atMost(LONG)
        .until(
            () ->
                List.copyOf(given).stream()
                    .filter(task -> task.id() == id && task.attempt() == attempt)
                    .findFirst(),
            Optional::isPresent)
        .orElseThrow();
  }

  @Test
  void aTaskThatWaitsForItsInstantIsCancelledOnceForAll() {
    long cancelled = count(State.CANCELLED);
    long pending = count(State.PENDING);
    long id = submit(new Query("u"), 3, System.currentTimeMillis() + 3_600_000);
    assertThat(count(State.PENDING)).isEqualTo(pending + 1);
    assertThat(cancel("s1", id).state()).isEqualTo(State.CANCELLED);
    assertThat(cancel("s1", id).error()).isEqualTo("cancelled by alice");
    assertThat(CLUSTER.ended("s2", id).state()).isEqualTo(State.CANCELLED);
    assertThat(count(State.CANCELLED)).isEqualTo(cancelled + 1);
    assertThat(count(State.PENDING)).isEqualTo(pending);
  }

  @Test
  void onlyTheOwnerDecides() {
    long id = submit(new Query("u"), 3, System.currentTimeMillis() + 3_600_000);
    assertThatThrownBy(() -> cancel("s2", id))
        .isInstanceOfSatisfying(
            Refused.class, no -> assertThat(no.failure().code()).isEqualTo("not-the-owner"));
    assertThat(read(id).state()).isEqualTo(State.PENDING);
    cancel("s1", id);
  }

  @Test
  void aRunningTaskIsCancelledAndItsWorkerToldToLeaveIt() {
    register();
    long id = submit(new Query("u"), 3, 0);
    awaitGiven(id, 1);
    assertThat(cancel("s1", id).state()).isEqualTo(State.CANCELLED);
    Awaitility.await().atMost(LONG).until(() -> !dropped.isEmpty());
    assertThat(dropped).containsExactly(new Drop("s1", 1, id, 1));
    // It was at it all the same; its report frees the slot and changes nothing.
    assertThat(outstanding()).isEqualTo(1);
    report(id, 1, "too late");
    assertThat(outstanding()).isZero();
    assertThat(read(id).state()).isEqualTo(State.CANCELLED);
    leave();
  }

  @Test
  void aDeadTaskTriedAgainRunsUnderTheNextNumberAndARepeatGivesNoSecondRound() {
    register();
    long id = submit(new Query("u"), 1, 0);
    long dead = count(State.DEAD);
    awaitGiven(id, 1);
    assertThatThrownBy(() -> retry(id, 1))
        .isInstanceOfSatisfying(
            Refused.class, no -> assertThat(no.failure().code()).isEqualTo("task-not-dead"));
    report(id, 1, "it failed");
    assertThat(CLUSTER.ended("s1", id).state()).isEqualTo(State.DEAD);
    assertThat(count(State.DEAD)).isEqualTo(dead + 1);

    assertThat(retry(id, 1).state()).isEqualTo(State.FAILED);
    assertThat(retry(id, 1).maxAttempts()).isEqualTo(2);
    assertThat(count(State.DEAD)).isEqualTo(dead);
    awaitGiven(id, 2);
    assertThat(retry(id, 1).maxAttempts()).isEqualTo(2);
    report(id, 2, "it failed again");
    assertThat(CLUSTER.ended("s1", id).attempt()).isEqualTo(2);
    assertThat(retry(id, 1).state()).isEqualTo(State.DEAD);
    assertThat(retry(id, 2).maxAttempts()).isEqualTo(3);
    awaitGiven(id, 3);
    assertThat(cancel("s1", id).attempt()).isEqualTo(3);
    leave();
  }

  private int outstanding() {
    return CLUSTER.counts("s1").workers().stream()
        .filter(each -> each.id().equals(worker))
        .findFirst()
        .orElseThrow()
        .outstanding();
  }

  private void leave() {
    tell(new Unregister(worker, 1, false));
  }
}
