package dev.batuta.succession;

import static dev.batuta.database.TestDatabase.await;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.batuta.codec.Failure.Kind;
import dev.batuta.codec.Refused;
import dev.batuta.codec.TaskMessage.NewTask;
import dev.batuta.codec.TaskMessage.Query;
import dev.batuta.codec.TaskMessage.State;
import dev.batuta.codec.TaskMessage.Task;
import dev.batuta.orchestrator.store.Scope;
import dev.batuta.orchestrator.store.TaskStore;
import dev.batuta.orchestrator.store.TaskStore.AdoptedTerm;
import dev.batuta.orchestrator.store.TaskStore.Completion;
import dev.batuta.orchestrator.store.TaskStore.Filter;
import dev.batuta.orchestrator.store.TaskStore.Opened;
import dev.batuta.orchestrator.store.TaskStore.Pending;
import dev.batuta.orchestrator.store.TaskStore.Standing;
import dev.batuta.succession.SuccessionStore.Answer;
import dev.batuta.succession.SuccessionStore.Taking;
import dev.batuta.task.TaskId;
import io.vertx.core.Future;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What every {@link SuccessionStore} must do, with the leases and queues that it judges by. */
abstract class SuccessionStoreContract {
  static final NewTask TASK = new NewTask(new Query("u1"), 5, 0, 0, 3);

  /** How a server dies. */
  enum Death {
    RELEASED,
    DISCONNECTED,
    SILENT,
    WITHOUT_LEASE
  }

  /** Three servers, the coordinator being none of them, and the stores. */
  Server dead;

  Server heir;
  Server other;
  TaskStore tasks;
  SuccessionStore succession;
  long epoch;
  long incarnation;
  private final List<Server> servers = new ArrayList<>();

  /** A server with a lease, connected. */
  abstract Server newServer();

  abstract TaskStore newTaskStore();

  /** A store that takes no silence for a death. */
  abstract TaskStore giving();

  abstract SuccessionStore newSuccessionStore();

  /** Makes somebody coordinator, and sets {@link #epoch} and {@link #incarnation}. */
  abstract void elect();

  abstract void releaseEpoch();

  abstract void die(Server server, Death death);

  @BeforeEach
  void start() {
    tasks = newTaskStore();
    succession = newSuccessionStore();
    dead = add();
    heir = add();
    other = add();
    elect();
  }

  private Server add() {
    Server server = newServer();
    servers.add(server);
    return server;
  }

  @AfterEach
  void close() {
    servers.forEach(server -> await(server.lock().close()));
  }

  long open(Server server) {
    return await(tasks.open(server.name())).term();
  }

  List<Long> accept(Server server, long term, int first, int count) {
    return await(
            tasks.accept(
                server.name(),
                term,
                "alice",
                null,
                TaskId.of(term, first),
                Collections.nCopies(count, TASK)))
        .ids();
  }

  Taking take(Server from, Server to) {
    return await(succession.take(epoch, incarnation, from.name(), to.name()));
  }

  static Completion done(long id, int attempt) {
    return new Completion(id, attempt, State.DONE, "W1", null, null, 1);
  }

  static void assertFenced(Future<?> future, String code) {
    assertThatThrownBy(() -> await(future))
        .isInstanceOfSatisfying(
            Refused.class,
            refused -> {
              assertThat(refused.failure().kind()).isEqualTo(Kind.FENCED);
              assertThat(refused.failure().code()).isEqualTo(code);
            });
  }

  List<Pending> unfinished(Server server) {
    return await(tasks.unfinished(server.name(), 0, 10_000));
  }

