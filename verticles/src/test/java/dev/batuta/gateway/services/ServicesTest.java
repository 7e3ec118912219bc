package dev.batuta.gateway.services;

import static dev.batuta.gateway.services.ServerFixture.ADMIN;
import static dev.batuta.gateway.services.ServerFixture.ALICE;
import static dev.batuta.gateway.services.ServerFixture.BOB;
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
import dev.batuta.gateway.services.ChatService.PageOf;
import dev.batuta.gateway.services.ChatService.Saying;
import dev.batuta.gateway.services.TaskService.Filter;
import dev.batuta.identity.Caller;
import io.vertx.core.Future;
import java.math.BigDecimal;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.OptionalInt;
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

  @BeforeAll
  void start(@TempDir Path folder) {
    server = new ServerFixture(folder);
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
            () -> server.tasks.read(BOB, id, Duration.ofMinutes(1)),
            () -> server.tasks.cancel(BOB, id),
            () -> server.tasks.retry(BOB, id, OptionalInt.of(1)))) {
      assertRefused(asked, Kind.FORBIDDEN, "Task " + id + " is another user's; ask an admin.");
    }
    assertThat(server.ask(() -> server.tasks.read(ALICE, id, Duration.ZERO)).user())
        .isEqualTo("alice");
    assertThat(server.ask(() -> server.tasks.cancel(ADMIN, id)).error())
        .isEqualTo("cancelled by admin");
  }

  @Test
  void aListIsOnesOwnUnlessAnAdminAsks() {
    String id = submitted(ALICE, LATER);
    assertThat(listed(BOB, null).items()).extracting(Task::user).doesNotContain("alice");
    assertThat(listed(ADMIN, "alice").items())
        .extracting(task -> Long.toString(task.id()))
        .contains(id);
    assertRefused(
        () -> server.tasks.list(BOB, new Filter("alice", null, null, null, 10)),
        Kind.FORBIDDEN,
        "The tasks of \"alice\" are another user's");
    assertRefused(
        () -> server.tasks.list(BOB, new Filter(null, null, null, "x", 10)),
        Kind.INVALID,
        "after \"x\" is not the next of a page");
    server.ask(() -> server.tasks.cancel(ALICE, id));
  }

  @Test
  void anIdThatNoTaskCanHaveIsUnknown() {
    for (String id : List.of("x", "-1", "007", "4294967399", "")) {
      assertRefused(
          () -> server.tasks.read(ADMIN, id, Duration.ZERO), Kind.NOT_FOUND, "There is no task");
    }
  }

  @Test
  void aRepeatedKeyGivesTheFirstTaskAsItIsNow() {
    String id = submitted(ALICE, LATER, "once");
    server.ask(() -> server.tasks.cancel(ALICE, id));
    TaskService.Submitted again =
        server.ask(() -> server.tasks.submit(ALICE, LATER, "once", Duration.ZERO));
    assertThat(again.id()).isEqualTo(Long.parseLong(id));
    assertThat(again.seen().orElseThrow().state()).isEqualTo(State.CANCELLED);
  }

  @Test
  void whatTheFormsOfHttpWouldRefuseIsRefusedAllTheSame() {
    assertRefused(
        () -> server.tasks.submit(ALICE, LATER, "k".repeat(129), Duration.ZERO),
        Kind.INVALID,
        "idempotencyKey has 129 characters; use 1 to 128 visible ones.");
    NewTask often = new NewTask(new Query("alice"), 0, 0, 0, 101);
    assertRefused(
        () -> server.tasks.submit(ALICE, new Submission(List.of(LATER, often), null)),
        Kind.INVALID,
        "tasks[1].maxAttempts is 101; use a whole number from 1 to 100.");
  }

  @Test
  void aKindIsKnownAsSoonAsAWorkerTakesItAndRefusedByItsPlaceUntilThen() {
    NewTask remote = new NewTask(new Custom("REMOTE", "{}"), 0, 7_000_000_000_000L, 0, 0);
    assertRefused(
        () -> server.tasks.submit(ALICE, remote, null, Duration.ZERO),
        Kind.INVALID,
        "kind \"REMOTE\" is unknown; use QUERY, UPDATE, TRANSFER, COMPUTE or EXTERNAL.");
    assertRefused(
        () -> server.tasks.submit(ALICE, new Submission(List.of(LATER, remote), null)),
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
        server.ask(() -> server.tasks.submit(ALICE, once, null, Duration.ofSeconds(30)));
    assertThat(dead.seen().orElseThrow().state()).isEqualTo(State.DEAD);
    String id = Long.toString(dead.id());

    assertThat(retried(id, OptionalInt.of(1)).maxAttempts()).isEqualTo(2);
    Task second = server.ask(() -> server.tasks.read(ALICE, id, Duration.ofSeconds(30)));
    assertThat(second.attempt()).isEqualTo(2);
    // The first request again, as after an answer that was lost.
    assertThat(retried(id, OptionalInt.of(1)).maxAttempts()).isEqualTo(2);
    assertThat(retried(id, OptionalInt.empty()).maxAttempts()).isEqualTo(3);

    String alive = submitted(ALICE, LATER);
    assertRefused(
        () -> server.tasks.retry(ALICE, alive, OptionalInt.empty()),
        Kind.CONFLICT,
        "Task " + alive + " is PENDING: only a DEAD task is retried.");
  }

  @Test
  void aUserIsRegisteredAtFirstUseAndActsUnderItsOwnNameOnly() {
    server.ask(() -> server.chat.createChannel(ADMIN, "geral"));
    Saying hello = new Saying(null, "olá", "m-1");
    Posted said = server.ask(() -> server.chat.publish(ALICE, "geral", hello));
    assertThat(said.user()).isEqualTo("alice");
    assertThat(server.ask(() -> server.chat.publish(ALICE, "geral", hello)).id())
        .isEqualTo(said.id());
    assertThat(server.ask(() -> server.chat.users(BOB, FIRST)).items()).contains("alice");
    server.ask(() -> server.chat.send(BOB, "alice", new Saying(null, "oi", null)));

    assertRefused(
        () -> server.chat.publish(BOB, "geral", new Saying("alice", "x", null)),
        Kind.FORBIDDEN,
        "user \"alice\" is not yours");
    assertRefused(
        () -> server.chat.conversation(BOB, "alice", "bob", FIRST),
        Kind.FORBIDDEN,
        "user \"alice\" is not yours");
    assertRefused(
        () -> server.chat.register(BOB, "carol"), Kind.FORBIDDEN, "\"carol\" is not your name");
    assertThat(server.ask(() -> server.chat.conversation(ADMIN, "alice", "bob", FIRST)).items())
        .hasSize(1);
  }

  @Test
  void anAdminIsNotRegisteredByActing() {
    server.ask(() -> server.chat.createChannel(ADMIN, "avisos"));
    assertRefused(
        () -> server.chat.publish(ADMIN, "avisos", new Saying(null, "x", null)),
        Kind.NOT_FOUND,
        "There is no user 'admin'");
  }

  @Test
  void whatIsForAdminsIsRefusedToUsers() {
    for (Supplier<? extends Future<?>> asked :
        List.<Supplier<? extends Future<?>>>of(
            () -> server.accounts.create(ALICE, "new", BigDecimal.ZERO, BigDecimal.ZERO),
            () -> server.accounts.audit(ALICE),
            () -> server.checkpoints.all(ALICE, 10),
            () -> server.checkpoints.of(ALICE, "server-1", null, 10),
            () -> server.coordination.elect(ALICE),
            () -> server.coordination.synchronizeClocks(ALICE))) {
      assertRefused(() -> asked.get().mapEmpty(), Kind.FORBIDDEN, "\"alice\" is no admin");
    }
    assertThat(server.ask(() -> server.accounts.audit(ADMIN)).ok()).isTrue();
    assertThat(server.ask(() -> server.checkpoints.all(ADMIN, 10))).hasSize(1);
    assertRefused(
        () -> server.accounts.create(ADMIN, " new", BigDecimal.ZERO, BigDecimal.ZERO),
        Kind.INVALID,
        "user \" new\" has blanks around it");
    assertRefused(
        () -> server.accounts.create(ADMIN, "new", new BigDecimal("0.001"), BigDecimal.ZERO),
        Kind.INVALID,
        "balance 0.001 has more than 2 decimals");
    assertRefused(
        () -> server.accounts.read(ALICE, "nobody"), Kind.NOT_FOUND, "There is no account");
  }

  @Test
  void aTokenIsOfWhoGaveThePasswordAndGuessersWait() {
    LoginService.Session session =
        server.ask(() -> server.logins.login("10.0.0.1", "alice", "password1"));
    assertThat(server.ask(() -> server.logins.caller(session.token()))).isEqualTo(ALICE);
    assertRefused(() -> server.logins.caller("x.y.z"), Kind.UNAUTHENTICATED, "log in again");
    for (int guess = 0; guess < 5; guess++) {
      assertRefused(
          () -> server.logins.login("10.0.0.1", "alice", "guess"),
          Kind.UNAUTHENTICATED,
          "do not belong together");
    }
    assertRefused(
        () -> server.logins.login("10.0.0.1", "alice", "password1"), Kind.BUSY, "Too many failed");
    assertThat(server.ask(() -> server.logins.login("10.0.0.2", "alice", "password1")).caller())
        .isEqualTo(ALICE);
  }

  private String submitted(Caller caller, NewTask task) {
    return submitted(caller, task, null);
  }

  private String submitted(Caller caller, NewTask task, @Nullable String key) {
    return Long.toString(
        server.ask(() -> server.tasks.submit(caller, task, key, Duration.ZERO)).id());
  }

  private TaskPage listed(Caller caller, @Nullable String user) {
    return server.ask(() -> server.tasks.list(caller, new Filter(user, null, null, null, 1000)));
  }

  private Task retried(String id, OptionalInt attempt) {
    return server.ask(() -> server.tasks.retry(ALICE, id, attempt));
  }

  private <T> void assertRefused(Supplier<Future<T>> asked, Kind kind, String sentence) {
    assertThatThrownBy(() -> server.ask(asked))
        .isInstanceOfSatisfying(
            Refused.class,
            refused -> {
              assertThat(refused.failure().kind()).as(refused.getMessage()).isEqualTo(kind);
              assertThat(refused).hasMessageContaining(sentence);
            });
  }
}
