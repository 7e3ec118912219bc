package dev.batuta.gateway;

import static dev.batuta.node.TestCluster.await;
import static org.assertj.core.api.Assertions.assertThat;

import dev.batuta.codec.Failure;
import dev.batuta.database.Database;
import dev.batuta.database.DatabaseLink;
import dev.batuta.database.TestDatabase;
import dev.batuta.gateway.services.LoginService;
import dev.batuta.identity.MySqlUserStore;
import dev.batuta.identity.Session;
import dev.batuta.identity.TokenSigner;
import dev.batuta.identity.UserStore;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.sqlclient.Tuple;
import java.lang.reflect.Proxy;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Before a database that may be away; what ends with a session is shown at each door. */
class SessionEndTest {
  private static final Duration SOON = Duration.ofMillis(50);
  private static final Duration LONG = Duration.ofSeconds(20);

  private final TestDatabase database = TestDatabase.fresh();
  private final DatabaseLink link = DatabaseLink.to(database.address());
  private final Vertx vertx = Vertx.vertx();
  private final Context context = vertx.getOrCreateContext();
  private final UserStore users = new MySqlUserStore(Database.connect(vertx, link.address(), 2));
  private final AtomicInteger looks = new AtomicInteger();
  private final List<Failure> heard = new CopyOnWriteArrayList<>();
  private volatile Runnable onLook = () -> {};

  @AfterEach
  void close() {
    await(vertx.close());
    link.close();
    database.close();
  }

  private Session session(Duration validity) {
    return new TokenSigner(vertx, await(users.keys().current()))
        .issue(ServerFixture.ALICE, validity);
  }

  private LoginService logins(Duration recheck) {
    return new LoginService(vertx, watched(), recheck);
  }

  /** The users, and each look at the keys is counted. */
  private UserStore watched() {
    return (UserStore)
        Proxy.newProxyInstance(
            UserStore.class.getClassLoader(),
            new Class<?>[] {UserStore.class},
            (proxy, method, given) -> {
              if (method.getName().equals("keys")) {
                looks.incrementAndGet();
                onLook.run();
              }
              return method.invoke(users, given);
            });
  }

  private SessionEnd open(LoginService logins, Session session) {
    return await(
        Future.future(
            opened ->
                context.runOnContext(
                    here -> opened.complete(new SessionEnd(vertx, logins, session, heard::add)))));
  }

  /** Whatever the way to the database. */
  private void update(String sql) {
    await(database.database().update(sql, Tuple.tuple()));
  }

  /** There is another key, and the first one is none any more. */
  private void replaceKey() {
    await(new MySqlUserStore(database.database()).keys().rotate());
    update("DELETE FROM signing_key WHERE id = 1");
  }

  private void awaitLooks(int more) {
    int before = looks.get();
    Awaitility.await().atMost(LONG).until(() -> looks.get() >= before + more);
  }

  private void awaitEnd(String code) {
    Awaitility.await().atMost(LONG).until(() -> !heard.isEmpty());
    assertThat(heard).extracting(Failure::code).containsExactly(code);
  }

  @Test
  void itComesWhenTheTokenExpiresWhateverTheDatabaseSays() {
    Session session = session(Duration.ofSeconds(2));
    link.cut();

    open(logins(Duration.ofHours(1)), session);

    awaitEnd("token-expired");
    assertThat(Instant.now()).isAfterOrEqualTo(session.expiresAt());
    assertThat(looks).hasValue(0);
  }

  @Test
  void itDoesNotComeWhileTheDatabaseIsAwayAndComesWhenThatIsBackAndHasTheKeyNoMore() {
    Session session = session(Duration.ofHours(1));
    LoginService logins = logins(SOON);
    await(logins.session(session.token()));
    open(logins, session);
    link.cut();
    awaitLooks(5);
    assertThat(heard).isEmpty();

    replaceKey();
    awaitLooks(5);
    assertThat(heard).isEmpty();

    link.mend();
    awaitEnd("token-invalid");
  }

  @Test
  void itDoesNotComeWhereTheFaultIsNotTheTokens() {
    Session session = session(Duration.ofHours(1));
    update("UPDATE signing_key SET secret = REPEAT('z', 64)"); // no such thing is written here
    open(logins(SOON), session);
    awaitLooks(5);
    assertThat(heard).isEmpty();

    update("DELETE FROM signing_key");
    awaitEnd("token-invalid");
  }

  @Test
  void itDoesNotComeOnceItIsCancelled() {
    LoginService logins = logins(Duration.ofHours(1));
    Session session = session(Duration.ofSeconds(2));
    SessionEnd cancelled = open(logins, session);
    context.runOnContext(here -> cancelled.cancel());
    open(logins, session);

    awaitEnd("token-expired");
  }

  @Test
  void itDoesNotComeOnceItIsCancelledWhileTheTokenIsLookedAt() {
    Session session = session(Duration.ofHours(1));
    replaceKey();
    LoginService logins = logins(SOON);
    SessionEnd cancelled = open(logins, session);
    onLook = () -> context.runOnContext(here -> cancelled.cancel());
    open(logins, session);

    awaitEnd("token-invalid");
  }
}