  @ParameterizedTest
  @EnumSource(Death.class)
  void whateverShowsThatAServerIsDeadItsTasksAreItsHeirs(Death death) {
    long heirs = open(heir);
    long term = open(dead);
    List<Long> ids = accept(dead, term, 1, 4);
    await(tasks.noteDispatching(dead.name(), term, new Scope.All(), ids.get(1)));
    await(tasks.complete(dead.name(), term, List.of(done(ids.get(0), 1))));
    die(dead, death);
    Taking taking = take(dead, heir);
    assertThat(taking.answer()).isEqualTo(Answer.TAKEN);
    assertThat(taking.why()).isNotBlank();
    assertThat(await(succession.owners())).contains(heir.name()).doesNotContain(dead.name());
    assertThat(await(tasks.read(ids.get(3))).orElseThrow().owner()).isEqualTo(heir.name());

    // Nothing of it can be dispatched before it is adopted, but it is not out of sight.
    assertThat(unfinished(heir)).isEmpty();
    assertThat(
            await(tasks.list(new Filter("alice", State.PENDING, null), ids.get(0) - 1, 10)).items())
        .extracting(Task::id)
        .containsAll(ids.subList(1, 4));
    assertThat(await(tasks.standing(heir.name())))
        .isEqualTo(new Standing(heirs, 2, List.of(dead.name())));

    List<AdoptedTerm> adopted = await(tasks.adopt(heir.name(), heirs));
    assertThat(adopted).last().extracting(AdoptedTerm::term).isEqualTo(term);
    assertThat(adopted.getLast().counts())
        .containsAllEntriesOf(Map.of(State.DONE, 1L, State.PENDING, 2L, State.FAILED, 1L));
    assertThat(unfinished(heir))
        .extracting(Pending::id, Pending::attempt)
        .containsExactly(
            org.assertj.core.groups.Tuple.tuple(ids.get(1), 2),
            org.assertj.core.groups.Tuple.tuple(ids.get(2), 1),
            org.assertj.core.groups.Tuple.tuple(ids.get(3), 1));
    assertThat(await(tasks.standing(heir.name())).terms()).isEqualTo(adopted.size());
    // Once more changes nothing.
    assertThat(await(tasks.adopt(heir.name(), heirs))).isEqualTo(adopted);
  }

  @Test
  void aLivingServerKeepsItsQueue() {
    open(heir);
    long term = open(dead);
    List<Long> ids = accept(dead, term, 1, 3);
    assertThat(take(dead, heir).answer()).isEqualTo(Answer.ALIVE);
    assertThat(await(tasks.complete(dead.name(), term, List.of(done(ids.get(0), 1))))).isEmpty();
    assertThat(await(tasks.standing(dead.name())).term()).isEqualTo(term);
    assertThat(await(dead.leases().renew(dead.name(), dead.incarnation()))).isTrue();
  }

  @Test
  void anOldEpochAnotherIncarnationAndAReleasedOneAreRefused() {
    open(heir);
    long term = open(dead);
    List<Long> ids = accept(dead, term, 1, 3);
    die(dead, Death.DISCONNECTED);
    assertFenced(succession.take(epoch - 1, incarnation, dead.name(), heir.name()), "old-epoch");
    assertFenced(succession.take(epoch + 1, incarnation, dead.name(), heir.name()), "old-epoch");
    assertFenced(succession.take(epoch, incarnation + 1, dead.name(), heir.name()), "old-epoch");
    long before = epoch;
    releaseEpoch();
    assertFenced(succession.take(before, incarnation, dead.name(), heir.name()), "old-epoch");
    elect();
    assertThat(epoch).isGreaterThan(before);
    assertFenced(succession.take(before, incarnation, dead.name(), heir.name()), "old-epoch");
    assertThat(await(tasks.read(ids.get(0))).orElseThrow().owner()).isEqualTo(dead.name());
    assertThat(take(dead, heir).answer()).isEqualTo(Answer.TAKEN);
  }

  @Test
  void aTermThatWasTakenIsRefusedEverywhere() {
    open(heir);
    long term = open(dead);
    List<Long> ids = accept(dead, term, 1, 3);
    die(dead, Death.SILENT);
    take(dead, heir);
    assertFenced(
        tasks.accept(dead.name(), term, "alice", null, TaskId.of(term, 4), List.of(TASK)),
        "old-term");
    assertFenced(tasks.complete(dead.name(), term, List.of(done(ids.get(0), 1))), "old-term");
    assertFenced(tasks.noteDispatching(dead.name(), term, new Scope.All(), ids.get(2)), "old-term");
    assertFenced(tasks.compact(dead.name(), term, ids.get(2)), "old-term");
    assertFenced(
        tasks.adopt(dead.name(), term).compose(x -> tasks.compact(dead.name(), term, 0)),
        "old-term");
  }

