package dev.batuta.gateway.services;

import static dev.batuta.gateway.ServerFixture.ADMIN;
import static dev.batuta.gateway.ServerFixture.ALICE;
import static dev.batuta.gateway.ServerFixture.BOB;
import static dev.batuta.node.TestCluster.await;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.batuta.codec.ChatMessage.Posted;
import dev.batuta.codec.Failure.Kind;
import dev.batuta.codec.Refused;
import dev.batuta.codec.TaskMessage.Custom;
import dev.batuta.codec.TaskMessage.NewTask;
import dev.batuta.codec.TaskMessage.Query;
import dev.batuta.codec.TaskMessage.State;
import dev.batuta.codec.TaskMessage.Task;
import dev.batuta.codec.TaskMessage.TaskPage;
import dev.batuta.gateway.ServerFixture;
import dev.batuta.gateway.services.ChatService.PageOf;
import dev.batuta.gateway.services.ChatService.Saying;
import dev.batuta.gateway.services.TaskService.Filter;
import dev.batuta.identity.Caller;
import dev.batuta.identity.Session;
import io.vertx.core.Future;
import java.math.BigDecimal;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.OptionalInt;
import java.util.Set;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;

/** What a door that is not HTTP may ask: the rules are those of every door. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class ServicesTest {
  private static final NewTask LATER = new NewTask(new Query("alice"), 0, 7_000_000_000_000L, 0, 0);
  private static final PageOf FIRST = new PageOf(null, 100);

  private ServerFixture server;
  private Services services;

  @BeforeAll
  void start(@TempDir Path folder) {
    server = new ServerFixture(folder, Set.of());
    services = server.gateway().services();
  }

  @AfterAll
  void stop() {
    server.close();
  }

  @Test
  void anothersTaskIsNeitherReadNorDecidedAbout() {
    String id = submitted(ALICE, LATER);
    for (Supplier<Future<Task>> asked :
        List.<Supplier<Future<Task>>>of(
            () -> services.tasks().read(BOB, id, Duration.ofMinutes(1)),
            () -> services.tasks().cancel(BOB, id),
            () -> services.tasks().retry(BOB, id, OptionalInt.of(1)))) {
      assertRefused(asked, Kind.FORBIDDEN, "Task " + id + " is another user's; ask an admin.");
    }
    assertThat(ask(() -> services.tasks().read(ALICE, id, Duration.ZERO)).user())
        .isEqualTo("alice");
    assertThat(ask(() -> services.tasks().cancel(ADMIN, id)).error())
        .isEqualTo("cancelled by admin");
  }

  @Test
  void aDoorWithoutCredentialsActsUnderAnyRegisteredNameAndMayDoNothingElse() {
    Caller door = Caller.ofDoor("zeromq");
    ChatService chat = services.chat();
    await(chat.register(door, "of-the-door"));
    await(chat.createChannel(door, "of-the-door-too"));
    Saying said = new Saying("of-the-door", "x", "id-of-the-door", 1_600_000_000_000L);
    Posted posted = await(chat.publish(door, "of-the-door-too", said));
    assertThat(posted.timeMillis()).isEqualTo(1_600_000_000_000L);
    assertThat(await(chat.history(door, "of-the-door-too", PageOf.newest(1))).items())
        .containsExactly(posted);
    assertThatThrownBy(
            () ->
                await(chat.publish(door, "of-the-door-too", new Saying("unregistered", "x", null))))
        .hasMessageContaining("no user 'unregistered'");
    Saying dated = new Saying("of-the-door", "y", null, 1_600_000_000_000L);
    assertThat(await(chat.publish(ADMIN, "of-the-door-too", dated)).timeMillis())
        .as("an admin's message is of now")
        .isGreaterThan(1_600_000_000_000L);
    assertThat(await(chat.operations(door, 0)).items()).hasSizeGreaterThanOrEqualTo(4);
    assertRefused(() -> chat.operations(ALICE, 0), Kind.FORBIDDEN, "\"alice\" is no admin");
    assertThat(door.isAdmin()).isFalse();
    assertThatThrownBy(door::checkAdmin).isInstanceOf(Refused.class);
  }

  @Test
  void aListIsOnesOwnUnlessAnAdminAsks() {
    String id = submitted(ALICE, LATER);
    assertThat(listed(BOB, null).items()).extracting(Task::user).doesNotContain("alice");
    assertThat(listed(ADMIN, "alice").items())
        .extracting(task -> Long.toString(task.id()))
        .contains(id);
    assertRefused(
        () -> services.tasks().list(BOB, new Filter("alice", null, null, null, 10)),
        Kind.FORBIDDEN,
        "The tasks of \"alice\" are another user's");
    assertRefused(
        () -> services.tasks().list(BOB, new Filter(null, null, null, "x", 10)),
        Kind.INVALID,
        "after \"x\" is not the next of a page");
    ask(() -> services.tasks().cancel(ALICE, id));
  }

  @Test
  void anIdThatNoTaskCanHaveIsUnknown() {
    for (String id : List.of("x", "-1", "007", "4294967399", "")) {
      assertRefused(
          () -> services.tasks().read(ADMIN, id, Duration.ZERO),
          Kind.NOT_FOUND,
          "There is no task");
    }
  }

  @Test
  void aRepeatedKeyGivesTheFirstTaskAsItIsNow() {
    String id = submitted(ALICE, LATER, "once");
    ask(() -> services.tasks().cancel(ALICE, id));
    TaskService.Submitted again =
        ask(() -> services.tasks().submit(ALICE, LATER, "once", Duration.ZERO));
    assertThat(again.id()).isEqualTo(Long.parseLong(id));
    assertThat(again.seen().orElseThrow().state()).isEqualTo(State.CANCELLED);
  }

  @Test
  void whatTheFormsOfHttpWouldRefuseIsRefusedAllTheSame() {
    assertRefused(
        () -> services.tasks().submit(ALICE, LATER, "k".repeat(129), Duration.ZERO),
        Kind.INVALID,
        "idempotencyKey has 129 characters; use 1 to 128 visible ones.");
    NewTask often = new NewTask(new Query("alice"), 0, 0, 0, 101);
    assertRefused(
        () -> services.tasks().submit(ALICE, new Submission(List.of(LATER, often), null)),
        Kind.INVALID,
        "tasks[1].maxAttempts is 101; use a whole number from 1 to 100.");
  }

  @Test
  void aKindIsKnownAsSoonAsAWorkerTakesItAndRefusedByItsPlaceUntilThen() {
    NewTask remote = new NewTask(new Custom("REMOTE", "{}"), 0, 7_000_000_000_000L, 0, 0);
    assertRefused(
        () -> services.tasks().submit(ALICE, remote, null, Duration.ZERO),
        Kind.INVALID,
        "kind \"REMOTE\" is unknown; use QUERY, UPDATE, TRANSFER, COMPUTE or EXTERNAL.");
    assertRefused(
        () -> services.tasks().submit(ALICE, new Submission(List.of(LATER, remote), null)),
        Kind.INVALID,
        "tasks[1].kind \"REMOTE\" is unknown");
    server.failingWorker("remote", List.of("REMOTE"));
    assertThat(submitted(ALICE, remote)).isNotEmpty();
  }

  @Test
  void aRetryMeansTheAttemptThatIsGivenElseThatOfTheTaskAsItIs() {
    server.failingWorker("broken", List.of());
    NewTask once = new NewTask(new Query("alice"), 0, 0, 0, 1);
    TaskService.Submitted dead =
        ask(() -> services.tasks().submit(ALICE, once, null, Duration.ofSeconds(30)));
    assertThat(dead.seen().orElseThrow().state()).isEqualTo(State.DEAD);
    String id = Long.toString(dead.id());

    assertThat(retried(id, OptionalInt.of(1)).maxAttempts()).isEqualTo(2);
    Task second = ask(() -> services.tasks().read(ALICE, id, Duration.ofSeconds(30)));
    assertThat(second.attempt()).isEqualTo(2);
    // The first request again, as after an answer that was lost.
    assertThat(retried(id, OptionalInt.of(1)).maxAttempts()).isEqualTo(2);
    assertThat(retried(id, OptionalInt.empty()).maxAttempts()).isEqualTo(3);

    String alive = submitted(ALICE, LATER);
    assertRefused(
        () -> services.tasks().retry(ALICE, alive, OptionalInt.empty()),
        Kind.CONFLICT,
        "Task " + alive + " is PENDING: only a DEAD task is retried.");
  }

  @Test
  void aUserIsRegisteredAtFirstUseAndActsUnderItsOwnNameOnly() {
    ask(() -> services.chat().createChannel(ADMIN, "geral"));
    Saying hello = new Saying(null, "olá", "m-1");
    Posted said = ask(() -> services.chat().publish(ALICE, "geral", hello));
    assertThat(said.user()).isEqualTo("alice");
    assertThat(ask(() -> services.chat().publish(ALICE, "geral", hello)).id()).isEqualTo(said.id());
    assertThat(ask(() -> services.chat().users(BOB, FIRST)).items()).contains("alice");
    ask(() -> services.chat().send(BOB, "alice", new Saying(null, "oi", null)));

    assertRefused(
        () -> services.chat().publish(BOB, "geral", new Saying("alice", "x", null)),
        Kind.FORBIDDEN,
        "user \"alice\" is not yours");
    assertRefused(
        () -> services.chat().conversation(BOB, "alice", "bob", FIRST),
        Kind.FORBIDDEN,
        "user \"alice\" is not yours");
    assertRefused(
        () -> services.chat().register(BOB, "carol"), Kind.FORBIDDEN, "\"carol\" is not your name");
    assertThat(ask(() -> services.chat().conversation(ADMIN, "alice", "bob", FIRST)).items())
        .hasSize(1);
  }

  @Test
  void anAdminIsNotRegisteredByActing() {
    ask(() -> services.chat().createChannel(ADMIN, "avisos"));
    assertRefused(
        () -> services.chat().publish(ADMIN, "avisos", new Saying(null, "x", null)),
        Kind.NOT_FOUND,
        "There is no user 'admin'");
  }

  @Test
  void whatIsForAdminsIsRefusedToUsers() {
    for (Supplier<? extends Future<?>> asked :
        List.<Supplier<? extends Future<?>>>of(
            () -> services.accounts().create(ALICE, "new", BigDecimal.ZERO, BigDecimal.ZERO),
            () -> services.accounts().audit(ALICE),
            () -> services.checkpoints().all(ALICE, 10),
            () -> services.checkpoints().of(ALICE, "server-1", null, 10),
            () -> services.coordination().elect(ALICE),
            () -> services.coordination().synchronizeClocks(ALICE))) {
      assertRefused(() -> asked.get().mapEmpty(), Kind.FORBIDDEN, "\"alice\" is no admin");
    }
    assertThat(ask(() -> services.accounts().audit(ADMIN)).ok()).isTrue();
    assertThat(ask(() -> services.checkpoints().all(ADMIN, 10))).hasSize(1);
    assertRefused(
        () -> services.accounts().create(ADMIN, " new", BigDecimal.ZERO, BigDecimal.ZERO),
        Kind.INVALID,
        "user \" new\" has blanks around it");
    assertRefused(
        () -> services.accounts().create(ADMIN, "new", new BigDecimal("0.001"), BigDecimal.ZERO),
        Kind.INVALID,
        "balance 0.001 has more than 2 decimals");
    assertRefused(
        () -> services.accounts().read(ALICE, "nobody"), Kind.NOT_FOUND, "There is no account");
  }

  @Test
  void aTokenIsOfWhoGaveThePasswordAndGuessersWait() {
    Session session = ask(() -> services.logins().login("10.0.0.1", "alice", "password1"));
    assertThat(session.caller()).isEqualTo(ALICE);
    assertThat(ask(() -> services.logins().session(session.token()))).isEqualTo(session);
    assertRefused(() -> services.logins().session("x.y.z"), Kind.UNAUTHENTICATED, "log in again");
    for (int guess = 0; guess < 5; guess++) {
      assertRefused(
          () -> services.logins().login("10.0.0.1", "alice", "guess"),
          Kind.UNAUTHENTICATED,
          "do not belong together");
    }
    assertRefused(
        () -> services.logins().login("10.0.0.1", "alice", "password1"),
        Kind.BUSY,
        "Too many failed");
    assertThat(ask(() -> services.logins().login("10.0.0.2", "alice", "password1")).caller())
        .isEqualTo(ALICE);
  }

  private String submitted(Caller caller, NewTask task) {
    return submitted(caller, task, null);
  }

  private String submitted(Caller caller, NewTask task, @Nullable String key) {
    return Long.toString(ask(() -> services.tasks().submit(caller, task, key, Duration.ZERO)).id());
  }

  private TaskPage listed(Caller caller, @Nullable String user) {
    return ask(() -> services.tasks().list(caller, new Filter(user, null, null, null, 1000)));
  }

  private Task retried(String id, OptionalInt attempt) {
    return ask(() -> services.tasks().retry(ALICE, id, attempt));
  }

  private static <T> T ask(Supplier<Future<T>> asked) {
    return await(asked.get());
  }

  private <T> void assertRefused(Supplier<Future<T>> asked, Kind kind, String sentence) {
    assertThatThrownBy(() -> ask(asked))
        .isInstanceOfSatisfying(
            Refused.class,
            refused -> {
              assertThat(refused.failure().kind()).as(refused.getMessage()).isEqualTo(kind);
              assertThat(refused).hasMessageContaining(sentence);
            });
  }
}
