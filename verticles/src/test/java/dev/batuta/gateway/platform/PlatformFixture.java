package dev.batuta.gateway.platform;

import static dev.batuta.node.TestCluster.await;
import static org.assertj.core.api.Assertions.assertThat;

import dev.batuta.codec.TaskMessage.Task;
import dev.batuta.database.Database;
import dev.batuta.gateway.AllowedHosts;
import dev.batuta.gateway.DoorCounts;
import dev.batuta.gateway.DoorSettings;
import dev.batuta.gateway.ForeignProgram;
import dev.batuta.gateway.Listening;
import dev.batuta.gateway.ServerFixture;
import dev.batuta.gateway.TlsSettings;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;

/** The door of the platform before a server in this JVM, and clients and workers in Python. */
abstract class PlatformFixture {
  static final int MAX_CONNECTIONS = 20;
  static final int MESSAGES_PER_SECOND = 1_000;
  static final int MAX_BYTES = 64 << 10;

  /** Of frames that are not complete. */
  static final int HELD_BYTES = 4 * MAX_BYTES;

  static ServerFixture server;
  private static RegistrationStore registrations;

  final DoorCounts counts = new DoorCounts();
  PlatformDoor door;
  private final List<ForeignProgram> programs = new ArrayList<>();
  ForeignProgram client;
  String alice;

  @BeforeAll
  static void start(@TempDir Path folder) {
    server = new ServerFixture(folder, Set.of());
    registrations =
        new MySqlRegistrationStore(
            Database.connect(server.node().vertx(), server.database().address(), 2));
  }

  @AfterAll
  static void stop() {
    server.close();
  }

  @BeforeEach
  void open() {
    door = door(new AllowedHosts(List.of()));
    await(door.open());
    client = python("client.py", Integer.toString(port()));
    alice = login("alice", "password1");
  }

  @AfterEach
  void close() {
    programs.forEach(ForeignProgram::close);
    await(door.close());
    Awaitility.await().atMost(Duration.ofSeconds(20)).until(() -> workers().isEmpty());
  }

  PlatformDoor door(AllowedHosts allowed) {
    return door(0, allowed, MESSAGES_PER_SECOND, Optional.empty());
  }

  /** Closes the door, and opens it anew at the same port. */
  void restart() {
    int port = port();
    await(door.close());
    door = door(port, new AllowedHosts(List.of()), MESSAGES_PER_SECOND, Optional.empty());
    await(door.open());
  }

  PlatformDoor door(
      int port, AllowedHosts allowed, int messagesPerSecond, Optional<TlsSettings> tls) {
    return door(port, allowed, messagesPerSecond, tls, counts);
  }

  PlatformDoor door(
      int port,
      AllowedHosts allowed,
      int messagesPerSecond,
      Optional<TlsSettings> tls,
      DoorCounts counts) {
    return new PlatformDoor(
        server.node().vertx(),
        new DoorSettings(
            "platform",
            new Listening.Place("127.0.0.1", port, "platform.host", "platform.port"),
            allowed,
            MAX_CONNECTIONS,
            MAX_BYTES,
            HELD_BYTES,
            messagesPerSecond,
            Duration.ofSeconds(60),
            Duration.ofSeconds(3),
            tls),
        server.gateway(),
        counts,
        new PlatformDoor.Farm(
            Duration.ofSeconds(1),
            () -> true,
            said -> server.node().bus().clock().onReceive(said),
            registrations));
  }

  ForeignProgram python(String program, String... arguments) {
    ForeignProgram started =
        ForeignProgram.python(Path.of("src/test/resources/platform", program), arguments);
    programs.add(started);
    return started;
  }

  int port() {
    return Objects.requireNonNull(door.ports().get("platform"));
  }

  static JsonObject message(String type) {
    return new JsonObject().put("type", type);
  }

  JsonObject ask(JsonObject message) {
    return client.ask(message);
  }

  String login(String user, String password) {
    return ask(message("auth").put("username", user).put("password", password)).getString("token");
  }

  String submit(JsonObject payload) {
    JsonObject answer = ask(message("submit_task").put("token", alice).put("payload", payload));
    assertThat(answer.getMap().keySet()).containsExactlyInAnyOrder("ok", "task_id", "assigned");
    assertThat(answer.getBoolean("ok") && answer.getBoolean("assigned")).isTrue();
    return answer.getString("task_id");
  }

  JsonObject query(String task) {
    JsonObject answer = ask(message("query_task").put("token", alice).put("task_id", task));
    assertThat(answer.getBoolean("ok")).as(answer.encode()).isTrue();
    return answer.getJsonObject("task");
  }

  JsonObject ended(String task) {
    return Awaitility.await()
        .atMost(Duration.ofSeconds(60))
        .until(
            () -> query(task), read -> Set.of("done", "failed").contains(read.getString("status")));
  }

  Task read(String task) {
    return await(
        server.gateway().services().tasks().read(ServerFixture.ADMIN, task, Duration.ZERO));
  }

  static JsonObject seconds(double duration) {
    return new JsonObject().put("duration", duration);
  }

  static List<String> workers() {
    await(server.gateway().cluster().refresh());
    JsonArray all = server.gateway().cluster().workersJson();
    List<String> names = new ArrayList<>();
    for (int i = 0; i < all.size(); i++) {
      names.add(all.getJsonObject(i).getString("id"));
    }
    return names;
  }

  ForeignProgram worker(String id, String habit) {
    ForeignProgram worker = python("worker.py", Integer.toString(port()), id, habit);
    Awaitility.await()
        .atMost(Duration.ofSeconds(20))
        .until(() -> workers().contains(id + "@" + ServerFixture.NODE));
    assertThat(worker.awaitPrinted("registered", 1))
        .containsExactly(
            new JsonObject()
                .put("registered", new JsonObject().put("ok", true).put("worker_id", id)));
    return worker;
  }
}