  @Test
  void takingAgainFindsNothing() {
    long heirs = open(heir);
    open(other);
    long term = open(dead);
    List<Long> ids = accept(dead, term, 1, 3);
    die(dead, Death.RELEASED);
    assertThat(take(dead, heir).answer()).isEqualTo(Answer.TAKEN);
    await(tasks.adopt(heir.name(), heirs));
    await(tasks.noteDispatching(heir.name(), heirs, new Scope.All(), ids.get(2)));
    assertThat(take(dead, heir).answer()).isEqualTo(Answer.NOTHING);
    assertThat(take(dead, other).answer()).isEqualTo(Answer.NOTHING);
    await(tasks.adopt(heir.name(), heirs));
    // The attempts that run with the heir are its own.
    assertThat(
            await(tasks.complete(heir.name(), heirs, ids.stream().map(id -> done(id, 1)).toList())))
        .isEmpty();
    Server nobody = new Server("nobody", 1, dead.lock(), dead.leases(), dead.database());
    assertThat(take(nobody, heir).answer()).isEqualTo(Answer.NOTHING);
  }

  @Test
  void aServerThatComesBackGetsNothingTwice() {
    long heirs = open(heir);
    long term = open(dead);
    List<Long> ids = accept(dead, term, 1, 3);
    await(tasks.noteDispatching(dead.name(), term, new Scope.All(), ids.get(2)));
    die(dead, Death.SILENT);
    take(dead, heir);
    Opened again = await(tasks.open(dead.name()));
    assertThat(again.counts().values()).containsOnly(0L);
    assertThat(unfinished(dead)).isEmpty();
    assertThat(await(tasks.standing(heir.name())).heirOf()).isEmpty();
    await(tasks.adopt(heir.name(), heirs));
    assertThat(unfinished(heir)).extracting(Pending::attempt).containsExactly(2, 2, 2);
    assertThat(await(succession.owners())).contains(dead.name());
    assertThat(accept(dead, again.term(), 1, 1)).hasSize(1);
  }

  @Test
  void aServerThatIsBackFirstKeepsAll() {
    open(heir);
    long term = open(dead);
    accept(dead, term, 1, 3);
    die(dead, Death.DISCONNECTED);
    Server again = dead.again();
    servers.add(again);
    await(again.leases().claim(again.name(), again.incarnation()));
    open(again);
    assertThat(take(again, heir).answer()).isEqualTo(Answer.ALIVE);
    assertThat(unfinished(again)).hasSize(3);
    // The lease of its earlier run is over.
    assertThat(await(dead.leases().renew(dead.name(), dead.incarnation()))).isFalse();
    assertThat(await(dead.leases().release(dead.name(), dead.incarnation()))).isFalse();
  }

  @Test
  void whatRunsWithTheHeirGoesOn() {
    long heirs = open(heir);
    List<Long> own = accept(heir, heirs, 1, 2);
    await(tasks.noteDispatching(heir.name(), heirs, new Scope.All(), own.get(1)));
    long term = open(dead);
    accept(dead, term, 1, 2);
    die(dead, Death.DISCONNECTED);
    take(dead, heir);
    await(tasks.adopt(heir.name(), heirs));
    assertThat(await(tasks.complete(heir.name(), heirs, List.of(done(own.get(0), 1))))).isEmpty();
    assertThat(unfinished(heir)).hasSize(3).extracting(Pending::attempt).containsOnly(1);
  }

  @Test
  void serversThatDieOneAfterAnotherPassOnWhatTheyAdopted() {
    long term = open(dead);
    List<Long> ids = accept(dead, term, 1, 3);
    long heirs = open(heir);
    List<Long> own = accept(heir, heirs, 1, 2);
    long others = open(other);
    die(dead, Death.DISCONNECTED);
    take(dead, heir);
    await(tasks.adopt(heir.name(), heirs));
    await(tasks.noteDispatching(heir.name(), heirs, new Scope.All(), ids.get(0)));
    await(tasks.complete(heir.name(), heirs, List.of(done(ids.get(1), 1))));
    die(heir, Death.DISCONNECTED);
    assertThat(take(heir, other).answer()).isEqualTo(Answer.TAKEN);
    Map<State, Long> counts = new Opened(others, await(tasks.adopt(other.name(), others))).counts();
    assertThat(counts)
        .containsAllEntriesOf(Map.of(State.DONE, 1L, State.PENDING, 3L, State.FAILED, 1L));
    assertThat(unfinished(other))
        .extracting(Pending::id)
        .containsExactlyInAnyOrder(ids.get(0), ids.get(2), own.get(0), own.get(1));
  }

