package dev.batuta.database;

import static dev.batuta.database.TestDatabase.await;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import io.vertx.core.Future;
import io.vertx.sqlclient.Tuple;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.slf4j.LoggerFactory;

/** What a process says of a database that is away, however many of its components ask. */
class OutageTest {
  private static final TestDatabase DATABASE = TestDatabase.fresh();
  private static final Duration SOON = Duration.ofMillis(500);
  private static final long INCARNATION = 77;

  private final DatabaseLink link = DatabaseLink.to(DATABASE.address());
  private final Database database = Database.connect(DATABASE.vertx(), link.address(), 4);
  private final IncarnationLock lock = new IncarnationLock(database);
  private final Logger logger = (Logger) LoggerFactory.getLogger("dev.batuta");
  private final ListAppender<ILoggingEvent> log = new ListAppender<>();

  @AfterAll
  static void stop() {
    DATABASE.close();
  }

  @BeforeEach
  void listen() {
    await(lock.hold(INCARNATION));
    assertThat(failures()).isZero();
    log.start();
    logger.addAppender(log);
  }

  @AfterEach
  void close() {
    logger.detachAppender(log);
    await(lock.close());
    await(database.close());
    link.close();
  }

  /** How many of some components get no answer now. */
  private long failures() {
    List<Future<?>> asked =
        List.of(
            database.ping(SOON),
            database.query("SELECT 1", Tuple.tuple()).timeout(500, TimeUnit.MILLISECONDS),
            lock.execute(INCARNATION, "DO 0", Tuple.tuple()).timeout(1500, TimeUnit.MILLISECONDS));
    await(Future.join(asked).transform(end -> Future.succeededFuture()));
    return asked.stream().filter(Future::failed).count();
  }

  private List<String> warnings() {
    return List.copyOf(log.list).stream()
        .filter(event -> event.getLevel().isGreaterOrEqual(Level.WARN))
        .map(event -> event.getFormattedMessage() + " " + event.getKeyValuePairs())
        .toList();
  }

  @Test
  void itIsSaidOnceThatItIsAwaySinceWhenAndWhyAndOnceThatItIsBackAfterHowLong() {
    link.cut();
    Awaitility.await()
        .atMost(Duration.ofSeconds(20))
        .until(() -> failures() > 0 && !warnings().isEmpty());
    for (int i = 0; i < 20; i++) {
      assertThat(failures()).isEqualTo(3);
    }
    assertThat(warnings()).hasSize(1);
    assertThat(warnings().getFirst())
        .startsWith("the database is away, what needs it waits and tries again")
        .contains("database=\"" + link.address().host() + ":" + link.address().port())
        .contains("since=\"20")
        .contains("why=\"");

    link.mend();
    Awaitility.await().atMost(Duration.ofSeconds(20)).until(() -> failures() == 0);
    assertThat(failures()).isZero();
    assertThat(warnings()).hasSize(2);
    assertThat(warnings().getLast()).startsWith("the database is back").contains("millis=\"");
  }

  @Test
  void oneThatHangsIsAwayToo() throws IOException {
    try (ServerSocket silent = new ServerSocket(0, 50, InetAddress.getLoopbackAddress())) {
      DatabaseAddress hung =
          new DatabaseAddress("127.0.0.1", silent.getLocalPort(), "hung", "nobody", "");
      Database asked = Database.connect(DATABASE.vertx(), hung, 1);
      for (int i = 0; i < 3; i++) {
        assertThatThrownBy(() -> await(asked.ping(SOON)));
      }
      assertThat(warnings()).hasSize(1);
    }
  }

  @Test
  void aConnectionThatIsCutWhileOthersAreAnsweredIsNoOutage() {
    for (int i = 0; i < 5; i++) {
      DATABASE.killConnectionHolding(IncarnationLock.name(INCARNATION));
      Awaitility.await().atMost(Duration.ofSeconds(20)).until(() -> failures() == 0);
      await(lock.hold(INCARNATION));
    }
    assertThat(warnings()).isEmpty();
  }
}
