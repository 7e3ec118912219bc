package dev.batuta.messaging;

import static org.assertj.core.api.Assertions.assertThat;

import dev.batuta.codec.ChatMessage.Posted;
import dev.batuta.codec.Failure;
import dev.batuta.messaging.log.OpLog;
import dev.batuta.messaging.log.StuckDisk;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicReference;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Servers whose disks fill up, or rot. */
class MessagingDiskTest extends ThreeMessagingServers {
  MessagingDiskTest(@TempDir Path folder) {
    super(folder);
  }

  @Test
  void aServerWhoseDiskTakesNothingSaysSoAndGoesOnByItselfUnderANewIncarnation()
      throws SQLException {
    startAll();
    geral("s1");
    List<Posted> all = new ArrayList<>();
    all.add(publish("s2", "before", "1"));
    awaitEqual();
    long first = log("s2").self().incarnation();
    StuckDisk stuck = StuckDisk.of(file("s2"));

    refused(() -> publish("s2", "lost", "2"), Failure.Kind.UNAVAILABLE, "message-log-unwritten");
    Awaitility.await().atMost(PATIENCE).until(() -> verticle("s2").outage().isPresent());
    refused(() -> publish("s2", "lost", "2"), Failure.Kind.UNAVAILABLE, "message-log-unwritten");
    assertThat(history("s2")).as("it is read meanwhile").isEqualTo(all);
    all.add(publish("s1", "by the other two", "3"));
    assertThat(verticle("s2").outage()).isPresent();
    stuck.free();

    awaitServes("s2");
    awaitEqual();
    all.add(publish("s2", "lost", "2"));
    awaitEqual();
    for (String server : SERVERS) {
      assertThat(history(server)).isEqualTo(all);
    }
    assertThat(log("s2").self().incarnation()).isNotEqualTo(first);
    assertThat(all).extracting(Posted::id).doesNotHaveDuplicates();
    assertThat(log("s2").writes().failures()).isPositive();
  }

  /** Of three it needs both others to count again. */
  @Test
  void aNewDiskIsFilledAlsoFromAServerWhoseDiskTakesNothing() throws SQLException {
    startAll();
    geral("s1");
    publish("s1", "olá", "1");
    awaitEqual();
    StuckDisk stuck = StuckDisk.of(file("s2"));
    refused(() -> publish("s2", "lost", "2"), Failure.Kind.UNAVAILABLE, "message-log-unwritten");
    stop("s3");
    erase("s3");

    start("s3");
    Awaitility.await().atMost(PATIENCE).until(() -> isComplete("s3"));
    assertThat(verticle("s2").outage()).isPresent();
    publish("s1", "by the other two", "3");
    stuck.free();
    awaitServes("s2");
    awaitEqual();
  }

  @Test
  void aServerThatMeetsDamageSetsTheFileAsideAndIsFilledByTheOthers() throws SQLException {
    startAll();
    geral("s1");
    List<Posted> all = new ArrayList<>();
    all.add(publish("s2", "by s2", "1"));
    all.add(publish("s1", "by s1", "2"));
    awaitEqual();
    OpLog damaged = log("s2");
    List<String> texts = new CopyOnWriteArrayList<>();
    List<String> positions = new CopyOnWriteArrayList<>();
    AtomicReference<Throwable> lost = new AtomicReference<>();
    subscribe("s2", null, texts, positions).ended().onFailure(lost::set);
    all.add(publish("s2", "heard", "3"));
    Awaitility.await().atMost(PATIENCE).until(() -> texts.contains("heard"));
    change("s2", "UPDATE op SET content = replace(content, 'by s1', 'by s9')");

    refused(() -> history("s2"), Failure.Kind.UNAVAILABLE, "message-log-unread");
    Awaitility.await().atMost(PATIENCE).until(() -> !log("s2").equals(damaged));
    awaitServes("s2");
    awaitEqual();

    assertThat(aside("s2")).exists();
    assertThat(history("s2")).isEqualTo(all);
    assertThat(lost.get()).hasMessageContaining("damaged");
    // Who followed there goes on behind what it had, and is given nothing old.
    texts.clear();
    subscribe("s2", positions.getLast(), texts, positions);
    all.add(publish("s2", "again", "4"));
    Awaitility.await().atMost(PATIENCE).until(() -> texts.contains("again"));
    assertThat(texts).containsExactly("again");
    awaitEqual();
    assertThat(history("s3")).isEqualTo(all);
    assertThat(isComplete("s2")).isTrue();
  }

  @Test
  void aFileThatRottedWhileItsServerWasDownDoesNotCountUntilItIsFilled() throws IOException {
    startAll();
    geral("s1");
    publish("s1", "acked", "1");
    awaitEqual();
    stop("s3");
    stop("s2");
    byte[] bytes = Files.readAllBytes(file("s2"));
    String rows = new String(bytes, StandardCharsets.ISO_8859_1);
    for (int at = rows.indexOf("acked"); at >= 0; at = rows.indexOf("acked", at + 1)) {
      bytes[at] ^= 1;
    }
    Files.write(file("s2"), bytes);

    start("s2");
    Awaitility.await().atMost(PATIENCE).until(() -> Files.exists(aside("s2")));
    awaitServes("s2");
    refused(() -> publish("s1", "olá", "2"), Failure.Kind.UNKNOWN, "publish-unknown");
    start("s3");
    publish("s1", "olá", "2");
    awaitEqual();
    assertThat(history("s2")).extracting(Posted::text).containsExactly("acked", "olá");
  }

  private void awaitServes(String server) {
    Awaitility.await().atMost(PATIENCE).until(() -> verticle(server).outage().isEmpty());
  }

  private OpLog log(String server) {
    return verticle(server).log().orElseThrow();
  }

  private Path file(String server) {
    return disk(server).resolve("messages.db");
  }

  private Path aside(String server) {
    return disk(server).resolve("messages.db.damaged-1");
  }

  private void change(String server, String sql) throws SQLException {
    try (Connection connection = DriverManager.getConnection("jdbc:sqlite:" + file(server));
        Statement statement = connection.createStatement()) {
      statement.execute("PRAGMA busy_timeout=5000");
      statement.execute(sql);
    }
  }
}