  @Test
  void aDeadHeirAndOneWithoutAnOpenQueueAreRefused() {
    long term = open(dead);
    List<Long> ids = accept(dead, term, 1, 1);
    die(dead, Death.DISCONNECTED);
    assertThat(take(dead, heir).answer()).isEqualTo(Answer.NO_HEIR);
    open(heir);
    die(heir, Death.SILENT);
    assertThat(take(dead, heir).answer()).isEqualTo(Answer.NO_HEIR);
    assertThat(await(tasks.read(ids.get(0))).orElseThrow().owner()).isEqualTo(dead.name());
  }

  @ParameterizedTest
  @EnumSource(Death.class)
  void aServerThatLivesGivesItsTasksToNobodyWhoIsDead(Death death) {
    open(heir);
    long term = open(dead);
    long id = accept(dead, term, 1, 1).getFirst();
    die(heir, death);
    assertThat(await(tasks.giveAway(dead.name(), term, heir.name()))).isFalse();
    assertThat(await(tasks.read(id)).orElseThrow().owner()).isEqualTo(dead.name());
    assertThat(await(tasks.standing(dead.name())).term()).isEqualTo(term);
  }

  @Test
  void aServerThatDiesBeforeItOpensAgainWhatItGaveAwayIsStillAnOwner() {
    long heirs = open(heir);
    long others = open(other);
    long term = open(dead);
    long id = accept(dead, term, 1, 1).getFirst();
    assertThat(await(tasks.giveAway(dead.name(), term, heir.name()))).isTrue();
    assertThat(await(succession.owners())).contains(dead.name(), heir.name());
    // What it was given on the way is not lost with it.
    long otherId = accept(other, others, 1, 1).getFirst();
    assertThat(await(tasks.giveAway(other.name(), others, dead.name()))).isTrue();
    die(dead, Death.DISCONNECTED);
    assertThat(take(dead, heir).answer()).isEqualTo(Answer.TAKEN);
    await(tasks.adopt(heir.name(), heirs));
    assertThat(unfinished(heir)).extracting(Pending::id).containsExactlyInAnyOrder(id, otherId);
  }

  @Test
  void whatIsGivenToAServerWhoseQueueIsTakenAtThatMomentGoesWithItOrStays() {
    for (int round = 0; round < 20; round++) {
      Server giver = add();
      Server dying = add();
      long term = open(giver);
      long id = accept(giver, term, 1, 1).getFirst();
      open(dying);
      open(heir);
      die(dying, Death.SILENT);
      // The evidence comes between the look of the giver and the taking: both go at once.
      Future<Boolean> given = giving().giveAway(giver.name(), term, dying.name());
      Future<Taking> taken = succession.take(epoch, incarnation, dying.name(), heir.name());
      assertThat(await(taken).answer()).isEqualTo(Answer.TAKEN);
      assertThat(await(tasks.read(id)).orElseThrow().owner())
          .isEqualTo(await(given) ? heir.name() : giver.name());
    }
  }

  @Test
  void anAttemptTooManyEndsDeadAndIsCountedOnce() {
    long heirs = open(heir);
    long term = open(dead);
    List<Long> ids =
        await(
                tasks.accept(
                    dead.name(),
                    term,
                    "alice",
                    null,
                    TaskId.of(term, 1),
                    List.of(new NewTask(new Query("u1"), 5, 0, 0, 1), TASK)))
            .ids();
    await(tasks.noteDispatching(dead.name(), term, new Scope.All(), ids.get(1)));
    die(dead, Death.RELEASED);
    take(dead, heir);
    Map<State, Long> counts = new Opened(heirs, await(tasks.adopt(heir.name(), heirs))).counts();
    assertThat(counts).containsAllEntriesOf(Map.of(State.DEAD, 1L, State.FAILED, 1L));
    assertThat(await(tasks.read(ids.get(0))).orElseThrow().state()).isEqualTo(State.DEAD);
    assertThat(await(tasks.open(heir.name())).counts()).isEqualTo(counts);
  }
}
